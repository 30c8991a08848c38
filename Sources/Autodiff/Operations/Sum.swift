public import Tensors

/// The sum over axes.
public struct Sum: Operation {
  /// The name `sum`.
  public static let name = "sum"

  /// The axes that are reduced; all of them if `nil`.
  public let axes: [Int]?

  /// Whether reduced axes keep an extent of one.
  public let keepDimensions: Bool

  /// Creates the operation; without axes everything becomes a scalar.
  public init(axes: [Int]? = nil, keepDimensions: Bool = false) {
    self.axes = axes
    self.keepDimensions = keepDimensions
  }

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    evaluateSum(
      single(inputs, Self.name), axes, keepDimensions, averaged: false, requiring: requiring[0])
  }
}

/// The mean over axes.
public struct Mean: Operation {
  /// The name `mean`.
  public static let name = "mean"

  /// The axes that are reduced; all of them if `nil`.
  public let axes: [Int]?

  /// Whether reduced axes keep an extent of one.
  public let keepDimensions: Bool

  /// Creates the operation; without axes everything becomes a scalar.
  public init(axes: [Int]? = nil, keepDimensions: Bool = false) {
    self.axes = axes
    self.keepDimensions = keepDimensions
  }

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    evaluateSum(
      single(inputs, Self.name), axes, keepDimensions, averaged: true, requiring: requiring[0])
  }
}

private func evaluateSum<Scalar: TensorScalar>(
  _ x: Tensor<Scalar>, _ axes: [Int]?, _ keepDimensions: Bool, averaged: Bool, requiring: Bool
) -> Evaluation<Scalar> {
  let reduction = AxisReduction(x.shape, axes: axes, keepDimensions: keepDimensions)
  let factor = averaged ? 1 / Double(reduction.count) : 1
  let sum = scaled(x.reduced(.sum, axes: reduction.axes), by: factor)
  let value = sum.reshaped(to: reduction.result)
  guard requiring else { return Evaluation(value) }
  return Evaluation(value) { gradient in
    [scaled(gradient, by: factor).reshaped(to: reduction.kept).broadcast(to: reduction.input)]
  }
}
