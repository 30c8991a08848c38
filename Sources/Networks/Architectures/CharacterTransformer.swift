public import Tensors

/// A small transformer that predicts each character of a text from those before it.
public enum CharacterTransformer {
  /// Embedding, blocks of causal attention and a perceptron (`blocks.0`, …), and a head for every
  /// position; attention and perceptron each after a layer norm and beside a shortcut.
  ///
  /// The input holds the characters' numbers as an image of one row and one channel, the output is
  /// `[length, classes]`: the logits of the character after each.
  ///
  /// - Parameters:
  ///   - classes: the number of characters.
  ///   - inputShape: `[1, length, 1]`.
  /// - Throws: ``NetworkError`` for any other shape.
  public static func network(
    classes: Int, inputShape: Shape, channels: Int = 64, heads: Int = 4, blocks: Int = 3
  ) throws(NetworkError) -> Network {
    let length = inputShape.elementCount
    var builder = NetworkBuilder(shape: inputShape)
    var value = builder.add("characters", ReshapeLayer([length]), after: "input")
    value = builder.add(
      "embedding", EmbeddingLayer(tokens: classes, features: channels), after: value)
    for block in 0..<blocks {
      value = builder.causalBlock(
        "blocks.\(block)", after: value, channels: channels, heads: heads, length: length)
    }
    value = builder.add("norm", LayerNormalizationLayer([channels]), after: value)
    value = builder.add("head", LinearLayer(channels, classes), after: value)
    return try builder.network(name: "char-transformer", outputs: [value])
  }
}

extension NetworkBuilder {
  /// Attention and a perceptron, each after a layer norm and beside a shortcut.
  fileprivate mutating func causalBlock(
    _ name: String, after input: String, channels: Int, heads: Int, length: Int
  ) -> String {
    var value = add("\(name).norm1", LayerNormalizationLayer([channels]), after: input)
    value = add(
      "\(name).attn", CausalAttentionLayer(channels: channels, heads: heads, length: length),
      after: value)
    let middle = add("\(name).attn_add", AddLayer(), inputs: [input, value])
    value = add("\(name).norm2", LayerNormalizationLayer([channels]), after: middle)
    value = add("\(name).mlp.0", LinearLayer(channels, 4 * channels), after: value)
    value = add("\(name).mlp.1", ActivationLayer(.gelu), after: value)
    value = add("\(name).mlp.3", LinearLayer(4 * channels, channels), after: value)
    return add("\(name).mlp_add", AddLayer(), inputs: [middle, value])
  }
}
