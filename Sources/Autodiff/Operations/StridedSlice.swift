public import Tensors

/// A block of a tensor: a range along each axis, with steps.
public struct StridedSlice: Operation {
  /// The name `slice`.
  public static let name = "slice"

  /// The elements that are kept along each of the first axes; later axes are kept whole.
  public let ranges: [Range<Int>]

  /// The distance between kept elements along each axis of ``ranges``.
  public let steps: [Int]

  /// Creates the operation; without steps every element of the ranges is kept.
  ///
  /// - Precondition: as many steps as ranges, all positive.
  public init(_ ranges: [Range<Int>], steps: [Int]? = nil) {
    let steps = steps ?? [Int](repeating: 1, count: ranges.count)
    precondition(
      steps.count == ranges.count && steps.allSatisfy { $0 > 0 },
      "slice: steps \(steps) for \(ranges.count) ranges")
    self.ranges = ranges
    self.steps = steps
  }

  /// Creates the operation that keeps a range along one axis of a tensor of some rank.
  ///
  /// - Precondition: `0 <= axis`.
  public init(axis: Int, _ range: Range<Int>, of shape: Shape) {
    let axis = shape.resolve(axis)
    self.init((0...axis).map { $0 == axis ? range : 0..<shape[$0] })
  }

  /// Evaluates on one input that holds the ranges.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let x = single(inputs, Self.name)
    let shape = x.shape
    precondition(
      ranges.count <= shape.rank
        && ranges.enumerated().allSatisfy {
          $0.element.lowerBound >= 0 && $0.element.upperBound <= shape[$0.offset]
        }, "slice: ranges \(ranges) of input \(shape)")
    var extents = shape
    var starts = [Int](repeating: 0, count: shape.rank)
    var strides = [Int](repeating: 1, count: shape.rank)
    for (axis, range) in ranges.enumerated() {
      extents[axis] = (range.count + steps[axis] - 1) / steps[axis]
      starts[axis] = range.lowerBound
      strides[axis] = steps[axis]
    }
    let value = x.extracted(starts: starts, extents: extents, steps: strides)
    guard requiring[0] else { return Evaluation(value) }
    return Evaluation(value) { [starts, strides] gradient in
      var result = Tensor<Scalar>(shape, repeating: 0)
      result.insert(gradient, starts: starts, steps: strides)
      return [result]
    }
  }
}
