public import Tensors

/// Every element to a constant power.
///
/// As in PyTorch, a negative element has a value only if the exponent is whole; it is NaN
/// otherwise.
public struct Power: Operation {
  /// The name `power`.
  public static let name = "power"

  /// The exponent.
  public let exponent: Double

  /// Creates the operation from its exponent.
  public init(exponent: Double) {
    self.exponent = exponent
  }

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    UnaryFunction.power(exponent).evaluate(inputs, requiring: requiring, name: Self.name)
  }
}
