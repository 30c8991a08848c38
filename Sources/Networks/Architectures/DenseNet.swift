public import Tensors

/// Networks whose layers read all before them: Huang and others 2017,
/// https://arxiv.org/abs/1608.06993, table 1.
public enum DenseNet {
  /// DenseNet-121 with the names of torchvision: `features.conv0`,
  /// `features.denseblock1.denselayer1.norm1`, …, `features.norm5`, `classifier`.
  ///
  /// - Parameters:
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`.
  /// - Throws: ``NetworkError`` if the input is too small.
  public static func oneTwentyOne(
    classes: Int, inputShape: Shape
  ) throws(NetworkError) -> Network {
    let growth = 32
    var builder = NetworkBuilder(shape: inputShape)
    func activated(_ name: String, _ normalization: String, _ channels: Int, _ input: String)
      -> String
    {
      let value = builder.add(normalization, BatchNormalizationLayer(channels), after: input)
      return builder.add(name, ActivationLayer(.relu), after: value)
    }
    func convolved(
      _ name: String, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, _ input: String
    ) -> String {
      builder.add(
        name,
        ConvolutionLayer(
          inputs, outputs, kernel: Extent2D(kernel), stride: Extent2D(stride),
          padding: .all(kernel / 2), hasBias: false), after: input)
    }
    var channels = 64
    var value = convolved("features.conv0", inputShape[2], 64, kernel: 7, stride: 2, "input")
    value = activated("features.relu0", "features.norm0", 64, value)
    value = builder.add(
      "features.pool0", MaxPoolLayer(kernel: 3, stride: 2, padding: .all(1)), after: value)
    for (block, layers) in [6, 12, 24, 16].enumerated() {
      for layer in 1...layers {
        let name = "features.denseblock\(block + 1).denselayer\(layer)"
        let entry = value
        value = activated("\(name).relu1", "\(name).norm1", channels, value)
        value = convolved("\(name).conv1", channels, 4 * growth, kernel: 1, value)
        value = activated("\(name).relu2", "\(name).norm2", 4 * growth, value)
        value = convolved("\(name).conv2", 4 * growth, growth, kernel: 3, value)
        value = builder.add("\(name).concat", ConcatenateLayer(axis: -1), inputs: [entry, value])
        channels += growth
      }
      guard block < 3 else { continue }
      let name = "features.transition\(block + 1)"
      value = activated("\(name).relu", "\(name).norm", channels, value)
      value = convolved("\(name).conv", channels, channels / 2, kernel: 1, value)
      value = builder.add("\(name).pool", AveragePoolLayer(kernel: 2), after: value)
      channels /= 2
    }
    value = activated("features.relu5", "features.norm5", channels, value)
    value = builder.add("avgpool", GlobalAveragePoolLayer(), after: value)
    value = builder.add("classifier", LinearLayer(channels, classes), after: value)
    return try builder.network(name: "densenet121", outputs: [value])
  }
}
