internal import RealModule

extension Float {
  /// `x = n ln 2 + r` as a number whose low bits are the rounded n, and `eʳ − 1`.
  @inline(__always)
  private static func exponentialParts(_ x: Float) -> (shifted: Float, remainder: Float) {
    // Adding 1.5 · 2²³ leaves the rounded n in the low bits of the sum.
    let shifted = x * 1.442_695_04 + 12_582_912
    let n = shifted - 12_582_912
    let r = (x - n * 0.693_359_375) - n * -2.121_944_4e-4
    var p: Float = 1.987_569_1e-4
    p = p * r + 1.398_199_95e-3
    p = p * r + 8.333_452e-3
    p = p * r + 4.166_579_6e-2
    p = p * r + 1.666_666_55e-1
    p = p * r + 0.5
    return (shifted, p * r * r + r)
  }

  /// `eˣ` within 2 units in the last place, branch-free so that loops over it become vector code.
  ///
  /// Results below 2⁻¹²⁵, near the smallest normal number, are flushed to zero.
  @inline(__always)
  public static func kernelExp(_ x: Float) -> Float {
    let (shifted, remainder) = exponentialParts(x)
    // 2ⁿ in two factors, so that n = 128 does not overflow before the product does.
    let half = Float(bitPattern: (shifted.bitPattern &<< 23) &+ 0x3f00_0000)
    let result = (remainder + 1) * half * 2
    let flushed = x < -86.9 ? 0 : result
    return x > 88.722_83 ? .infinity : flushed
  }

  /// `eˣ − 1` for `x ≤ 0`, within 10⁻⁶ of itself: `2ⁿ (eʳ − 1) + (2ⁿ − 1)`.
  @inline(__always)
  public static func kernelExpMinusOne(_ x: Float) -> Float {
    // Below, the result is −1 and 2ⁿ no normal number.
    let (shifted, remainder) = exponentialParts(x < -87 ? -87 : x)
    let power = Float(bitPattern: (shifted.bitPattern &<< 23) &+ 0x3f80_0000)
    return power * remainder + (power - 1)
  }

  /// `log(1 + x)` for `x` in `0...1`, within 10⁻⁶ of itself: `2 artanh(x / (2 + x))` by its series.
  @inline(__always)
  public static func kernelLogOnePlus(_ x: Float) -> Float {
    let s = x / (2 + x)
    let z = s * s
    var p: Float = 1 / 13
    p = p * z + 1 / 11
    p = p * z + 1 / 9
    p = p * z + 1 / 7
    p = p * z + 1 / 5
    p = p * z + 1 / 3
    return 2 * (s + s * z * p)
  }

  /// The hyperbolic tangent within 10⁻⁶ of itself.
  ///
  /// Near zero the polynomial of the Cephes library (S. Moshier, `tanhf`), elsewhere exponentials.
  @inline(__always)
  public static func kernelTanh(_ x: Float) -> Float {
    let magnitude = x.magnitude
    let decay = kernelExp(-2 * magnitude)
    let far = (1 - decay) / (1 + decay)
    let z = x * x
    var p: Float = -5.704_988_7e-3
    p = p * z + 2.063_908_8e-2
    p = p * z - 5.373_971_6e-2
    p = p * z + 1.333_144_2e-1
    p = p * z - 3.333_328_2e-1
    let near = p * z * x + x
    let signed = x < 0 ? -far : far
    return magnitude < 0.625 ? near : signed
  }

  /// The error function within 10⁻⁶: a quotient of polynomials (as in Eigen, `erf` of floats).
  @inline(__always)
  public static func kernelErf(_ x: Float) -> Float {
    let x = clamped(x, -4, 4)
    let z = x * x
    var p: Float = -2.726_142_3e-10
    p = p * z + 2.770_681_4e-8
    p = p * z - 2.101_024e-6
    p = p * z - 5.692_506_4e-5
    p = p * z - 7.349_906e-4
    p = p * z - 2.954_599_9e-3
    p = p * z - 1.609_603_3e-2
    var q: Float = -1.456_607_2e-5
    q = q * z - 2.133_740_5e-4
    q = q * z - 1.682_827e-3
    q = q * z - 7.373_329_3e-3
    q = q * z - 1.426_473_9e-2
    return x * p / q
  }
}

extension Double {
  /// `eˣ` of the mathematical library.
  @inline(__always)
  public static func kernelExp(_ x: Double) -> Double { Double.exp(x) }

  /// `eˣ − 1` of the mathematical library.
  @inline(__always)
  public static func kernelExpMinusOne(_ x: Double) -> Double { Double.expMinusOne(x) }

  /// `log(1 + x)` of the mathematical library.
  @inline(__always)
  public static func kernelLogOnePlus(_ x: Double) -> Double { Double.log(onePlus: x) }

  /// The hyperbolic tangent of the mathematical library.
  @inline(__always)
  public static func kernelTanh(_ x: Double) -> Double { Double.tanh(x) }

  /// The error function of the mathematical library.
  @inline(__always)
  public static func kernelErf(_ x: Double) -> Double { Double.erf(x) }
}
