public import Autodiff
public import Tensors

/// A learned vector for each of a number of tokens; the input holds the tokens' indices as whole
/// numbers.
public struct EmbeddingLayer: Layer {
  /// `embedding`.
  public static let kind = "embedding"

  /// The number of tokens.
  public var tokens: Int
  /// The length of a vector.
  public var features: Int

  /// Creates a layer.
  public init(tokens: Int, features: Int) {
    self.tokens = tokens
    self.features = features
  }

  /// `weight` `[tokens, features]`.
  public var parameters: [ParameterSpecification] {
    [
      ParameterSpecification(
        "weight", [tokens, features], .weight, .normal(standardDeviation: 1))
    ]
  }

  /// The input's shape with one more axis of `features`.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard inputs[0].rank < Shape.maximumRank - 1, tokens > 0 else {
      throw .shape(expected: "indices of tokens", found: inputs)
    }
    return Shape(inputs[0].dimensions + [features])
  }

  /// Looks the vectors up; an index that is no token takes the nearest one.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let last = Scalar(tokens - 1)
    let indices = inputs[0].value.scalars.map { value -> Int32 in
      value.isNaN ? 0 : Int32(max(0, min(last, value.rounded())))
    }
    return .apply(GatherRows(indices, shape: inputs[0].shape), [parameters[0]])
  }
}
