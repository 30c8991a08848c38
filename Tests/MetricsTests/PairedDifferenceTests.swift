import Metrics
import Testing

@Suite struct PairedDifferenceTests {
  @Test func quantilesEqualThoseOfSciPy() throws {
    for item in try ReferenceValues.loaded.get().student {
      let found = StudentT(degreesOfFreedom: item.degrees).quantile(item.probability)
      #expect(
        abs(found - item.quantile) <= 1e-9 * max(1, abs(item.quantile)),
        "\(item.degrees) degrees of freedom, \(item.probability): \(found)")
    }
  }

  /// With one degree of freedom the distribution is Cauchy's, with two it has a root in it.
  @Test(arguments: [-40, -2, -0.1, 0, 0.3, 1, 5, 1000]) func probabilitiesEqualClosedForms(
    value: Double
  ) {
    let two = 0.5 + value / (2 * (2 + value * value).squareRoot())
    #expect(abs(StudentT(degreesOfFreedom: 2).cumulative(value) - two) < 1e-14)
    let probability = StudentT(degreesOfFreedom: 1).cumulative(value)
    let opposite = StudentT(degreesOfFreedom: 1).cumulative(-value)
    #expect(abs(probability + opposite - 1) < 1e-14)
  }

  @Test func quantilesInvertProbabilities() {
    for degrees in [1, 4, 30.5] {
      let distribution = StudentT(degreesOfFreedom: degrees)
      for probability in [1e-6, 0.2, 0.4999, 0.7, 0.9999] {
        let back = distribution.cumulative(distribution.quantile(probability))
        #expect(abs(back - probability) < 1e-12 * max(probability, 1e-2))
      }
    }
  }

  @Test func intervalsEqualThoseOfSciPy() throws {
    let reference = try ReferenceValues.loaded.get().paired
    let difference = try #require(PairedDifference(reference.first, reference.second))
    expectClose(difference.mean, reference.mean, within: 1e-12)
    expectClose(difference.interval?.lowerBound, reference.low, within: 1e-12)
    expectClose(difference.interval?.upperBound, reference.high, within: 1e-12)
    #expect(difference.count == 5)
  }

  @Test func onePairHasNoIntervalAndNonePairNoMean() throws {
    let one = try #require(PairedDifference([3], [1]))
    #expect(one.mean == 2 && one.interval == nil && one.standardDeviation == nil)
    #expect(PairedDifference([], []) == nil)
    #expect(PairedDifference([.nan, 1], [0, 1]) == nil)
  }

  @Test func equalDifferencesHaveAnIntervalOfOnePoint() throws {
    let difference = try #require(PairedDifference([2, 3, 4], [1, 2, 3]))
    #expect(difference.interval == 1...1)
  }
}
