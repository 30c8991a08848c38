public import Tensors

/// Tensors joined along an axis.
public struct Concatenate: Operation {
  /// The name `concat`.
  public static let name = "concat"

  /// The axis along which the inputs follow each other; negative counts from the end.
  public let axis: Int

  /// Creates the operation; by default channels are joined.
  public init(axis: Int = -1) { self.axis = axis }

  /// Evaluates on one or more inputs whose shapes are equal but for the axis.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    precondition(!inputs.isEmpty, "concat: no inputs")
    var shape = inputs[0].shape
    let axis = shape.resolve(axis)
    for input in inputs.dropFirst() {
      var expected = inputs[0].shape
      if input.shape.rank == expected.rank { expected[axis] = input.shape[axis] }
      precondition(
        input.shape == expected, "concat: \(inputs[0].shape) and \(input.shape) along axis \(axis)")
      shape[axis] += input.shape[axis]
    }
    let shapes = inputs.map { $0.shape }
    let ones = [Int](repeating: 1, count: shape.rank)
    let zeros = [Int](repeating: 0, count: shape.rank)
    var value = Tensor<Scalar>(shape) { _ in }
    var starts = zeros
    for input in inputs {
      value.insert(input, starts: starts, steps: ones)
      starts[axis] += input.shape[axis]
    }
    guard requiring.contains(true) else { return Evaluation(value) }
    return Evaluation(value) { gradient in
      var starts = zeros
      return zip(shapes, requiring).map { shape, required in
        defer { starts[axis] += shape[axis] }
        return required ? gradient.extracted(starts: starts, extents: shape, steps: ones) : nil
      }
    }
  }
}
