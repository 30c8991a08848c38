import Metrics
import Testing

@Suite struct HolmCorrectionTests {
  /// By hand: 0.01 · 4, 0.02 · 3, then 0.03 · 2, which may not be below the one before, and 0.5.
  @Test func theSmallestIsMultipliedByTheNumberOfComparisons() {
    let adjusted = HolmCorrection.adjusted([0.5, 0.01, 0.03, 0.02])
    for (found, expected) in zip(adjusted, [0.5, 0.04, 0.06, 0.06]) {
      #expect(abs(found - expected) < 1e-12)
    }
    #expect(HolmCorrection.adjusted([0.4, 0.9]) == [0.8, 0.9])
    #expect(HolmCorrection.adjusted([0.7, 0.9, 0.8]) == [1, 1, 1])
    #expect(HolmCorrection.adjusted([]) == [])
  }

  /// Two differences of 1 and 3: t = 2 / (√2 / √2) = 2 with one degree of freedom, whose distribution is
  /// Cauchy's: p = 1 − 2 / π · atan 2 = 0.29517.
  @Test func pairsHaveATwoSidedPValue() throws {
    let difference = try #require(PairedDifference([2, 5], [1, 2]))
    #expect(abs(try #require(difference.pValue) - 0.2951672) < 1e-6)
    #expect(try #require(PairedDifference([1, 2], [2, 5])).pValue == difference.pValue)
    #expect(try #require(PairedDifference([2], [1])).pValue == nil)
    #expect(
      try #require(PairedDifference([2, 3], [1, 2])).pValue == nil, "the same in every pair")
  }
}
