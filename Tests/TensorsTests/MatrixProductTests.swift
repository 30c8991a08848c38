import Tensors
import Testing

/// Products of matrices of every awkward size against their definition.
@Suite struct MatrixProductTests {
  /// Rows, columns and terms: none, fewer than a vector, between two vectors, more than a block.
  static let sizes = [
    (1, 1, 1), (1, 10, 512), (2, 3, 5), (3, 7, 300), (5, 4, 2), (6, 17, 9), (7, 33, 64),
    (8, 48, 256), (9, 49, 257), (13, 95, 31), (17, 64, 600), (33, 24, 144), (4, 12, 0),
    (300, 31, 20), (600, 500, 40), (1100, 1000, 7),
  ]

  @Test(arguments: sizes, [false, true])
  func productsFollowTheDefinition(size: (m: Int, n: Int, k: Int), isTurned: Bool) {
    let (m, n, k) = size
    var random = RandomSource(seed: 4)
    // Rows lie further apart than they are long.
    let (leadingA, leadingB, leadingC) = ((isTurned ? m : k) + 3, n + 2, n + 1)
    let a: Tensor<Float> = random.normal([isTurned ? k : m, leadingA])
    let b: Tensor<Float> = random.normal([k, leadingB])
    let start: Tensor<Float> = random.normal([m, leadingC])
    let (x, y, z) = (a.scalars, b.scalars, start.scalars)
    for beta in [Float(0), 1, 0.5] {
      var result = start
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          result.withUnsafeMutableBufferPointer { c in
            guard let c = c.baseAddress else { return }
            // An empty matrix may have no memory; any will do.
            let (a, b) = (a.baseAddress ?? UnsafePointer(c), b.baseAddress ?? UnsafePointer(c))
            Float.gemm(
              transposeA: isTurned, transposeB: false, m: m, n: n, k: k, alpha: 1, a: a,
              leadingA: leadingA, b: b, leadingB: leadingB, beta: beta, c: c, leadingC: leadingC)
          }
        }
      }
      let found = result.scalars
      var error = 0.0
      for row in 0..<m {
        for column in 0..<leadingC {
          let index = row * leadingC + column
          guard column < n else {
            #expect(found[index] == z[index], "beyond the row")
            continue
          }
          var sum = Double(beta) * Double(z[index])
          for term in 0..<k {
            let left = isTurned ? x[term * leadingA + row] : x[row * leadingA + term]
            sum += Double(left) * Double(y[term * leadingB + column])
          }
          error = max(error, abs(Double(found[index]) - sum))
        }
      }
      #expect(error <= 1e-5 * max(1, Double(k).squareRoot()), "beta \(beta): \(error)")
    }
  }
}
