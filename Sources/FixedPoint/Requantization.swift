/// A positive real factor as an integer multiplier and a right shift: `multiplier / 2^shift`.
///
/// A sum becomes `(sum × multiplier) / 2^shift` in 64 bits with halves away from zero, so that
/// every machine gets the same integer.
public struct Requantization: Hashable, Sendable {
  /// The multiplier, positive.
  public let multiplier: Int32

  /// How many bits the product is shifted to the right, 0...62.
  public let shift: Int

  /// Creates a factor from its parts, which ``FixedPointProgram`` checks.
  public init(multiplier: Int32, shift: Int) {
    self.multiplier = multiplier
    self.shift = shift
  }

  /// Creates the factor nearest to a real one.
  ///
  /// The multiplier is at least 2³⁰ for scales of 2⁻³² and more, which makes its relative error at
  /// most 2⁻³¹; smaller scales, under which every 32-bit sum becomes 0, keep the largest shift.
  ///
  /// - Precondition: the scale is positive and at most 2³¹ − 1.
  public init(scale: Double) {
    precondition(
      scale > 0 && scale <= Double(Int32.max), "Requantization: a scale of \(scale)")
    var shift = min(30 - Int(scale.exponent), 62)
    var multiplier = (scale * Double(sign: .plus, exponent: shift, significand: 1))
      .rounded(.toNearestOrAwayFromZero)
    if multiplier == 0x1p31 {
      multiplier = 0x1p30
      shift -= 1
    }
    self.init(multiplier: Int32(max(multiplier, 1)), shift: shift)
  }

  /// The real factor that the integers stand for.
  public var scale: Double {
    Double(sign: .plus, exponent: -shift, significand: Double(multiplier))
  }

  /// The product of a sum and the factor, with halves away from zero.
  public func callAsFunction(_ sum: Int32) -> Int64 {
    Rounding.shifted(Int64(sum) * Int64(multiplier), by: shift)
  }

  /// Whether both parts are in their ranges.
  package var isValid: Bool { multiplier > 0 && (0...62).contains(shift) }
}
