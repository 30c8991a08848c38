public import Tensors

/// The magnitude of every element; its gradient at zero is zero.
public struct Absolute: Operation {
  /// The name `abs`.
  public static let name = "abs"

  /// Creates the operation.
  public init() {}

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    UnaryFunction.absolute.evaluate(inputs, requiring: requiring, name: Self.name)
  }
}
