public import Tensors

/// The plain networks of Simonyan and Zisserman, ICLR 2015, https://arxiv.org/abs/1409.1556.
public enum VGG {
  /// Configuration D, with the names of torchvision: `features.0`, …, `classifier.6`.
  ///
  /// - Parameters:
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`, multiples of 32. The classifier's first layer
  ///     follows it: there is no pooling to 7×7 before it.
  ///   - normalizes: whether every convolution is followed by a batch norm.
  /// - Throws: ``NetworkError`` if the input is too small.
  public static func sixteen(
    classes: Int, inputShape: Shape, normalizes: Bool
  ) throws(NetworkError) -> Network {
    var builder = NetworkBuilder(shape: inputShape)
    let (features, channels) = VGG.features(
      &builder, [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]],
      inputChannels: inputShape[2], normalizes: normalizes, hasBias: true)
    var value = builder.add("flatten", FlattenLayer(), after: features)
    let flattened = inputShape[0] / 32 * (inputShape[1] / 32) * channels
    for (layer, (inputs, outputs)) in [(flattened, 4096), (4096, 4096)].enumerated() {
      value = builder.add("classifier.\(3 * layer)", LinearLayer(inputs, outputs), after: value)
      value = builder.add(
        "classifier.\(3 * layer + 1)", ActivationLayer(.relu), after: value)
      value = builder.add("classifier.\(3 * layer + 2)", DropoutLayer(rate: 0.5), after: value)
    }
    value = builder.add("classifier.6", LinearLayer(4096, classes), after: value)
    return try builder.network(name: "vgg16", outputs: [value])
  }

  /// A narrow network of the same kind for small images: six convolutions of 3×3 in four blocks of
  /// 16, 32, 64 and 128 channels, each followed by a batch norm, and one linear layer.
  ///
  /// The blocks are `features.…` as above, so that `cleave inspect` names the cuts alike. At 64×64 its
  /// last features are 4×4×128: as many numbers as those of VGG-16 with 2×2×512.
  ///
  /// - Parameters:
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`, multiples of 16.
  /// - Throws: ``NetworkError`` if the input is too small.
  public static func small(
    classes: Int, inputShape: Shape
  ) throws(NetworkError) -> Network {
    var builder = NetworkBuilder(shape: inputShape)
    let (features, channels) = VGG.features(
      &builder, [[16], [32], [64, 64], [128, 128]], inputChannels: inputShape[2],
      normalizes: true, hasBias: false)
    var value = builder.add("avgpool", GlobalAveragePoolLayer(), after: features)
    value = builder.add("classifier", LinearLayer(channels, classes), after: value)
    return try builder.network(name: "vgg-small", outputs: [value])
  }

  /// Blocks of convolutions of 3×3, each with a ReLU, before a pooling by half, as `features.0` and
  /// so on.
  private static func features(
    _ builder: inout NetworkBuilder, _ blocks: [[Int]], inputChannels: Int, normalizes: Bool,
    hasBias: Bool
  ) -> (value: String, channels: Int) {
    var value = "input"
    var channels = inputChannels
    var index = 0
    func next() -> String {
      defer { index += 1 }
      return "features.\(index)"
    }
    for widths in blocks {
      for width in widths {
        value = builder.add(
          next(),
          ConvolutionLayer(channels, width, kernel: 3, padding: .all(1), hasBias: hasBias),
          after: value)
        if normalizes {
          value = builder.add(next(), BatchNormalizationLayer(width), after: value)
        }
        value = builder.add(next(), ActivationLayer(.relu), after: value)
        channels = width
      }
      value = builder.add(next(), MaxPoolLayer(kernel: 2), after: value)
    }
    return (value, channels)
  }
}
