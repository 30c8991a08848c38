public import Tensors

/// The larger of every pair of elements; equal ones share the gradient, as in PyTorch.
///
/// The operands broadcast against each other by PyTorch's rules.
public struct Maximum: Operation {
  /// The name `maximum`.
  public static let name = "maximum"

  /// Creates the operation.
  public init() {}

  /// Evaluates on `[a, b]`, whose shapes broadcast against each other.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (a, b) = pair(inputs, Self.name)
    return evaluateExtremum(
      .maximum, share: .maximumShare, a, b, requiring: requiring)
  }
}
