// x: input, w: weight, b: bias, g: gradient of the value, x̂ = (x − mean) · r with
// r = 1 / √(variance + ε).

/// Normalisation of every row of a matrix to mean 0 and variance 1.
package enum LayerNormKernel {
  /// Writes the normalised rows, times a weight plus a bias if given, and their statistics.
  ///
  /// - Parameter statistics: the mean and r of each row, `[rows, 2]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func normalize<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, weight: UnsafePointer<Scalar>?, bias: UnsafePointer<Scalar>?,
    into y: UnsafeMutablePointer<Scalar>, statistics: UnsafeMutablePointer<Scalar>, rows: Int,
    columns: Int, epsilon: Scalar
  ) {
    ThreadPool.current.forEachChunk(of: rows, grain: max(1, elementGrain / (4 * columns))) {
      for row in $0 {
        let x = x + row * columns
        let y = y + row * columns
        let mean = sumElements(x, count: columns) { $0 } / Scalar(columns)
        let variance =
          sumElements(x, count: columns) { ($0 - mean) * ($0 - mean) } / Scalar(columns)
        let r = 1 / (variance + epsilon).squareRoot()
        if let weight, let bias {
          mapElements(x, weight, bias, into: y, count: columns) { ($0 - mean) * r * $1 + $2 }
        } else {
          mapElements(x, into: y, count: columns) { ($0 - mean) * r }
        }
        statistics[2 * row] = mean
        statistics[2 * row + 1] = r
      }
    }
  }

  /// Writes the gradient of the input: `r (g w − mean(g w) − x̂ mean(g w x̂))` of each row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func pullBackInput<Scalar: TensorScalar>(
    _ g: UnsafePointer<Scalar>, x: UnsafePointer<Scalar>, weight: UnsafePointer<Scalar>?,
    statistics: UnsafePointer<Scalar>, into dx: UnsafeMutablePointer<Scalar>, rows: Int,
    columns: Int
  ) {
    ThreadPool.current.forEachChunk(of: rows, grain: max(1, elementGrain / (4 * columns))) {
      for row in $0 {
        let g = g + row * columns
        let x = x + row * columns
        let dx = dx + row * columns
        let mean = statistics[2 * row]
        let r = statistics[2 * row + 1]
        // The gradient of x̂ goes through dx.
        if let weight {
          mapElements(g, weight, into: dx, count: columns) { $0 * $1 }
        } else {
          dx.update(from: g, count: columns)
        }
        let sum = sumElements(dx, count: columns) { $0 } / Scalar(columns)
        let product =
          sumElements(dx, x, count: columns) { $0 * ($1 - mean) } * r / Scalar(columns)
        mapElements(dx, x, into: dx, count: columns) { r * ($0 - sum - ($1 - mean) * r * product) }
      }
    }
  }

  /// Writes the gradient of the weight, `Σ g x̂`, over all rows; columns in parallel.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func pullBackWeight<Scalar: TensorScalar>(
    _ g: UnsafePointer<Scalar>, x: UnsafePointer<Scalar>, statistics: UnsafePointer<Scalar>,
    into dw: UnsafeMutablePointer<Scalar>, rows: Int, columns: Int
  ) {
    ThreadPool.current.forEachChunk(of: columns, grain: max(16, elementGrain / max(rows, 1))) {
      let count = $0.count
      let dw = dw + $0.lowerBound
      dw.update(repeating: 0, count: count)
      for row in 0..<rows {
        let offset = row * columns + $0.lowerBound
        let mean = statistics[2 * row]
        let r = statistics[2 * row + 1]
        mapElements(g + offset, x + offset, dw, into: dw, count: count) {
          $2 + $0 * ($1 - mean) * r
        }
      }
    }
  }
}
