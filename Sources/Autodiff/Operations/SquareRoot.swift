public import Tensors

/// The square root of every element.
public struct SquareRoot: Operation {
  /// The name `sqrt`.
  public static let name = "sqrt"

  /// Creates the operation.
  public init() {}

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    UnaryFunction.squareRoot.evaluate(inputs, requiring: requiring, name: Self.name)
  }
}
