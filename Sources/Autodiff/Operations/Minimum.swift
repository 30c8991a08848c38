public import Tensors

/// The smaller of every pair of elements; equal ones share the gradient, as in PyTorch.
///
/// The operands broadcast against each other by PyTorch's rules.
public struct Minimum: Operation {
  /// The name `minimum`.
  public static let name = "minimum"

  /// Creates the operation.
  public init() {}

  /// Evaluates on `[a, b]`, whose shapes broadcast against each other.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (a, b) = pair(inputs, Self.name)
    return evaluateExtremum(
      .minimum, share: .minimumShare, a, b, requiring: requiring)
  }
}
