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

extension Activation {
  /// The activation of what a kernel computed, where that may have applied it already.
  ///
  /// - Parameters:
  ///   - value: the kernel's result.
  ///   - isApplied: whether the activation is in it; its derivative then follows from the result.
  ///   - isDifferentiated: whether a gradient flows.
  func completing<Scalar: TensorScalar>(
    _ value: Tensor<Scalar>, isApplied: Bool, isDifferentiated: Bool
  ) -> Evaluation<Scalar> {
    guard isApplied else {
      return Activate(self).evaluate([value], requiring: [isDifferentiated])
    }
    return Evaluation(value) {
      [UnaryFunction.activation(self).pulledBack($0, retained: value)]
    }
  }
}
