public import Tensors

/// Transformers over shifted windows: Liu and others 2021, https://arxiv.org/abs/2103.14030.
public enum Swin {
  /// Swin-T with the names of torchvision: `features.0.0`, `features.1.0.attn.qkv`, …,
  /// `features.2.reduction`, `norm`, `head`.
  ///
  /// Stochastic depth is not part of the network.
  ///
  /// - Parameters:
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`.
  /// - Throws: ``NetworkError`` if the input is too small.
  public static func tiny(classes: Int, inputShape: Shape) throws(NetworkError) -> Network {
    let window = 7
    var builder = NetworkBuilder(shape: inputShape)
    var channels = 96
    var extent = Extent2D(height: inputShape[0] / 4, width: inputShape[1] / 4)
    var value = builder.add(
      "features.0.0", ConvolutionLayer(inputShape[2], channels, kernel: 4, stride: 4),
      after: "input")
    value = builder.add("features.0.2", LayerNormalizationLayer([channels]), after: value)
    for (stage, (depth, heads)) in [(2, 3), (2, 6), (6, 12), (2, 24)].enumerated() {
      for block in 0..<depth {
        value = builder.windowBlock(
          "features.\(2 * stage + 1).\(block)", after: value, channels: channels, heads: heads,
          window: window, shift: block % 2 == 0 ? 0 : window / 2)
      }
      guard stage < 3 else { continue }
      value = builder.patchMerging(
        "features.\(2 * stage + 2)", after: value, extent, channels: channels)
      channels *= 2
      extent = Extent2D(height: (extent.height + 1) / 2, width: (extent.width + 1) / 2)
    }
    value = builder.add("norm", LayerNormalizationLayer([channels]), after: value)
    value = builder.add("avgpool", GlobalAveragePoolLayer(), after: value)
    value = builder.add("head", LinearLayer(channels, classes), after: value)
    return try builder.network(name: "swin-t", outputs: [value])
  }
}

extension NetworkBuilder {
  /// Attention and a perceptron, each after a layer norm and beside a shortcut.
  fileprivate mutating func windowBlock(
    _ name: String, after input: String, channels: Int, heads: Int, window: Int, shift: Int
  ) -> String {
    var value = add("\(name).norm1", LayerNormalizationLayer([channels]), after: input)
    value = add(
      "\(name).attn",
      WindowAttentionLayer(channels: channels, heads: heads, window: window, shift: shift),
      after: value)
    let middle = add("\(name).attn_add", AddLayer(), inputs: [input, value])
    value = add("\(name).norm2", LayerNormalizationLayer([channels]), after: middle)
    value = add("\(name).mlp.0", LinearLayer(channels, 4 * channels), after: value)
    value = add("\(name).mlp.1", ActivationLayer(.gelu), after: value)
    value = add("\(name).mlp.3", LinearLayer(4 * channels, channels), after: value)
    return add("\(name).mlp_add", AddLayer(), inputs: [middle, value])
  }

  /// Two by two pixels as one with twice the channels; pixels beyond an odd image are zero.
  fileprivate mutating func patchMerging(
    _ name: String, after input: String, _ extent: Extent2D, channels: Int
  ) -> String {
    var input = input
    if extent.height % 2 + extent.width % 2 > 0 {
      input = add(
        "\(name).pad",
        PadLayer(before: [0, 0, 0], after: [extent.height % 2, extent.width % 2, 0]),
        after: input)
    }
    var parts: [String] = []
    for (index, offset) in [(0, 0), (1, 0), (0, 1), (1, 1)].enumerated() {
      parts.append(
        add(
          "\(name).part\(index)",
          SliceLayer(
            starts: [offset.0, offset.1, 0], ends: [nil, nil, nil], steps: [2, 2, 1]),
          after: input))
    }
    var value = add("\(name).parts", ConcatenateLayer(axis: -1), inputs: parts)
    value = add("\(name).norm", LayerNormalizationLayer([4 * channels]), after: value)
    value = add(
      "\(name).reduction", LinearLayer(4 * channels, 2 * channels, hasBias: false),
      after: value)
    return value
  }
}
