public import Tensors

/// `a · b` of every pair of elements.
///
/// The operands broadcast against each other by PyTorch's rules.
public struct Multiply: Operation {
  /// The name `multiply`.
  public static let name = "multiply"

  /// Creates the operation.
  public init() {}

  /// Evaluates on `[a, b]`, whose shapes broadcast against each other.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (a, b) = pair(inputs, Self.name)
    let value = BinaryFunction.multiply.applied(a, b)
    guard requiring.contains(true) else { return Evaluation(value) }
    let (aShape, bShape) = (a.shape, b.shape)
    // Each operand is kept only for the gradient of the other.
    let aKept = requiring[1] ? a : nil
    let bKept = requiring[0] ? b : nil
    return Evaluation(value) { gradient in
      [
        bKept.map { BinaryFunction.multiply.applied(gradient, $0).unbroadcast(to: aShape) },
        aKept.map { BinaryFunction.multiply.applied(gradient, $0).unbroadcast(to: bShape) },
      ]
    }
  }
}
