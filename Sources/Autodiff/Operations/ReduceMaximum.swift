public import Tensors

/// The largest element over axes; equal ones share the gradient, as PyTorch's `amax`.
public struct ReduceMaximum: Operation {
  /// The name `reduce_maximum`.
  public static let name = "reduce_maximum"

  /// The axes that are reduced; all of them if `nil`.
  public let axes: [Int]?

  /// Whether reduced axes keep an extent of one.
  public let keepDimensions: Bool

  /// Creates the operation; without axes everything becomes a scalar.
  public init(axes: [Int]? = nil, keepDimensions: Bool = false) {
    self.axes = axes
    self.keepDimensions = keepDimensions
  }

  /// Evaluates on one input with no reduced axis empty.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    evaluateExtremum(
      single(inputs, Self.name), .maximum, axes, keepDimensions, requiring: requiring[0])
  }
}

/// The smallest element over axes; equal ones share the gradient, as PyTorch's `amin`.
public struct ReduceMinimum: Operation {
  /// The name `reduce_minimum`.
  public static let name = "reduce_minimum"

  /// The axes that are reduced; all of them if `nil`.
  public let axes: [Int]?

  /// Whether reduced axes keep an extent of one.
  public let keepDimensions: Bool

  /// Creates the operation; without axes everything becomes a scalar.
  public init(axes: [Int]? = nil, keepDimensions: Bool = false) {
    self.axes = axes
    self.keepDimensions = keepDimensions
  }

  /// Evaluates on one input with no reduced axis empty.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    evaluateExtremum(
      single(inputs, Self.name), .minimum, axes, keepDimensions, requiring: requiring[0])
  }
}

private func evaluateExtremum<Scalar: TensorScalar>(
  _ x: Tensor<Scalar>, _ function: ReductionFunction, _ axes: [Int]?, _ keepDimensions: Bool,
  requiring: Bool
) -> Evaluation<Scalar> {
  let reduction = AxisReduction(x.shape, axes: axes, keepDimensions: keepDimensions)
  let extremum = x.reduced(function, axes: reduction.axes)
  let value = extremum.reshaped(to: reduction.result)
  guard requiring else { return Evaluation(value) }
  return Evaluation(value) { gradient in
    let mask = BinaryFunction.equal.applied(x, extremum)
    let share = BinaryFunction.divide.applied(
      gradient.reshaped(to: reduction.kept), mask.reduced(.sum, axes: reduction.axes))
    return [BinaryFunction.multiply.applied(mask, share)]
  }
}
