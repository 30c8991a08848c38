/// Integer divisions with halves away from zero, which the C file repeats word for word.
///
/// They work on magnitudes, since C leaves the right shift of a negative number to the compiler.
package enum Rounding {
  /// `value / 2^shift`.
  ///
  /// - Precondition: the magnitude of `value` is below 2⁶², and `shift` is in 0...62; the sum with
  ///   half of the divisor then stays below 2⁶³.
  package static func shifted(_ value: Int64, by shift: Int) -> Int64 {
    let half = (UInt64(1) << UInt64(shift)) >> 1
    let magnitude = (value.magnitude + half) >> UInt64(shift)
    return value < 0 ? -Int64(magnitude) : Int64(magnitude)
  }

  /// `dividend / divisor` of numbers without a sign.
  package static func divided(_ dividend: UInt64, by divisor: UInt64) -> UInt64 {
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    // Twice the remainder might not fit, the difference always does.
    return remainder >= divisor - remainder ? quotient + 1 : quotient
  }

  /// The number in an interval nearest to a value.
  package static func limited(_ value: Int64, _ low: Int16, _ high: Int16) -> Int16 {
    Int16(min(max(value, Int64(low)), Int64(high)))
  }

  /// `shifted` in C.
  package static let roundShift = CFunction(
    name: "round_shift",
    source: """
      /* value / 2^shift with halves away from zero; |value| < 2^62, shift in 0...62. */
      static int64_t round_shift(int64_t value, int32_t shift) {
        const uint64_t magnitude = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
        const uint64_t rounded = (magnitude + (((uint64_t)1 << shift) >> 1)) >> shift;
        return value < 0 ? -(int64_t)rounded : (int64_t)rounded;
      }
      """)

  /// `divided` in C.
  package static let divideRounded = CFunction(
    name: "divide_rounded",
    source: """
      /* dividend / divisor with halves up. */
      static uint64_t divide_rounded(uint64_t dividend, uint64_t divisor) {
        const uint64_t quotient = dividend / divisor;
        const uint64_t remainder = dividend % divisor;
        return remainder >= divisor - remainder ? quotient + 1 : quotient;
      }
      """)

  /// `limited` in C.
  package static let limit = CFunction(
    name: "limit",
    source: """
      /* The number in low...high nearest to value. */
      static int32_t limit(int64_t value, int32_t low, int32_t high) {
        return value < low ? low : value > high ? high : (int32_t)value;
      }
      """)
}
