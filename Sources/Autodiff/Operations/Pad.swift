public import Tensors

/// A constant added around a tensor, per axis before and after.
public struct Pad: Operation {
  /// The name `pad`.
  public static let name = "pad"

  /// How many elements precede the input along each axis.
  public let before: [Int]

  /// How many elements follow the input along each axis.
  public let after: [Int]

  /// The constant.
  public let value: Double

  /// Creates the operation from the amounts along each axis.
  ///
  /// - Precondition: as many amounts before as after, none negative.
  public init(before: [Int], after: [Int], value: Double = 0) {
    precondition(
      before.count == after.count && (before + after).allSatisfy { $0 >= 0 },
      "pad: \(before) before and \(after) after")
    self.before = before
    self.after = after
    self.value = value
  }

  /// Evaluates on one input with as many axes as there are amounts.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let x = single(inputs, Self.name)
    let shape = x.shape
    precondition(before.count == shape.rank, "pad: \(before) before for input \(shape)")
    let padded = Shape((0..<shape.rank).map { before[$0] + shape[$0] + after[$0] })
    let ones = [Int](repeating: 1, count: shape.rank)
    var value = Tensor<Scalar>(padded, repeating: Scalar(self.value))
    value.insert(x, starts: before, steps: ones)
    guard requiring[0] else { return Evaluation(value) }
    let starts = before
    return Evaluation(value) { [$0.extracted(starts: starts, extents: shape, steps: ones)] }
  }
}
