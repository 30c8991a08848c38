internal import Networks
internal import Tensors

extension KerasLayers {
  /// A product and a sum with constants: one for all elements, or one for each channel.
  static func scaleShift(
    _ layer: KerasConfiguration, scale: [Double], shift: [Double], of input: Shape,
    suffix: String = "", sources: [KerasPart.Source]? = nil
  ) throws(CheckpointError) -> KerasPart {
    let count = max(scale.count, shift.count)
    guard count > 1 else {
      return KerasPart(
        ScaleShiftLayer(scale: scale[0], shift: shift[0]), suffix: suffix, sources: sources)
    }
    guard input.rank >= 1, input[-1] == count, [1, count].contains(scale.count),
      [1, count].contains(shift.count)
    else {
      throw layer.failure(
        "has \(count) constants for a value of \(input), expected one, or one a channel")
    }
    func all(_ values: [Double]) -> [Double] {
      values.count == 1 ? Array(repeating: values[0], count: count) : values
    }
    return KerasPart(
      ChannelScaleShiftLayer(scale: all(scale), shift: all(shift)), suffix: suffix,
      sources: sources)
  }

  static func rescaling(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    guard let scale = try layer.numbers("scale"), let input = inputs.first, inputs.count == 1
    else { throw layer.failure("has no scale, or reads \(inputs.count) values") }
    return [
      try scaleShift(layer, scale: scale, shift: try layer.numbers("offset") ?? [0], of: input)
    ]
  }

  static func average(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    [
      KerasPart(AddLayer(), suffix: "sum"),
      KerasPart(ScaleShiftLayer(scale: 1 / Double(max(inputs.count, 1)))),
    ]
  }

  static func difference(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    guard inputs.count == 2 else {
      throw layer.failure("reads \(inputs.count) values, expected two")
    }
    return scaledSum(of: -1)
  }

  /// The first value plus the second times a constant, as in Keras's Inception-ResNet.
  static func scaledSum(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    guard inputs.count == 2 else {
      throw layer.failure("reads \(inputs.count) values, expected two")
    }
    return scaledSum(of: try layer.number("scale"))
  }

  private static func scaledSum(of scale: Double) -> [KerasPart] {
    [
      KerasPart(ScaleShiftLayer(scale: scale), suffix: "scaled", sources: [.input(1)]),
      KerasPart(AddLayer(), sources: [.input(0), .part(0)]),
    ]
  }

  /// A learned factor for each channel, as in Keras's ConvNeXt: a depthwise 1×1 convolution.
  static func layerScale(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let channels = try image(layer, inputs).channels
    guard try layer.integer("projection_dim", in: 1...Plausibility.largestExtent) == channels
    else { throw layer.failure("scales another number of channels than \(channels)") }
    return [
      KerasPart(
        ConvolutionLayer(channels, channels, kernel: 1, groups: channels, hasBias: false),
        // Keras gives the weight no name of its own.
        weights: [KerasWeight("weight", "gamma", "variable", "Variable", shape: [channels])])
    ]
  }

  static func softmax(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    guard let input = inputs.first, inputs.count == 1 else {
      throw layer.failure("reads \(inputs.count) values, expected one")
    }
    try layer.requireLastAxis("axis", of: input)
    return [KerasPart(SoftmaxLayer())]
  }

  /// Values held between two bounds, by the one bounded activation there is.
  static func clip(
    from lower: Double, to upper: Double, suffix: String = ""
  ) -> [KerasPart] {
    let name = suffix.isEmpty ? "" : suffix + "."
    let factor = 6 / (upper - lower)
    return [
      KerasPart(ScaleShiftLayer(scale: factor, shift: -lower * factor), suffix: name + "scale"),
      KerasPart(ActivationLayer(.relu6), suffix: name + "clip"),
      KerasPart(ScaleShiftLayer(scale: 1 / factor, shift: lower), suffix: suffix),
    ]
  }
}
