import Foundation
import Testing
import Training

@Suite struct StatisticsTests {
  @Test func theRunningMeanWeighsBatchesByTheirSize() throws {
    var mean = RunningMean()
    #expect(mean.mean == nil)
    mean.add(1, weight: 3)
    mean.add(5)
    #expect(mean.mean == 2)
    mean = try JSONDecoder().decode(RunningMean.self, from: JSONEncoder().encode(mean))
    mean.add(2, weight: 4)
    #expect(mean.mean == 2)
    #expect(mean.weight == 8)
  }

  /// Deviations from 5 are −3 −1 −1 −1 0 0 2 4, their squares sum to 32; 32/7.
  @Test func statisticsUseTheSampleDeviation() throws {
    let statistics = try #require(SampleStatistics([2, 4, 4, 4, 5, 5, 7, 9]))
    #expect(statistics.mean == 5)
    #expect(statistics.standardDeviation == (32.0 / 7).squareRoot())
    #expect(statistics.minimum == 2)
    #expect(statistics.maximum == 9)
    #expect(statistics.description == "5.00 ± 2.14")
    #expect(statistics.formatted(scale: 100, places: 1) == "500.0 ± 213.8")
  }

  @Test func oneValueHasNoDeviationAndNoneNoStatistics() {
    #expect(SampleStatistics([0.5])?.standardDeviation == nil)
    #expect(SampleStatistics([0.5])?.description == "0.50")
    #expect(SampleStatistics([]) == nil)
    #expect(Percentiles([]) == nil)
    #expect(Percentiles([1, .nan]) == nil)
  }

  /// Four values lie at 0, 33⅓, 66⅔ and 100 %; in between it is linear.
  @Test func percentilesInterpolate() throws {
    let percentiles = try #require(Percentiles([40, 10, 30, 20]))
    #expect(percentiles.p50 == 25)
    #expect(abs(percentiles.p99 - 39.7) < 1e-12)
    #expect(percentiles[0] == 10)
    #expect(percentiles[100] == 40)
    #expect(Percentiles([3])?.p99 == 3)
  }
}
