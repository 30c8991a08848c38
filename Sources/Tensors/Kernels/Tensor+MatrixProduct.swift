/// The product of two matrices, each optionally transposed: `[m, k]` and `[k, n]` to `[m, n]`.
package func matrixProduct<Scalar: TensorScalar>(
  _ left: Tensor<Scalar>, _ right: Tensor<Scalar>, transposeLeft: Bool = false,
  transposeRight: Bool = false
) -> Tensor<Scalar> {
  batchedMatrixProduct(
    left.reshaped(to: left.shape.prepending(1)), right.reshaped(to: right.shape.prepending(1)),
    transposeLeft: transposeLeft, transposeRight: transposeRight, shape: nil)
}

/// The products of pairs of matrices: `[b, m, k]` and `[b, k, n]` to `[b, m, n]`, each operand
/// optionally transposed.
///
/// - Parameter shape: the shape of the result, if not `[b, m, n]` (or `[m, n]` for one pair).
package func batchedMatrixProduct<Scalar: TensorScalar>(
  _ left: Tensor<Scalar>, _ right: Tensor<Scalar>, transposeLeft: Bool = false,
  transposeRight: Bool = false, shape: Shape?
) -> Tensor<Scalar> {
  let batch = left.shape[0]
  let m = left.shape[transposeLeft ? 2 : 1]
  let k = left.shape[transposeLeft ? 1 : 2]
  let n = right.shape[transposeRight ? 1 : 2]
  precondition(
    right.shape[0] == batch && right.shape[transposeRight ? 2 : 1] == k,
    "matmul: \(left.shape) and \(right.shape) do not fit")
  let product = Tensor<Scalar>(shape ?? (batch == 1 ? [m, n] : [batch, m, n])) { output in
    left.withUnsafeBufferPointer { a in
      right.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress, let c = output.baseAddress else {
          return
        }
        let leadingA = transposeLeft ? m : k
        let leadingB = transposeRight ? k : n
        if batch == 1 {
          multiplyMatrices(
            transposeA: transposeLeft, transposeB: transposeRight, m: m, n: n, k: k, a: a,
            leadingA: leadingA, b: b, leadingB: leadingB, c: c, leadingC: n)
        } else {
          ThreadPool.current.forEachChunk(of: batch) { pairs in
            for pair in pairs {
              Scalar.gemm(
                transposeA: transposeLeft, transposeB: transposeRight, m: m, n: n, k: k, alpha: 1,
                a: a + pair * m * k, leadingA: leadingA, b: b + pair * k * n, leadingB: leadingB,
                beta: 0, c: c + pair * m * n, leadingC: n)
            }
          }
        }
      }
    }
  }
  return product
}

extension Tensor {
  /// Adds a vector to every row of this matrix `[…, columns]`.
  package mutating func addToEachRow(_ vector: Tensor) {
    let columns = vector.count
    let rows = count / Swift.max(columns, 1)
    vector.withUnsafeBufferPointer { vector in
      withUnsafeMutableBufferPointer { own in
        guard let vector = vector.baseAddress, let own = own.baseAddress else { return }
        addRowVector(vector, to: own, rows: rows, columns: columns)
      }
    }
  }
}
