import ArchitectureSearch
import Testing

@Suite struct RankUtilitiesTests {
  /// Lists of ranks with the utilities, worked out by hand.
  @Test(
    arguments: [
      ([1, 2], [1, -1]),
      ([2, 1], [-1, 1]),
      ([1.5, 1.5], [0, 0]),
      ([3, 1, 2], [-1, 1, 0]),
      // μ = 1, and two share the first place: (1 + 0)/2.
      ([1.5, 1.5, 3], [0.5, 0.5, -1]),
      // All tie in a number of samples that does not divide evenly.
      ([3, 3, 3, 3, 3], [0, 0, 0, 0, 0]),
      // μ = ⌈5/4⌉ = 2.
      ([1, 2, 3, 4, 5], [0.5, 0.5, 0, -0.5, -0.5]),
      // The places 2 to 4 have utilities ½, 0, −½.
      ([1, 3, 3, 3, 5], [0.5, 0, 0, 0, -0.5]),
      // The places 2 and 3 share ½ and 0.
      ([1, 2.5, 2.5, 4, 5], [0.5, 0.25, 0.25, -0.5, -0.5]),
      ([1, 2, 3, 4, 5, 6, 7, 8], [0.5, 0.5, 0, 0, 0, 0, -0.5, -0.5]),
      ([1], [0]),
      ([], []),
    ] as [([Double], [Double])])
  func utilitiesAreSharedAmongTies(ranks: [Double], utilities: [Double]) {
    #expect(RankUtilities.utilities(ranks: ranks) == utilities)
  }
}
