public import Tensors

/// The variance over axes; as PyTorch's `var`.
public struct Variance: Operation {
  /// The name `variance`.
  public static let name = "variance"

  /// The axes that are reduced; all of them if `nil`.
  public let axes: [Int]?

  /// Whether reduced axes keep an extent of one.
  public let keepDimensions: Bool

  /// What is subtracted from the number of elements to divide by: 1 for the unbiased estimate.
  public let correction: Int

  /// Creates the operation; without axes everything becomes a scalar.
  public init(axes: [Int]? = nil, keepDimensions: Bool = false, correction: Int = 1) {
    self.axes = axes
    self.keepDimensions = keepDimensions
    self.correction = correction
  }

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let x = single(inputs, Self.name)
    let reduction = AxisReduction(x.shape, axes: axes, keepDimensions: keepDimensions)
    let mean = scaled(x.reduced(.sum, axes: reduction.axes), by: 1 / Double(reduction.count))
    let factor = 1 / max(0, Double(reduction.count - correction))
    let squares = UnaryFunction.power(2).applied(to: BinaryFunction.subtract.applied(x, mean))
    let value = scaled(squares.reduced(.sum, axes: reduction.axes), by: factor)
      .reshaped(to: reduction.result)
    guard requiring[0] else { return Evaluation(value) }
    return Evaluation(value) { gradient in
      let slope = scaled(gradient, by: 2 * factor).reshaped(to: reduction.kept)
      return [
        BinaryFunction.multiply.applied(BinaryFunction.subtract.applied(x, mean), slope)
      ]
    }
  }
}
