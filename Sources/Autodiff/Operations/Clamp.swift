public import Tensors

/// Every element held between two bounds.
///
/// The gradient passes where the element is inside or on a bound, as in PyTorch.
public struct Clamp: Operation {
  /// The name `clamp`.
  public static let name = "clamp"

  /// The lower bound.
  public let lower: Double

  /// The upper bound.
  public let upper: Double

  /// Creates the operation from its bounds.
  ///
  /// - Precondition: `lower <= upper`.
  public init(lower: Double = -.infinity, upper: Double = .infinity) {
    precondition(lower <= upper, "clamp: bounds \(lower) and \(upper)")
    self.lower = lower
    self.upper = upper
  }

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    UnaryFunction.clamp(lower: lower, upper: upper).evaluate(
      inputs, requiring: requiring, name: Self.name)
  }
}
