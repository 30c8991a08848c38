public import Tensors

/// `a + b` of every pair of elements.
///
/// The operands broadcast against each other by PyTorch's rules.
public struct Add: Operation {
  /// The name `add`.
  public static let name = "add"

  /// Creates the operation.
  public init() {}

  /// Evaluates on `[a, b]`, whose shapes broadcast against each other.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (a, b) = pair(inputs, Self.name)
    let value = BinaryFunction.add.applied(a, b)
    guard requiring.contains(true) else { return Evaluation(value) }
    let (aShape, bShape) = (a.shape, b.shape)
    return Evaluation(value) { gradient in
      [
        requiring[0] ? gradient.unbroadcast(to: aShape) : nil,
        requiring[1] ? gradient.unbroadcast(to: bShape) : nil,
      ]
    }
  }
}
