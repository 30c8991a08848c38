public import Tensors

/// An ``Activation`` of every element.
public struct Activate: Operation {
  /// The name `activate`.
  public static let name = "activate"

  /// The function.
  public let activation: Activation

  /// Creates the operation of an activation.
  public init(_ activation: Activation) {
    self.activation = activation
  }

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    UnaryFunction.activation(activation).evaluate(inputs, requiring: requiring, name: Self.name)
  }
}
