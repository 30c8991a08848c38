public import Autodiff
public import Tensors

/// Multi-head self-attention of the tokens of a sequence to themselves and to those before them:
/// Vaswani and others 2017, https://arxiv.org/abs/1706.03762, section 3.2.
///
/// A learned bias for every distance stands for positions: Shaw and others 2018,
/// https://arxiv.org/abs/1803.02155, in the form of window attention's table. What comes after a
/// token changes nothing of its output, so that a network of such layers can decode one token at a
/// time and send no token's features twice.
public struct CausalAttentionLayer: Layer {
  /// `causal_attention`.
  public static let kind = "causal_attention"

  /// What the score of a later token is lowered by: its weight becomes exactly zero.
  package static let mask = -10_000.0

  /// The extent of the last axis.
  public var channels: Int
  /// How many heads share the channels.
  public var heads: Int
  /// The number of tokens.
  public var length: Int

  /// Creates a layer.
  public init(channels: Int, heads: Int, length: Int) {
    self.channels = channels
    self.heads = heads
    self.length = length
  }

  /// `qkv.weight` `[channels, 3 channels]` and `qkv.bias`, `proj.weight` `[channels, channels]` and
  /// `proj.bias`, and `distance_bias_table` `[length, heads]`.
  public var parameters: [ParameterSpecification] {
    [
      ParameterSpecification(
        "qkv.weight", [channels, 3 * channels], .weight, .uniform(fan: channels)),
      ParameterSpecification("qkv.bias", [3 * channels], .offset, .constant(0)),
      ParameterSpecification(
        "proj.weight", [channels, channels], .weight, .uniform(fan: channels)),
      ParameterSpecification("proj.bias", [channels], .offset, .constant(0)),
      ParameterSpecification(
        "distance_bias_table", [length, heads], .offset, .normal(standardDeviation: 0.02)),
    ]
  }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard inputs[0] == [length, channels], heads > 0, length > 0, channels % heads == 0 else {
      throw .shape(
        expected: "\(length) tokens of \(channels) channels for \(heads) heads", found: inputs)
    }
    return inputs[0]
  }

  /// Both projections, and the two products of all pairs of tokens.
  public func multiplyAccumulates(inputs: [Shape], output: Shape) -> Int {
    length * channels * (4 * channels + 2 * length)
  }

  /// Attends.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let projected = Variable.apply(Linear(), [inputs[0], parameters[0], parameters[1]])
      .reshaped(-1, length, 3, heads, channels / heads)
      .transposed(2, 0, 3, 1, 4)
    func part(_ index: Int) -> Variable<Scalar> {
      projected.sliced(axis: 0, index..<index + 1)
        .reshaped(-1, heads, length, channels / heads)
    }
    let product = Variable.apply(
      MatrixMultiplication(transposeRight: true),
      [part(0) * (1 / Double(channels / heads).squareRoot()), part(1)])
    let bias = parameters[4].rows(at: distances).reshaped(length, length, heads)
      .transposed(2, 0, 1)
    let mask = Variable(Tensor<Scalar>([length, length], maskValues.map { Scalar($0) }))
    let weights = (product + bias + mask).softmax()
    let attended = Variable.apply(MatrixMultiplication(), [weights, part(2)])
      .transposed(0, 2, 1, 3)
      .reshaped(-1, length, channels)
    return Variable.apply(Linear(), [attended, parameters[2], parameters[3]])
  }

  /// For each pair of tokens, the row of the table of biases; 0 for later ones.
  package var distances: [Int32] {
    (0..<length).flatMap { query in (0..<length).map { Int32(max(query - $0, 0)) } }
  }

  /// What is added to the score of each pair of tokens.
  package var maskValues: [Double] {
    (0..<length).flatMap { query in
      (0..<length).map { $0 > query ? CausalAttentionLayer.mask : 0 }
    }
  }
}
