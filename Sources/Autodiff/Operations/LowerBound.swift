public import Tensors

/// `max(x, bound)`, with a gradient that lets `x` back up from below.
///
/// The gradient passes where `x ≥ bound`, and below it where it would raise `x`: a step of gradient
/// descent never leaves a parameter stuck beneath its bound. Source: Ballé 2018,
/// https://arxiv.org/abs/1802.00847, section 3.
public struct LowerBound: Operation {
  /// The name `lower_bound`.
  public static let name = "lower_bound"

  /// The least value.
  public let bound: Double

  /// Creates the operation.
  public init(_ bound: Double) { self.bound = bound }

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let x = single(inputs, Self.name)
    let value = UnaryFunction.clamp(lower: bound, upper: .infinity).applied(to: x)
    guard requiring[0] else { return Evaluation(value) }
    let bound = Scalar(bound)
    return Evaluation(value) { gradient in
      [
        Tensor(
          x.shape, zip(x.scalars, gradient.scalars).map { $0 >= bound || $1 < 0 ? $1 : 0 })
      ]
    }
  }
}
