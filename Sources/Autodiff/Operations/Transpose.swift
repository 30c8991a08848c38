public import Tensors

/// The axes in another order.
public struct Transpose: Operation {
  /// The name `transpose`.
  public static let name = "transpose"

  /// For each axis of the result, the axis of the input.
  public let permutation: [Int]

  /// Creates the operation: axis `i` of the result is axis `permutation[i]` of the input.
  public init(_ permutation: [Int]) { self.permutation = permutation }

  /// Evaluates on one input whose rank is the length of the permutation.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let x = single(inputs, Self.name)
    precondition(
      permutation.count == x.shape.rank, "transpose: \(permutation) for input \(x.shape)")
    let axes = permutation.map { x.shape.resolve($0) }
    let value = x.transposed(axes)
    guard requiring[0] else { return Evaluation(value) }
    var inverse = axes
    for (axis, source) in axes.enumerated() { inverse[source] = axis }
    return Evaluation(value) { [inverse] in [$0.transposed(inverse)] }
  }
}
