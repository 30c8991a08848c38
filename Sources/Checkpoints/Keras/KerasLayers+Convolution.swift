internal import Networks
internal import Tensors

extension KerasLayers {
  static func convolution(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let image = try image(layer, inputs)
    let filters = try layer.integer("filters", in: 1...Plausibility.largestExtent)
    let groups = try layer.integer("groups", default: 1, in: 1...Plausibility.largestExtent)
    guard image.channels % groups == 0, filters % groups == 0 else {
      throw layer.failure(
        "has \(groups) groups for \(image.channels) channels and \(filters) filters")
    }
    let part = try convolutionPart(
      layer, suffix: "", channels: image.channels, filters: filters, groups: groups,
      kernel: try layer.window("kernel_size"), isStrided: true, hasBias: try hasBias(layer),
      weight: KerasWeight(
        "weight", "kernel",
        shape: try kernelShape(layer, image.channels / groups, filters)))
    return [part] + (try innerActivation(of: layer))
  }

  /// The kernel `[height, width, channels, multiplier]` is the engine's
  /// `[height, width, 1, channels · multiplier]` as it lies in memory.
  static func depthwiseConvolution(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let image = try image(layer, inputs)
    let part = try depthwisePart(
      layer, suffix: "", channels: image.channels, hasBias: try hasBias(layer))
    return [part] + (try innerActivation(of: layer))
  }

  static func separableConvolution(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let image = try image(layer, inputs)
    let filters = try layer.integer("filters", in: 1...Plausibility.largestExtent)
    let depthwise = try depthwisePart(
      layer, suffix: "depthwise", channels: image.channels, hasBias: false)
    let middle = image.channels * (try multiplier(layer))
    let pointwise = try convolutionPart(
      layer, suffix: "pointwise", channels: middle, filters: filters, groups: 1,
      kernel: Extent2D(1), isStrided: false, hasBias: try hasBias(layer),
      weight: KerasWeight("weight", "pointwise_kernel", shape: [1, 1, middle, filters]))
    return [depthwise, pointwise] + (try innerActivation(of: layer))
  }

  /// Keras crops what reaches beyond `extent · stride` (same) or adds what is missing to
  /// `(extent − 1) · stride + max(kernel, stride)` (valid).
  static func transposedConvolution(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let image = try image(layer, inputs)
    let filters = try layer.integer("filters", in: 1...Plausibility.largestExtent)
    let kernel = try layer.window("kernel_size")
    let stride = try layer.window("strides", default: 1)
    let dilation = try layer.window("dilation_rate", default: 1)
    guard layer["output_padding"] == nil else {
      throw layer.failure("has an output_padding, which is not supported")
    }
    guard try layer.integer("groups", default: 1, in: 1...Plausibility.largestExtent) == 1 else {
      throw layer.failure("has groups, which are not supported")
    }
    let isSame = try layer.isPaddedSame()
    let vertical = dilation.height * (kernel.height - 1) + 1 - stride.height
    let horizontal = dilation.width * (kernel.width - 1) + 1 - stride.width
    let rows = isSame ? max(0, vertical) : 0
    let columns = isSame ? max(0, horizontal) : 0
    let translated = TransposedConvolutionLayer(
      image.channels, filters, kernel: kernel, stride: stride,
      padding: EdgePadding(
        top: rows / 2, bottom: rows - rows / 2, left: columns / 2, right: columns - columns / 2),
      outputPadding: Extent2D(height: max(0, -vertical), width: max(0, -horizontal)),
      dilation: dilation, hasBias: try hasBias(layer))
    let weight = KerasWeight(
      "weight", "kernel", shape: [kernel.height, kernel.width, filters, image.channels])
    let part = KerasPart(
      translated, weights: [weight] + bias(translated.hasBias, filters))
    return [part] + (try innerActivation(of: layer))
  }

  static func dense(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let units = try layer.integer("units", in: 1...Plausibility.largestExtent)
    guard let input = inputs.first, inputs.count == 1, input.rank >= 1 else {
      throw layer.failure("reads \(inputs.count) values, expected one")
    }
    let hasBias = try hasBias(layer)
    let part = KerasPart(
      LinearLayer(input[-1], units, hasBias: hasBias),
      weights: [KerasWeight("weight", "kernel", shape: [input[-1], units])]
        + bias(hasBias, units))
    return [part] + (try innerActivation(of: layer))
  }

  private static func hasBias(_ layer: KerasConfiguration) throws(CheckpointError) -> Bool {
    try layer.bool("use_bias", default: true)
  }

  private static func multiplier(_ layer: KerasConfiguration) throws(CheckpointError) -> Int {
    try layer.integer("depth_multiplier", default: 1, in: 1...Plausibility.largestWindow)
  }

  private static func bias(_ hasBias: Bool, _ channels: Int) -> [KerasWeight] {
    hasBias ? [KerasWeight("bias", "bias", shape: [channels])] : []
  }

  private static func kernelShape(
    _ layer: KerasConfiguration, _ inputs: Int, _ outputs: Int
  ) throws(CheckpointError) -> Shape {
    let kernel = try layer.window("kernel_size")
    return [kernel.height, kernel.width, inputs, outputs]
  }

  private static func depthwisePart(
    _ layer: KerasConfiguration, suffix: String, channels: Int, hasBias: Bool
  ) throws(CheckpointError) -> KerasPart {
    let multiplier = try multiplier(layer)
    guard channels <= Plausibility.largestExtent / multiplier else {
      throw layer.failure("has \(channels) · \(multiplier) filters, which is too many")
    }
    return try convolutionPart(
      layer, suffix: suffix, channels: channels, filters: channels * multiplier,
      groups: channels, kernel: try layer.window("kernel_size"), isStrided: true,
      hasBias: hasBias,
      weight: KerasWeight(
        "weight", "depthwise_kernel", "kernel",
        shape: try kernelShape(layer, channels, multiplier)))
  }

  private static func convolutionPart(
    _ layer: KerasConfiguration, suffix: String, channels: Int, filters: Int, groups: Int,
    kernel: Extent2D, isStrided: Bool, hasBias: Bool, weight: KerasWeight
  ) throws(CheckpointError) -> KerasPart {
    let padding: Padding = try layer.isPaddedSame() ? .same : .none
    let translated = ConvolutionLayer(
      channels, filters, kernel: kernel,
      stride: isStrided ? try layer.window("strides", default: 1) : 1,
      padding: isStrided ? padding : .none,
      dilation: isStrided ? try layer.window("dilation_rate", default: 1) : 1, groups: groups,
      hasBias: hasBias)
    return KerasPart(translated, suffix: suffix, weights: [weight] + bias(hasBias, filters))
  }
}
