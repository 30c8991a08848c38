/// Zeroes a random share of elements and scales the rest.
package enum DropoutKernel {
  /// Writes `x / (1 − rate)`, or zero with probability `rate`, to `y`.
  ///
  /// Whether an element is kept is a function of the seed and its index alone (SplitMix64 as a
  /// counter-based generator), so it does not depend on threads, and the pullback is this function
  /// of the gradient: no mask is stored.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func apply<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, into y: UnsafeMutablePointer<Scalar>, count: Int, rate: Double,
    seed: UInt64
  ) {
    // The comparison is with the upper 32 bits.
    let threshold = UInt64((rate * 0x1p32).rounded())
    let factor = rate < 1 ? 1 / Scalar(1 - rate) : 0
    ThreadPool.current.forEachChunk(of: count, grain: elementGrain / 4) { range in
      for index in range {
        var bits = seed &+ UInt64(truncatingIfNeeded: index &+ 1) &* 0x9e37_79b9_7f4a_7c15
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        bits ^= bits >> 31
        y[index] = bits >> 32 >= threshold ? x[index] * factor : 0
      }
    }
  }
}
