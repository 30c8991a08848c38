public import Tensors

/// The nearest integer of every element, halves to even, with the gradient passed through.
///
/// The true gradient is zero almost everywhere; the straight-through estimate is that of the
/// identity (Bengio et al. 2013, https://arxiv.org/abs/1308.3432).
public struct StraightThroughRound: Operation {
  /// The name `straight_through_round`.
  public static let name = "straight_through_round"

  /// Creates the operation.
  public init() {}

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    UnaryFunction.straightThroughRound.evaluate(inputs, requiring: requiring, name: Self.name)
  }
}
