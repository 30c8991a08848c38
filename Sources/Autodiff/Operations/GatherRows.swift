public import Tensors

/// Entries of the first axis picked by index, such as the vectors of an embedding table.
///
/// An index that occurs several times receives the sum of the gradients.
public struct GatherRows: Operation {
  /// The name `gather_rows`.
  public static let name = "gather_rows"

  /// The entries, in row-major order of ``indexShape``.
  public let indices: [Int32]

  /// The axes that replace the first one of the input.
  public let indexShape: Shape

  /// Creates the operation; the indices form one axis unless a shape is given.
  ///
  /// - Precondition: as many indices as the shape has elements.
  public init(_ indices: [Int32], shape: Shape? = nil) {
    let shape = shape ?? [indices.count]
    precondition(
      shape.elementCount == indices.count, "gather_rows: \(indices.count) indices for \(shape)")
    self.indices = indices
    indexShape = shape
  }

  /// Evaluates on one input `[entries, ...]`; the result is `indexShape + [...]`.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let table = single(inputs, Self.name)
    let shape = table.shape
    precondition(shape.rank >= 1, "gather_rows: input of rank 0")
    precondition(
      indices.allSatisfy { $0 >= 0 && Int($0) < shape[0] },
      "gather_rows: an index is outside 0..<\(shape[0])")
    let columns = shape.product(1..<shape.rank)
    let indices = indices
    let resultShape = Shape(indexShape.dimensions + shape.dimensions.dropFirst())
    let value = table.withUnsafeBufferPointer { source in
      Tensor<Scalar>(resultShape) { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        GatherKernel.gather(source, indices: indices, columns: columns, into: target)
      }
    }
    guard requiring[0] else { return Evaluation(value) }
    return Evaluation(value) { gradient in
      var result = Tensor<Scalar>(shape, repeating: 0)
      gradient.withUnsafeBufferPointer { source in
        result.withUnsafeMutableBufferPointer { target in
          guard let source = source.baseAddress, let target = target.baseAddress else { return }
          GatherKernel.scatterAdd(source, indices: indices, columns: columns, into: target)
        }
      }
      return [result]
    }
  }
}
