public import Tensors

/// Residual networks: He and others, "Deep Residual Learning for Image Recognition",
/// https://arxiv.org/abs/1512.03385.
public enum ResNet {
  /// What stands before the first stage.
  public enum Stem: String, Codable, CaseIterable, Sendable {
    /// 7×7 convolution with stride 2 and a max pool: for images of 224×224.
    case imagenet
    /// 3×3 convolution with stride 1: for images of 32×32.
    case cifar
  }

  /// The narrow network of section 4.2: `6n + 2` layers, three stages of 16, 32 and 64 channels,
  /// shortcuts without parameters (option A: every second pixel, zeros for new channels).
  ///
  /// Parameter names are those of the usual PyTorch implementation: `conv1`, `bn1`,
  /// `layer1.0.conv1`, …, `linear`.
  ///
  /// - Parameters:
  ///   - depth: 8, 20, 32, 44, 56, … (`6n + 2`).
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`.
  /// - Throws: ``NetworkError`` if the input is too small.
  public static func narrow(
    depth: Int, classes: Int, inputShape: Shape
  ) throws(NetworkError) -> Network {
    precondition(depth >= 8 && depth % 6 == 2, "ResNet.narrow: depth \(depth) is not 6n + 2")
    var builder = NetworkBuilder(shape: inputShape)
    var value = builder.convolution("conv1", "bn1", after: "input", inputShape[2], 16, kernel: 3)
    value = builder.add("relu", ActivationLayer(.relu), after: value)
    var channels = 16
    for (stage, width) in [16, 32, 64].enumerated() {
      for block in 0..<(depth - 2) / 6 {
        let stride = stage > 0 && block == 0 ? 2 : 1
        let name = "layer\(stage + 1).\(block)"
        let entry = value
        value = builder.convolution(
          "\(name).conv1", "\(name).bn1", after: value, channels, width, kernel: 3,
          stride: stride)
        value = builder.add("\(name).relu1", ActivationLayer(.relu), after: value)
        value = builder.convolution(
          "\(name).conv2", "\(name).bn2", after: value, width, width, kernel: 3)
        var shortcut = entry
        if stride != 1 {
          shortcut = builder.add(
            "\(name).shortcut.slice", SliceLayer.subsampling(stride), after: shortcut)
        }
        if channels != width {
          let before = (width - channels) / 2
          shortcut = builder.add(
            "\(name).shortcut.pad",
            PadLayer(before: [0, 0, before], after: [0, 0, width - channels - before]),
            after: shortcut)
        }
        value = builder.add("\(name).add", AddLayer(), inputs: [value, shortcut])
        value = builder.add("\(name).relu2", ActivationLayer(.relu), after: value)
        channels = width
      }
    }
    value = builder.add("avgpool", GlobalAveragePoolLayer(), after: value)
    value = builder.add("linear", LinearLayer(channels, classes), after: value)
    return try builder.network(name: "resnet\(depth)", outputs: [value])
  }

  /// The wide networks of section 4.1 with the names of torchvision: `conv1`, `bn1`,
  /// `layer1.0.conv1`, …, `layer2.0.downsample.0`, `fc`.
  ///
  /// - Parameters:
  ///   - depth: 18, 34 or 50.
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`.
  /// - Throws: ``NetworkError`` if the input is too small.
  public static func wide(
    depth: Int, classes: Int, inputShape: Shape, stem: Stem
  ) throws(NetworkError) -> Network {
    let blocks: [Int] = depth == 18 ? [2, 2, 2, 2] : [3, 4, 6, 3]
    precondition([18, 34, 50].contains(depth), "ResNet.wide: depth \(depth)")
    let hasBottleneck = depth == 50
    var builder = NetworkBuilder(shape: inputShape)
    var value = "input"
    switch stem {
    case .imagenet:
      value = builder.convolution(
        "conv1", "bn1", after: value, inputShape[2], 64, kernel: 7, stride: 2)
      value = builder.add("relu", ActivationLayer(.relu), after: value)
      value = builder.add(
        "maxpool", MaxPoolLayer(kernel: 3, stride: 2, padding: .all(1)), after: value)
    case .cifar:
      value = builder.convolution("conv1", "bn1", after: value, inputShape[2], 64, kernel: 3)
      value = builder.add("relu", ActivationLayer(.relu), after: value)
    }
    var channels = 64
    for (stage, width) in [64, 128, 256, 512].enumerated() {
      for block in 0..<blocks[stage] {
        let name = "layer\(stage + 1).\(block)"
        let stride = stage > 0 && block == 0 ? 2 : 1
        let output = hasBottleneck ? 4 * width : width
        let entry = value
        if hasBottleneck {
          value = builder.convolution(
            "\(name).conv1", "\(name).bn1", after: value, channels, width, kernel: 1)
          value = builder.add("\(name).relu1", ActivationLayer(.relu), after: value)
          value = builder.convolution(
            "\(name).conv2", "\(name).bn2", after: value, width, width, kernel: 3,
            stride: stride)
          value = builder.add("\(name).relu2", ActivationLayer(.relu), after: value)
          value = builder.convolution(
            "\(name).conv3", "\(name).bn3", after: value, width, output, kernel: 1)
        } else {
          value = builder.convolution(
            "\(name).conv1", "\(name).bn1", after: value, channels, width, kernel: 3,
            stride: stride)
          value = builder.add("\(name).relu1", ActivationLayer(.relu), after: value)
          value = builder.convolution(
            "\(name).conv2", "\(name).bn2", after: value, width, width, kernel: 3)
        }
        var shortcut = entry
        if stride != 1 || channels != output {
          shortcut = builder.convolution(
            "\(name).downsample.0", "\(name).downsample.1", after: entry, channels, output,
            kernel: 1, stride: stride)
        }
        value = builder.add("\(name).add", AddLayer(), inputs: [value, shortcut])
        value = builder.add("\(name).relu", ActivationLayer(.relu), after: value)
        channels = output
      }
    }
    value = builder.add("avgpool", GlobalAveragePoolLayer(), after: value)
    value = builder.add("fc", LinearLayer(channels, classes), after: value)
    return try builder.network(name: "resnet\(depth)", outputs: [value])
  }
}
