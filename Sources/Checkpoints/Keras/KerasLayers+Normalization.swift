internal import Networks
internal import Tensors

extension KerasLayers {
  /// Keras's momentum is the weight of the old statistics, PyTorch's and the engine's of the new.
  static func batchNormalization(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    guard let input = inputs.first, inputs.count == 1, input.rank >= 1 else {
      throw layer.failure("reads \(inputs.count) values, expected one")
    }
    try layer.requireLastAxis("axis", of: input)
    let channels: Shape = [input[-1]]
    let epsilon = try layer.number("epsilon", default: 0.001)
    let momentum = try layer.number("momentum", default: 0.99)
    guard epsilon >= 0, (0...1).contains(momentum) else {
      throw layer.failure("has epsilon \(epsilon) and momentum \(momentum)")
    }
    let (hasScale, hasShift) = try scaleAndShift(layer)
    return [
      KerasPart(
        BatchNormalizationLayer(
          input[-1], epsilon: epsilon, momentum: 1 - momentum, hasScale: hasScale,
          hasShift: hasShift),
        weights: weights(hasScale, hasShift, channels) + [
          KerasWeight("running_mean", "moving_mean", shape: channels),
          KerasWeight("running_var", "moving_variance", shape: channels),
        ])
    ]
  }

  static func layerNormalization(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    guard let input = inputs.first, inputs.count == 1, input.rank >= 1 else {
      throw layer.failure("reads \(inputs.count) values, expected one")
    }
    try layer.requireLastAxis("axis", of: input)
    let epsilon = try layer.number("epsilon", default: 0.001)
    let (hasScale, hasShift) = try scaleAndShift(layer)
    let shape: Shape = [input[-1]]
    return [
      KerasPart(
        LayerNormalizationLayer(
          shape, epsilon: epsilon, hasScale: hasScale, hasShift: hasShift),
        weights: weights(hasScale, hasShift, shape))
    ]
  }

  static func groupNormalization(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let channels = try image(layer, inputs).channels
    try layer.requireLastAxis("axis", of: inputs[0])
    let wanted = try layer.integer("groups", default: 32, in: -1...Plausibility.largestExtent)
    // Keras takes −1 for one group a channel.
    let groups = wanted == -1 ? channels : wanted
    guard groups > 0, channels % groups == 0 else {
      throw layer.failure("has \(groups) groups for \(channels) channels")
    }
    let (hasScale, hasShift) = try scaleAndShift(layer)
    return [
      KerasPart(
        GroupNormalizationLayer(
          groups: groups, channels: channels,
          epsilon: try layer.number("epsilon", default: 0.001), hasScale: hasScale,
          hasShift: hasShift),
        weights: weights(hasScale, hasShift, [channels]))
    ]
  }

  private static func scaleAndShift(
    _ layer: KerasConfiguration
  ) throws(CheckpointError) -> (scale: Bool, shift: Bool) {
    (try layer.bool("scale", default: true), try layer.bool("center", default: true))
  }

  private static func weights(
    _ hasScale: Bool, _ hasShift: Bool, _ shape: Shape
  ) -> [KerasWeight] {
    (hasScale ? [KerasWeight("weight", "gamma", shape: shape)] : [])
      + (hasShift ? [KerasWeight("bias", "beta", shape: shape)] : [])
  }

  /// A normalization by a mean and a variance that are given or were taken from data once.
  static func normalization(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    guard let input = inputs.first, inputs.count == 1, input.rank >= 1 else {
      throw layer.failure("reads \(inputs.count) values, expected one")
    }
    // Without an axis, one mean and one variance are those of all elements.
    let isOfChannels = layer["axis"].map { $0.array?.isEmpty != true } ?? false
    if isOfChannels { try layer.requireLastAxis("axis", of: input) }
    let isInverted = try layer.bool("invert", default: false)
    if let mean = try layer.numbers("mean"), let variance = try layer.numbers("variance") {
      guard variance.allSatisfy({ $0 >= 0 }) else {
        throw layer.failure("has a negative variance")
      }
      let deviations = variance.map { max($0.squareRoot(), StandardizeLayer.leastDeviation) }
      let count = max(mean.count, deviations.count)
      guard [1, count].contains(mean.count), [1, count].contains(deviations.count) else {
        throw layer.failure("has \(mean.count) means and \(deviations.count) variances")
      }
      let pairs = (0..<count).map {
        (mean[mean.count == 1 ? 0 : $0], deviations[deviations.count == 1 ? 0 : $0])
      }
      return [
        try scaleShift(
          layer, scale: pairs.map { isInverted ? $1 : 1 / $1 },
          shift: pairs.map { isInverted ? $0 : -$0 / $1 }, of: input)
      ]
    }
    guard !isInverted else {
      throw layer.failure("has invert true beside statistics of its own, which is not supported")
    }
    let shape: Shape = isOfChannels ? [input[-1]] : []
    return [
      KerasPart(
        StandardizeLayer(isOfChannels ? input[-1] : 1),
        weights: [
          KerasWeight("mean", "mean", shape: shape),
          KerasWeight("variance", "variance", shape: shape),
          KerasWeight("count", "count", shape: [], isWhole: true),
        ])
    ]
  }
}
