public import Tensors

/// `x` above zero, `slope · x` below.
public struct LeakyReLU: Operation {
  /// The name `leaky_relu`.
  public static let name = "leaky_relu"

  /// The slope below zero.
  public let slope: Double

  /// Creates the operation from its slope.
  public init(slope: Double = 0.01) {
    self.slope = slope
  }

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    UnaryFunction.leakyReLU(slope: slope).evaluate(inputs, requiring: requiring, name: Self.name)
  }
}
