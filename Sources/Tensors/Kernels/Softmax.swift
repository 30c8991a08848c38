internal import RealModule

/// Softmax, or its logarithm, of every row of a matrix, and the pullbacks.
package enum SoftmaxKernel {
  /// Writes the softmax of each row, or the log-softmax; the largest element is subtracted first.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func rows<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, into y: UnsafeMutablePointer<Scalar>, rows: Int, columns: Int,
    logarithm: Bool
  ) {
    ThreadPool.current.forEachChunk(of: rows, grain: grain(columns)) { range in
      for row in range {
        let source = x + row * columns
        let target = y + row * columns
        let largest = maximum(source, count: columns)
        if logarithm {
          let total = sumElements(source, count: columns) { Scalar.kernelExp($0 - largest) }
          let shift = largest + Scalar.log(total)
          mapElements(source, into: target, count: columns) { $0 - shift }
        } else {
          mapElements(source, into: target, count: columns) { Scalar.kernelExp($0 - largest) }
          let factor = 1 / sumElements(target, count: columns) { $0 }
          mapElements(target, into: target, count: columns) { $0 * factor }
        }
      }
    }
  }

  /// Writes the gradient of the rows, given the value `y` of ``rows(_:into:rows:columns:logarithm:)``
  /// and its gradient `g`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func pullBack<Scalar: TensorScalar>(
    _ g: UnsafePointer<Scalar>, y: UnsafePointer<Scalar>, into dx: UnsafeMutablePointer<Scalar>,
    rows: Int, columns: Int, logarithm: Bool
  ) {
    ThreadPool.current.forEachChunk(of: rows, grain: grain(columns)) { range in
      for row in range {
        let offset = row * columns
        let (g, y, dx) = (g + offset, y + offset, dx + offset)
        if logarithm {
          let total = sumElements(g, count: columns) { $0 }
          mapElements(g, y, into: dx, count: columns) { $0 - Scalar.kernelExp($1) * total }
        } else {
          let product = sumElements(g, y, count: columns) { $0 * $1 }
          mapElements(g, y, into: dx, count: columns) { $1 * ($0 - product) }
        }
      }
    }
  }

  /// The largest of some elements.
  @inline(__always)
  static func maximum<Scalar: TensorScalar>(_ x: UnsafePointer<Scalar>, count: Int) -> Scalar {
    foldElements(x, count: count, identity: -.infinity) { $1 > $0 ? $1 : $0 }
  }

  /// The rows worth a thread; an exponential costs about eight simple operations.
  private static func grain(_ columns: Int) -> Int {
    Swift.max(1, elementGrain / (8 * Swift.max(columns, 1)))
  }
}
