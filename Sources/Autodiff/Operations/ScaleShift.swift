public import Tensors

/// `scale · x + shift` of every element, with constants.
public struct ScaleShift: Operation {
  /// The name `scale_shift`.
  public static let name = "scale_shift"

  /// The factor.
  public let scale: Double

  /// What is added after the multiplication.
  public let shift: Double

  /// Creates the operation from its constants.
  public init(scale: Double = 1, shift: Double = 0) {
    self.scale = scale
    self.shift = shift
  }

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    UnaryFunction.affine(scale: scale, shift: shift).evaluate(
      inputs, requiring: requiring, name: Self.name)
  }
}
