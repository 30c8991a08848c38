extension Tensor {
  /// Adds another tensor of the same shape in place.
  ///
  /// - Precondition: equal shapes.
  public mutating func add(_ other: Tensor) {
    precondition(shape == other.shape, "Tensor.add: \(shape) and \(other.shape)")
    other.withUnsafeBufferPointer { other in
      withUnsafeMutableBufferPointer { own in
        guard let target = own.baseAddress, let source = other.baseAddress else { return }
        accumulate(source, into: target, count: own.count)
      }
    }
  }
}

/// Adds `count` elements of `source` to `target`, in parallel.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
package func accumulate<Scalar: TensorScalar>(
  _ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>, count: Int
) {
  ThreadPool.current.forEachChunk(of: count, grain: 1 << 15) { range in
    for index in range { target[index] += source[index] }
  }
}
