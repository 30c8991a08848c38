public import Tensors

/// `x` above zero, `α (eˣ − 1)` below.
public struct ELU: Operation {
  /// The name `elu`.
  public static let name = "elu"

  /// The negative of the limit far below zero.
  public let alpha: Double

  /// Creates the operation from its limit.
  ///
  /// - Precondition: `alpha` is not negative.
  public init(alpha: Double = 1) {
    precondition(alpha >= 0, "elu: alpha \(alpha) is negative")
    self.alpha = alpha
  }

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    UnaryFunction.elu(alpha: alpha).evaluate(inputs, requiring: requiring, name: Self.name)
  }
}
