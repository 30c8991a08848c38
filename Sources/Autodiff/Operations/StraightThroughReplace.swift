public import Tensors

/// Other values in place of the input's, with the gradient passed through as if they were its own.
///
/// What a quantiser or a channel makes of values has no gradient; the straight-through estimate is that of
/// the identity (Bengio et al. 2013, https://arxiv.org/abs/1308.3432).
public struct StraightThroughReplace: Operation {
  /// The name `straight_through_replace`.
  public static let name = "straight_through_replace"

  /// The values, of the shape of the input.
  public let values: Tensor<Float>

  /// Creates the operation.
  public init(_ values: Tensor<Float>) { self.values = values }

  /// Evaluates on one input of the shape of the values.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let input = single(inputs, Self.name)
    precondition(
      input.shape == values.shape,
      "straight_through_replace: \(values.shape) in place of \(input.shape)")
    let value = (values as? Tensor<Scalar>) ?? values.converted(to: Scalar.self)
    guard requiring[0] else { return Evaluation(value) }
    return Evaluation(value) { [$0] }
  }
}
