public import Tensors

/// `−x` of every element.
public struct Negate: Operation {
  /// The name `negate`.
  public static let name = "negate"

  /// Creates the operation.
  public init() {}

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    UnaryFunction.affine(scale: -1, shift: 0).evaluate(
      inputs, requiring: requiring, name: Self.name)
  }
}
