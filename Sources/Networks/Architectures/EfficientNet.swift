public import Tensors

/// Networks scaled in depth, width and resolution together: Tan and Le 2019,
/// https://arxiv.org/abs/1905.11946, table 1.
public enum EfficientNet {
  /// The blocks of table 1: expansion, kernel, stride, channels in and out, repetitions.
  private static let stages = [
    (1, 3, 1, 32, 16, 1), (6, 3, 2, 16, 24, 2), (6, 5, 2, 24, 40, 2), (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3), (6, 5, 2, 112, 192, 4), (6, 3, 1, 192, 320, 1),
  ]

  /// EfficientNet-B0 with the names of torchvision (`features.0.0`, `features.1.0.block.0.0`, …,
  /// `classifier.1`).
  ///
  /// Deviation: blocks are never dropped in training (stochastic depth).
  ///
  /// - Parameters:
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`.
  /// - Throws: ``NetworkError`` if the input is too small.
  public static func b0(
    classes: Int, inputShape: Shape
  ) throws(NetworkError) -> Network {
    var builder = NetworkBuilder(shape: inputShape)
    var value = builder.normalizedConvolution(
      "features.0", after: "input", inputShape[2], 32, kernel: 3, stride: 2, activation: .silu)
    for (stage, (expansion, kernel, first, inputs, outputs, count)) in stages.enumerated() {
      for repetition in 0..<count {
        let name = "features.\(stage + 1).\(repetition)"
        let channels = repetition == 0 ? inputs : outputs
        let stride = repetition == 0 ? first : 1
        let expanded = expansion * channels
        let entry = value
        var part = 0
        if expansion != 1 {
          value = builder.normalizedConvolution(
            "\(name).block.\(part)", after: value, channels, expanded, kernel: 1,
            activation: .silu)
          part += 1
        }
        value = builder.normalizedConvolution(
          "\(name).block.\(part)", after: value, expanded, expanded, kernel: kernel,
          stride: stride, groups: expanded, activation: .silu)
        value = builder.squeezeExcitation(
          "\(name).block.\(part + 1)", after: value, channels: expanded,
          squeezed: max(1, channels / 4), activation: .silu, gate: .sigmoid)
        value = builder.normalizedConvolution(
          "\(name).block.\(part + 2)", after: value, expanded, outputs, kernel: 1,
          activation: nil)
        if stride == 1, channels == outputs {
          value = builder.add("\(name).add", AddLayer(), inputs: [value, entry])
        }
      }
    }
    value = builder.normalizedConvolution(
      "features.8", after: value, 320, 1280, kernel: 1, activation: .silu)
    value = builder.add("avgpool", GlobalAveragePoolLayer(), after: value)
    value = builder.add("classifier.0", DropoutLayer(rate: 0.2), after: value)
    value = builder.add("classifier.1", LinearLayer(1280, classes), after: value)
    return try builder.network(name: "efficientnet-b0", outputs: [value])
  }

  /// EfficientNet-Lite0, without squeeze and excitation and with ReLU6, as TensorFlow's reference
  /// pads it and with the names its PyTorch ports keep (`_conv_stem`, `_blocks.0._depthwise_conv`,
  /// …, `_fc`): https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite.
  ///
  /// - Parameters:
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`.
  /// - Throws: ``NetworkError`` if the input is too small.
  public static func lite0(
    classes: Int, inputShape: Shape
  ) throws(NetworkError) -> Network {
    var builder = NetworkBuilder(shape: inputShape)
    func add(
      _ name: String, _ normalization: String, _ activation: String?, after input: String,
      _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1
    ) -> String {
      let value = builder.convolution(
        name, normalization, after: input, inputs, outputs, kernel: kernel, stride: stride,
        groups: groups, padding: .same, epsilon: 1e-3, momentum: 0.01)
      guard let activation else { return value }
      return builder.add(activation, ActivationLayer(.relu6), after: value)
    }
    var value = add(
      "_conv_stem", "_bn0", "_relu0", after: "input", inputShape[2], 32, kernel: 3, stride: 2)
    var index = 0
    for (expansion, kernel, first, inputs, outputs, count) in stages {
      for repetition in 0..<count {
        let name = "_blocks.\(index)"
        let channels = repetition == 0 ? inputs : outputs
        let stride = repetition == 0 ? first : 1
        let expanded = expansion * channels
        let entry = value
        if expansion != 1 {
          value = add(
            "\(name)._expand_conv", "\(name)._bn0", "\(name)._relu0", after: value, channels,
            expanded, kernel: 1)
        }
        value = add(
          "\(name)._depthwise_conv", "\(name)._bn1", "\(name)._relu1", after: value, expanded,
          expanded, kernel: kernel, stride: stride, groups: expanded)
        value = add(
          "\(name)._project_conv", "\(name)._bn2", nil, after: value, expanded, outputs,
          kernel: 1)
        if stride == 1, channels == outputs {
          value = builder.add("\(name).add", AddLayer(), inputs: [value, entry])
        }
        index += 1
      }
    }
    value = add("_conv_head", "_bn1", "_relu1", after: value, 320, 1280, kernel: 1)
    value = builder.add("_avg_pooling", GlobalAveragePoolLayer(), after: value)
    value = builder.add("_dropout", DropoutLayer(rate: 0.2), after: value)
    value = builder.add("_fc", LinearLayer(1280, classes), after: value)
    return try builder.network(name: "efficientnet-lite0", outputs: [value])
  }
}
