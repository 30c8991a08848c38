public import Tensors

/// `x` above zero, `weight · x` below, with a learned weight: one, or one a channel.
public struct PReLU: Operation {
  /// The name `prelu`.
  public static let name = "prelu"

  /// Creates the operation.
  public init() {}

  /// Evaluates on `[x, weight]`; `weight` is `[1]`, or `[channels]` for the last axis of `x`.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (x, weight) = pair(inputs, Self.name)
    precondition(
      weight.count == 1 || (weight.shape.rank == 1 && weight.shape[0] == x.shape[-1]),
      "prelu: weight \(weight.shape) for input \(x.shape)")
    // max(x, 0) + weight · min(x, 0)
    let negative = UnaryFunction.clamp(lower: -.infinity, upper: 0).applied(to: x)
    let positive = UnaryFunction.activation(.relu).applied(to: x)
    let value = BinaryFunction.add.applied(
      positive, BinaryFunction.multiply.applied(negative, weight))
    guard requiring.contains(true) else { return Evaluation(value) }
    let weightKept = requiring[0] ? weight : nil
    let negativeKept = requiring[1] ? negative : nil
    let xKept = requiring[0] ? x : nil
    return Evaluation(value) { gradient in
      var inputGradient: Tensor<Scalar>?
      if let xKept, let weightKept {
        let above = UnaryFunction.activation(.relu).pulledBack(gradient, retained: xKept)
        let below = BinaryFunction.multiply.applied(
          BinaryFunction.subtract.applied(gradient, above), weightKept)
        inputGradient = BinaryFunction.add.applied(above, below)
      }
      return [
        inputGradient,
        negativeKept.map {
          BinaryFunction.multiply.applied(gradient, $0).unbroadcast(to: weight.shape)
        },
      ]
    }
  }
}
