public import Tensors

/// The same elements under another shape; no element is copied.
public struct Reshape: Operation {
  /// The name `reshape`.
  public static let name = "reshape"

  /// The extents of the result; at most one may be −1 and follows from the others.
  public let dimensions: [Int]

  /// Creates the operation from the extents of the result.
  ///
  /// - Precondition: at most one extent is −1, the others are not negative.
  public init(_ dimensions: [Int]) {
    precondition(
      dimensions.filter { $0 == -1 }.count <= 1 && dimensions.allSatisfy { $0 >= -1 },
      "reshape: \(dimensions)")
    self.dimensions = dimensions
  }

  /// Evaluates on one input with as many elements as the result.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let x = single(inputs, Self.name)
    let known = dimensions.filter { $0 >= 0 }.reduce(1, *)
    let resolved = dimensions.map { $0 == -1 ? x.count / max(known, 1) : $0 }
    precondition(
      resolved.reduce(1, *) == x.count, "reshape: \(x.shape) does not fit \(dimensions)")
    let shape = x.shape
    let value = x.reshaped(to: Shape(resolved))
    guard requiring[0] else { return Evaluation(value) }
    return Evaluation(value) { [$0.reshaped(to: shape)] }
  }
}
