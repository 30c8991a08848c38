/// Selection of rows of a matrix and its transpose, the sum into rows.
package enum GatherKernel {
  /// Writes row `indices[i]` of the source to row `i` of the target.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func gather<Scalar: TensorScalar>(
    _ source: UnsafePointer<Scalar>, indices: [Int32], columns: Int,
    into target: UnsafeMutablePointer<Scalar>
  ) {
    let grain = max(1, elementGrain / max(columns, 1))
    ThreadPool.current.forEachChunk(of: indices.count, grain: grain) { range in
      for row in range {
        (target + row * columns).update(from: source + Int(indices[row]) * columns, count: columns)
      }
    }
  }

  /// Adds row `i` of the source to row `indices[i]` of the target; columns in parallel, since rows
  /// may repeat.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func scatterAdd<Scalar: TensorScalar>(
    _ source: UnsafePointer<Scalar>, indices: [Int32], columns: Int,
    into target: UnsafeMutablePointer<Scalar>
  ) {
    let grain = max(16, elementGrain / max(indices.count, 1))
    ThreadPool.current.forEachChunk(of: columns, grain: grain) { range in
      for (row, index) in indices.enumerated() {
        let sum = target + Int(index) * columns + range.lowerBound
        let part = source + row * columns + range.lowerBound
        mapElements(sum, part, into: sum, count: range.count) { $0 + $1 }
      }
    }
  }
}
