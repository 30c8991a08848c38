public import Tensors

/// `a / b` of every pair of elements.
///
/// The operands broadcast against each other by PyTorch's rules.
public struct Divide: Operation {
  /// The name `divide`.
  public static let name = "divide"

  /// Creates the operation.
  public init() {}

  /// Evaluates on `[a, b]`, whose shapes broadcast against each other.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (a, b) = pair(inputs, Self.name)
    let value = BinaryFunction.divide.applied(a, b)
    guard requiring.contains(true) else { return Evaluation(value) }
    let aShape = a.shape
    let quotient = requiring[1] ? value : nil
    return Evaluation(value) { gradient in
      let scaled = BinaryFunction.divide.applied(gradient, b)
      return [
        requiring[0] ? scaled.unbroadcast(to: aShape) : nil,
        quotient.map { quotient in
          negated(BinaryFunction.multiply.applied(scaled, quotient).unbroadcast(to: b.shape))
        },
      ]
    }
  }
}
