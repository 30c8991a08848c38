public import Tensors

/// A differentiable function of tensors; its stored properties are its attributes.
///
/// Shapes are checked once, in ``evaluate(_:requiring:)``, with a precondition that names the
/// operation and the shapes: networks and recipes are validated before an operation sees them.
public protocol Operation: Sendable {
  /// The name in error messages and in the table of operations, such as `conv2d`.
  static var name: String { get }

  /// Computes the value and, if any input requires a gradient, the pullback.
  ///
  /// - Parameters:
  ///   - inputs: the operands in the order the operation documents.
  ///   - requiring: for each input, whether its gradient is wanted. The pullback returns `nil` for
  ///     the others and captures nothing only they would need.
  func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar>
}

/// Maps the gradient of an operation's value to the gradients of its inputs.
public typealias Pullback<Scalar: TensorScalar> = (Tensor<Scalar>) -> [Tensor<Scalar>?]

/// The result of an operation.
public struct Evaluation<Scalar: TensorScalar> {
  /// The value.
  public let value: Tensor<Scalar>

  /// Values computed on the way that no gradient flows through, such as batch statistics.
  public let auxiliary: [Tensor<Scalar>]

  /// The pullback, `nil` if no input requires a gradient.
  public let pullback: Pullback<Scalar>?

  /// Creates a result.
  public init(
    _ value: Tensor<Scalar>, auxiliary: [Tensor<Scalar>] = [], pullback: Pullback<Scalar>? = nil
  ) {
    self.value = value
    self.auxiliary = auxiliary
    self.pullback = pullback
  }
}
