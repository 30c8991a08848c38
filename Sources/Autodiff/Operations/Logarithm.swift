public import Tensors

/// The natural logarithm of every element.
public struct Logarithm: Operation {
  /// The name `log`.
  public static let name = "log"

  /// Creates the operation.
  public init() {}

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    UnaryFunction.logarithm.evaluate(inputs, requiring: requiring, name: Self.name)
  }
}
