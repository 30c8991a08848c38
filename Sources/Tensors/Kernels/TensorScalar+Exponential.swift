internal import RealModule

extension Float {
  /// `eˣ` within 2 units in the last place, branch-free so that loops over it become vector code.
  ///
  /// Results below 2⁻¹²⁵, near the smallest normal number, are flushed to zero.
  @inline(__always)
  public static func kernelExp(_ x: Float) -> Float {
    // x = n ln 2 + r. Adding 1.5 · 2²³ leaves the rounded n in the low bits of the sum.
    let shifted = x * 1.442_695_04 + 12_582_912
    let n = shifted - 12_582_912
    let r = (x - n * 0.693_359_375) - n * -2.121_944_4e-4
    var p: Float = 1.987_569_1e-4
    p = p * r + 1.398_199_95e-3
    p = p * r + 8.333_452e-3
    p = p * r + 4.166_579_6e-2
    p = p * r + 1.666_666_55e-1
    p = p * r + 0.5
    p = p * r * r + r + 1
    // 2ⁿ in two factors, so that n = 128 does not overflow before the product does.
    let half = Float(bitPattern: (shifted.bitPattern &<< 23) &+ 0x3f00_0000)
    let result = p * half * 2
    let flushed = x < -86.9 ? 0 : result
    return x > 88.722_83 ? .infinity : flushed
  }
}

extension Double {
  /// `eˣ` of the mathematical library.
  @inline(__always)
  public static func kernelExp(_ x: Double) -> Double { Double.exp(x) }
}
