public import Tensors

/// `a + b` of every pair of elements, and optionally an activation of that.
///
/// The operands broadcast against each other by PyTorch's rules.
public struct Add: Operation {
  /// The name `add`.
  public static let name = "add"

  /// Applied to the sum.
  public var activation: Activation?

  /// Creates the operation.
  public init(activation: Activation? = nil) { self.activation = activation }

  /// Evaluates on `[a, b]`, whose shapes broadcast against each other.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (a, b) = pair(inputs, Self.name)
    let isDifferentiated = requiring.contains(true)
    let isFused = activation == .relu
    let sum = (isFused ? BinaryFunction.addReLU : .add).applied(a, b)
    let applied = activation?.completing(
      sum, isApplied: isFused, isDifferentiated: isDifferentiated)
    let value = applied?.value ?? sum
    guard isDifferentiated else { return Evaluation(value) }
    let activationPullback = applied?.pullback
    let (aShape, bShape) = (a.shape, b.shape)
    return Evaluation(value) { upstream in
      let gradient = activationPullback?(upstream)[0] ?? upstream
      return [
        requiring[0] ? gradient.unbroadcast(to: aShape) : nil,
        requiring[1] ? gradient.unbroadcast(to: bShape) : nil,
      ]
    }
  }
}
