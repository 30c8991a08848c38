import Foundation
import Testing

import FixedPoint

@Suite struct RequantizationTests {
  /// `numerator / denominator`, halves away from zero, in exact 128-bit arithmetic.
  private func rounded(_ numerator: Int128, _ denominator: Int128) -> Int128 {
    let magnitude = (2 * numerator.magnitude + denominator.magnitude) / (2 * denominator.magnitude)
    return (numerator < 0) == (denominator < 0) ? Int128(magnitude) : -Int128(magnitude)
  }

  /// Sums and factors, extremes and halves among them.
  private static let cases: [(sum: Int32, factor: Requantization)] = {
    var random = SeededGenerator(1)
    var cases: [(Int32, Requantization)] = []
    let sums: [Int32] = [0, 1, -1, 2, -2, 3, -3, 255, .max, .min, .max - 1, .min + 1]
    let multipliers: [Int32] = [1, 2, 3, 1 << 30, (1 << 30) + 1, .max - 1, .max]
    for sum in sums {
      for multiplier in multipliers {
        for shift in [0, 1, 2, 30, 31, 32, 61, 62] {
          cases.append((sum, Requantization(multiplier: multiplier, shift: shift)))
        }
      }
    }
    for _ in 0..<5000 {
      let sum = Int32(truncatingIfNeeded: random.next()) >> Int32(random.next() % 32)
      let multiplier = max(1, Int32(truncatingIfNeeded: random.next() >> 33))
      cases.append(
        (sum, Requantization(multiplier: multiplier, shift: random.integer(0...62))))
    }
    return cases
  }()

  @Test func roundsTheExactProduct() {
    for (sum, factor) in RequantizationTests.cases {
      let exact = rounded(
        Int128(sum) * Int128(factor.multiplier), Int128(1) << Int128(factor.shift))
      #expect(Int128(factor(sum)) == exact, "\(sum) \(factor)")
    }
  }

  @Test func halvesGoAwayFromZero() {
    let half = Requantization(multiplier: 1, shift: 1)
    #expect([-3, -2, -1, 0, 1, 2, 3].map { half($0) } == [-2, -1, -1, 0, 1, 1, 2])
  }

  @Test func picksTheNearestNormalisedMultiplier() {
    var random = SeededGenerator(2)
    for _ in 0..<2000 {
      let scale = Double(
        sign: .plus, exponent: random.integer(-32...29),
        significand: Double.random(in: 1..<2, using: &random))
      let factor = Requantization(scale: scale)
      #expect(factor.isValid && factor.multiplier >= 1 << 30)
      #expect(abs(factor.scale - scale) <= scale * 0x1p-31)
    }
    #expect(Requantization(scale: 1) == Requantization(multiplier: 1 << 30, shift: 30))
    // It rounds up to 2³¹, which is one bit too many.
    #expect(
      Requantization(scale: 1 - 0x1p-40) == Requantization(multiplier: 1 << 30, shift: 30))
    #expect(Requantization(scale: 0x1p31 - 1) == Requantization(multiplier: .max, shift: 0))
  }

  @Test func tinyScalesMakeEverySumZero() {
    for scale in [0x1p-33, 1e-30, Double.leastNonzeroMagnitude] {
      let factor = Requantization(scale: scale)
      #expect(factor.isValid)
      #expect(factor(.max) == 0 && factor(-.max) == 0)
    }
  }

  @Test func dividesWithHalvesUp() {
    #expect(Rounding.divided(7, by: 2) == 4)
    #expect(Rounding.divided(6, by: 4) == 2)
    #expect(Rounding.divided(5, by: 4) == 1)
    #expect(Rounding.divided(1 << 62, by: (1 << 63) - 1) == 1)
    #expect(Rounding.divided(1 << 62, by: 1) == 1 << 62)
    #expect(Rounding.divided((1 << 61) - 1, by: 1 << 62) == 0)
  }

  @Test(.enabled(if: CCompiler() != nil, "needs a C compiler"))
  func cRoundsAlike() throws {
    let compiler = try #require(CCompiler())
    let cases = RequantizationTests.cases
    let rows = cases.map { "{INT64_C(\($0.sum)), \($0.factor.multiplier), \($0.factor.shift)}" }
    let source = """
      #include <stdint.h>
      #include <stdio.h>
      \(Rounding.roundShift.source)
      \(Rounding.divideRounded.source)
      \(Rounding.limit.source)
      static const struct { int64_t sum; int32_t multiplier; int32_t shift; } cases[] = {
      \(rows.joined(separator: ",\n"))
      };
      int main(void) {
        for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
          const int64_t value = round_shift(cases[i].sum * cases[i].multiplier, cases[i].shift);
          const uint64_t dividend = (uint64_t)cases[i].multiplier << (cases[i].shift % 32);
          const uint64_t divisor = (uint64_t)(cases[i].sum < 0 ? -cases[i].sum : cases[i].sum) + 1;
          printf("%lld %llu %d\\n", (long long)value,
              (unsigned long long)divide_rounded(dividend, divisor),
              (int)limit(value, -128, 127));
        }
        return 0;
      }
      """
    let expected = cases.map { sum, factor in
      let value = factor(sum)
      let dividend = UInt64(factor.multiplier) << UInt64(factor.shift % 32)
      let quotient = Rounding.divided(dividend, by: UInt64(sum.magnitude) + 1)
      return "\(value) \(quotient) \(Rounding.limited(value, -128, 127))\n"
    }.joined()
    try CCompiler.withFolder { folder in
      let checks = CCompiler.hasSanitizers ? CCompiler.sanitizers : []
      for options in [["-O0"], ["-O2"], ["-O1"] + checks] {
        let program = try compiler.compile(
          source, ["-std=c99", "-Wall", "-Wextra", "-Werror"] + options, in: folder)
        let found = try String(decoding: CCompiler.run(program, []), as: UTF8.self)
        #expect(found == expected, "\(options)")
      }
    }
  }
}
