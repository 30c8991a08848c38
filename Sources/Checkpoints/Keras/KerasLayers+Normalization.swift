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
    let hasScale = try layer.bool("scale", default: true)
    let hasShift = try layer.bool("center", default: true)
    return [
      KerasPart(
        BatchNormalizationLayer(input[-1], epsilon: epsilon, momentum: 1 - momentum),
        weights: [
          hasScale
            ? KerasWeight("weight", "gamma", shape: channels) : KerasWeight("weight", constant: 1),
          hasShift
            ? KerasWeight("bias", "beta", shape: channels) : KerasWeight("bias", constant: 0),
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
    guard try !layer.bool("rms_scaling", default: false) else {
      throw layer.failure("has rms_scaling, which is not supported")
    }
    let epsilon = try layer.number("epsilon", default: 0.001)
    let hasScale = try layer.bool("scale", default: true)
    let hasShift = try layer.bool("center", default: true)
    let shape: Shape = [input[-1]]
    return [
      KerasPart(
        LayerNormalizationLayer(shape, epsilon: epsilon),
        weights: [
          hasScale
            ? KerasWeight("weight", "gamma", shape: shape) : KerasWeight("weight", constant: 1),
          hasShift
            ? KerasWeight("bias", "beta", shape: shape) : KerasWeight("bias", constant: 0),
        ])
    ]
  }

  /// A normalisation by one given mean and variance.
  static func normalization(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    func constant(_ key: String) -> Double? {
      var value = layer[key]
      while let elements = value?.array, elements.count == 1 { value = elements[0] }
      return value?.number
    }
    guard let mean = constant("mean"), let variance = constant("variance"), variance >= 0,
      try !layer.bool("invert", default: false)
    else {
      throw layer.failure(
        "has statistics of its own for each channel; only one mean and one variance in its "
          + "configuration are supported: leave the layer out and use an input transform")
    }
    // Keras divides by at least its fuzz factor.
    let deviation = max(variance.squareRoot(), 1e-7)
    return [KerasPart(ScaleShiftLayer(scale: 1 / deviation, shift: -mean / deviation))]
  }
}
