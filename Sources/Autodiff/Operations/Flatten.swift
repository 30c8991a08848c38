public import Tensors

/// All axes from one on merged into one; no element is copied.
public struct Flatten: Operation {
  /// The name `flatten`.
  public static let name = "flatten"

  /// The first axis that is merged.
  public let fromAxis: Int

  /// Creates the operation; by default everything but the batch is merged.
  public init(fromAxis: Int = 1) { self.fromAxis = fromAxis }

  /// Evaluates on one input of rank above ``fromAxis``.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let x = single(inputs, Self.name)
    let shape = x.shape
    let axis = shape.resolve(fromAxis)
    let merged = shape.product(axis..<shape.rank)
    let value = x.reshaped(to: Shape(shape.dimensions[..<axis] + [merged]))
    guard requiring[0] else { return Evaluation(value) }
    return Evaluation(value) { [$0.reshaped(to: shape)] }
  }
}
