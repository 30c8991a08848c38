/// Computes `c = op(a) · op(b) + beta · c` on row-major matrices, dividing the larger side of `c`
/// among the threads of the current pool.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
package func multiplyMatrices<Scalar: TensorScalar>(
  transposeA: Bool = false, transposeB: Bool = false, m: Int, n: Int, k: Int,
  a: UnsafePointer<Scalar>, leadingA: Int, b: UnsafePointer<Scalar>, leadingB: Int,
  beta: Scalar = 0, c: UnsafeMutablePointer<Scalar>, leadingC: Int
) {
  guard m > 0, n > 0 else { return }
  let pool = ThreadPool.current
  // Below this many multiplications the hand-over costs more than the other core saves.
  let worthwhile = m * n * max(k, 1) > 1 << 16
  if !worthwhile {
    Scalar.gemm(
      transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 1,
      a: a, leadingA: leadingA, b: b, leadingB: leadingB, beta: beta, c: c, leadingC: leadingC)
  } else if m >= n {
    pool.forEachChunk(of: m, grain: 8) { rows in
      Scalar.gemm(
        transposeA: transposeA, transposeB: transposeB, m: rows.count, n: n, k: k, alpha: 1,
        a: a + rows.lowerBound * (transposeA ? 1 : leadingA), leadingA: leadingA,
        b: b, leadingB: leadingB, beta: beta,
        c: c + rows.lowerBound * leadingC, leadingC: leadingC)
    }
  } else {
    pool.forEachChunk(of: n, grain: 8) { columns in
      Scalar.gemm(
        transposeA: transposeA, transposeB: transposeB, m: m, n: columns.count, k: k, alpha: 1,
        a: a, leadingA: leadingA,
        b: b + columns.lowerBound * (transposeB ? leadingB : 1), leadingB: leadingB, beta: beta,
        c: c + columns.lowerBound, leadingC: leadingC)
    }
  }
}

/// Adds a row vector to every row of a matrix of `rows × columns`, in the calling thread.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
package func addRowVector<Scalar: TensorScalar>(
  _ vector: UnsafePointer<Scalar>, to matrix: UnsafeMutablePointer<Scalar>, rows: Int, columns: Int
) {
  for row in 0..<rows {
    let target = matrix + row * columns
    for column in 0..<columns { target[column] += vector[column] }
  }
}
