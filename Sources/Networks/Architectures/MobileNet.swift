public import Tensors

/// Networks of depthwise separable convolutions for weak devices.
public enum MobileNet {
  /// The first version with the names of Keras (`conv1`, `conv_dw_1`, `conv_pw_1`, …, `conv_preds`
  /// as a linear layer): Howard and others 2017, https://arxiv.org/abs/1704.04861, table 1.
  ///
  /// - Parameters:
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`.
  ///   - width: the multiplier of all channels.
  /// - Throws: ``NetworkError`` if the input is too small.
  public static func first(
    classes: Int, inputShape: Shape, width: Double = 1
  ) throws(NetworkError) -> Network {
    var builder = NetworkBuilder(shape: inputShape)
    // Keras pads below and to the right before a stride of 2.
    let below = Padding.explicit(EdgePadding(top: 0, bottom: 1, left: 0, right: 1))
    func scaled(_ channels: Int) -> Int { max(1, Int(Double(channels) * width)) }
    var channels = scaled(32)
    var value = builder.convolution(
      "conv1", "conv1_bn", after: "input", inputShape[2], channels, kernel: 3, stride: 2,
      padding: below, epsilon: 1e-3, momentum: 0.01)
    value = builder.add("conv1_relu", ActivationLayer(.relu6), after: value)
    let blocks = [
      (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1),
      (512, 1), (512, 1), (1024, 2), (1024, 1),
    ]
    for (index, (outputs, stride)) in blocks.enumerated() {
      let block = index + 1
      value = builder.convolution(
        "conv_dw_\(block)", "conv_dw_\(block)_bn", after: value, channels, channels, kernel: 3,
        stride: stride, groups: channels, padding: stride == 1 ? .all(1) : below, epsilon: 1e-3,
        momentum: 0.01)
      value = builder.add("conv_dw_\(block)_relu", ActivationLayer(.relu6), after: value)
      value = builder.convolution(
        "conv_pw_\(block)", "conv_pw_\(block)_bn", after: value, channels, scaled(outputs),
        kernel: 1, epsilon: 1e-3, momentum: 0.01)
      value = builder.add("conv_pw_\(block)_relu", ActivationLayer(.relu6), after: value)
      channels = scaled(outputs)
    }
    value = builder.add("global_average_pooling2d", GlobalAveragePoolLayer(), after: value)
    value = builder.add("dropout", DropoutLayer(rate: 1e-3), after: value)
    value = builder.add("conv_preds", LinearLayer(channels, classes), after: value)
    return try builder.network(name: "mobilenetv1", outputs: [value])
  }

  /// The second version with the names of torchvision (`features.0.0`, `features.1.conv.0.0`, …,
  /// `classifier.1`): Sandler and others 2018, https://arxiv.org/abs/1801.04381, table 2.
  ///
  /// - Parameters:
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`.
  /// - Throws: ``NetworkError`` if the input is too small.
  public static func second(
    classes: Int, inputShape: Shape
  ) throws(NetworkError) -> Network {
    var builder = NetworkBuilder(shape: inputShape)
    var value = builder.normalizedConvolution(
      "features.0", after: "input", inputShape[2], 32, kernel: 3, stride: 2, activation: .relu6)
    var channels = 32
    var index = 1
    for (expansion, outputs, count, first) in [
      (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
      (6, 320, 1, 1),
    ] {
      for repetition in 0..<count {
        let name = "features.\(index)"
        let stride = repetition == 0 ? first : 1
        let entry = value
        let expanded = expansion * channels
        var part = 0
        if expansion != 1 {
          value = builder.normalizedConvolution(
            "\(name).conv.0", after: value, channels, expanded, kernel: 1, activation: .relu6)
          part = 1
        }
        value = builder.normalizedConvolution(
          "\(name).conv.\(part)", after: value, expanded, expanded, kernel: 3, stride: stride,
          groups: expanded, activation: .relu6)
        value = builder.convolution(
          "\(name).conv.\(part + 1)", "\(name).conv.\(part + 2)", after: value, expanded,
          outputs, kernel: 1)
        if stride == 1, channels == outputs {
          value = builder.add("\(name).add", AddLayer(), inputs: [entry, value])
        }
        channels = outputs
        index += 1
      }
    }
    value = builder.normalizedConvolution(
      "features.\(index)", after: value, channels, 1280, kernel: 1, activation: .relu6)
    value = builder.add("avgpool", GlobalAveragePoolLayer(), after: value)
    value = builder.add("classifier.0", DropoutLayer(rate: 0.2), after: value)
    value = builder.add("classifier.1", LinearLayer(1280, classes), after: value)
    return try builder.network(name: "mobilenetv2", outputs: [value])
  }

  /// One row of a table of blocks.
  private struct Block {
    let kernel: Int
    let expanded: Int
    let outputs: Int
    let squeezes: Bool
    let activation: Activation
    let stride: Int

    init(
      _ kernel: Int, _ expanded: Int, _ outputs: Int, _ squeezes: Bool, _ activation: Activation,
      _ stride: Int
    ) {
      self.kernel = kernel
      self.expanded = expanded
      self.outputs = outputs
      self.squeezes = squeezes
      self.activation = activation
      self.stride = stride
    }
  }

  /// The small one of the third version with the names of torchvision (`features.0.0`,
  /// `features.1.block.0.0`, …, `classifier.3`): Howard and others 2019,
  /// https://arxiv.org/abs/1905.02244, table 2.
  ///
  /// - Parameters:
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`.
  /// - Throws: ``NetworkError`` if the input is too small.
  public static func thirdSmall(
    classes: Int, inputShape: Shape
  ) throws(NetworkError) -> Network {
    var builder = NetworkBuilder(shape: inputShape)
    let epsilon = 1e-3
    let momentum = 0.01
    var channels = 16
    var value = builder.normalizedConvolution(
      "features.0", after: "input", inputShape[2], channels, kernel: 3, stride: 2,
      activation: .hardSwish, epsilon: epsilon, momentum: momentum)
    let blocks = [
      Block(3, 16, 16, true, .relu, 2), Block(3, 72, 24, false, .relu, 2),
      Block(3, 88, 24, false, .relu, 1), Block(5, 96, 40, true, .hardSwish, 2),
      Block(5, 240, 40, true, .hardSwish, 1), Block(5, 240, 40, true, .hardSwish, 1),
      Block(5, 120, 48, true, .hardSwish, 1), Block(5, 144, 48, true, .hardSwish, 1),
      Block(5, 288, 96, true, .hardSwish, 2), Block(5, 576, 96, true, .hardSwish, 1),
      Block(5, 576, 96, true, .hardSwish, 1),
    ]
    for (index, block) in blocks.enumerated() {
      let name = "features.\(index + 1)"
      let entry = value
      var part = 0
      if block.expanded != channels {
        value = builder.normalizedConvolution(
          "\(name).block.\(part)", after: value, channels, block.expanded, kernel: 1,
          activation: block.activation, epsilon: epsilon, momentum: momentum)
        part += 1
      }
      value = builder.normalizedConvolution(
        "\(name).block.\(part)", after: value, block.expanded, block.expanded,
        kernel: block.kernel, stride: block.stride, groups: block.expanded,
        activation: block.activation, epsilon: epsilon, momentum: momentum)
      part += 1
      if block.squeezes {
        value = builder.squeezeExcitation(
          "\(name).block.\(part)", after: value, channels: block.expanded,
          squeezed: roundedChannels(Double(block.expanded) / 4), activation: .relu,
          gate: .hardSigmoid)
        part += 1
      }
      value = builder.normalizedConvolution(
        "\(name).block.\(part)", after: value, block.expanded, block.outputs, kernel: 1,
        activation: nil, epsilon: epsilon, momentum: momentum)
      if block.stride == 1, channels == block.outputs {
        value = builder.add("\(name).add", AddLayer(), inputs: [value, entry])
      }
      channels = block.outputs
    }
    value = builder.normalizedConvolution(
      "features.12", after: value, channels, 576, kernel: 1, activation: .hardSwish,
      epsilon: epsilon, momentum: momentum)
    value = builder.add("avgpool", GlobalAveragePoolLayer(), after: value)
    value = builder.add("classifier.0", LinearLayer(576, 1024), after: value)
    value = builder.add("classifier.1", ActivationLayer(.hardSwish), after: value)
    value = builder.add("classifier.2", DropoutLayer(rate: 0.2), after: value)
    value = builder.add("classifier.3", LinearLayer(1024, classes), after: value)
    return try builder.network(name: "mobilenetv3-small", outputs: [value])
  }
}
