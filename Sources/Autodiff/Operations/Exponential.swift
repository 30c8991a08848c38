public import Tensors

/// `eˣ` of every element.
public struct Exponential: Operation {
  /// The name `exp`.
  public static let name = "exp"

  /// Creates the operation.
  public init() {}

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    UnaryFunction.exponential.evaluate(inputs, requiring: requiring, name: Self.name)
  }
}
