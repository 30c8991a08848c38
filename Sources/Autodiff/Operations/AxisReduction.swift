internal import Tensors

/// The shapes of a reduction over axes.
struct AxisReduction {
  /// The shape of the operand.
  let input: Shape
  /// The reduced axes, not negative.
  let axes: [Int]
  /// The shape with an extent of one along reduced axes.
  let kept: Shape
  /// The shape of the value.
  let result: Shape

  /// Resolves axes, all if `nil`, against the shape of the operand.
  init(_ input: Shape, axes: [Int]?, keepDimensions: Bool) {
    self.input = input
    let reduced = Set((axes ?? Array(0..<input.rank)).map { input.resolve($0) })
    self.axes = reduced.sorted()
    var kept = input
    for axis in reduced { kept[axis] = 1 }
    self.kept = kept
    result =
      keepDimensions
      ? kept : Shape((0..<input.rank).filter { !reduced.contains($0) }.map { input[$0] })
  }

  /// The number of elements that become one.
  var count: Int { axes.reduce(1) { $0 * input[$1] } }
}
