import ArchitectureSearch
import Foundation
import Tensors
import Testing

@Suite struct CategoricalDistributionTests {
  @Test func theUniformDistributionHasTheEntropyOfItsOptions() throws {
    let distribution = CategoricalDistribution(uniform: try space([2, 4, 8]))
    #expect(distribution.entropyBits == [1, 2, 3])
    #expect(distribution.entropy == 6)
    #expect(distribution.mode == [0, 0, 0])
    #expect(abs(distribution.logProbability(of: [1, 3, 7]) + log(64)) < 1e-12)
    #expect(distribution.probabilitiesByName["layer_0"] == ["option 0": 0.5, "option 1": 0.5])
  }

  @Test func samplesHaveTheProbabilities() throws {
    let distribution = try CategoricalDistribution(
      space: space([2, 3]), probabilities: [[0.25, 0.75], [0.5, 0, 0.5]])
    var random = RandomSource(seed: 7)
    var counts: [Choice: Int] = [:]
    let draws = 40_000
    for _ in 0..<draws { counts[distribution.sample(using: &random), default: 0] += 1 }
    for choice in points(distribution.space) {
      let expected = exp(distribution.logProbability(of: choice))
      let share = Double(counts[choice] ?? 0) / Double(draws)
      // Four standard deviations of a share; exactly none of what cannot be.
      let tolerance = 4 * (expected * (1 - expected) / Double(draws)).squareRoot()
      #expect(abs(share - expected) <= tolerance, "\(choice)")
    }
  }

  @Test func theModeIsTheMostProbablePoint() throws {
    var random = RandomSource(seed: 1)
    for _ in 0..<20 {
      let distribution = try randomDistribution(space([3, 2, 4]), using: &random)
      let best = points(distribution.space).max {
        distribution.logProbability(of: $0) < distribution.logProbability(of: $1)
      }
      #expect(distribution.mode == best)
      #expect(try coded(distribution) == distribution)
    }
  }

  @Test(arguments: [
    [[0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]], [[0.5, 0.6], [0.2, 0.3, 0.5]],
    [[1.5, -0.5], [0.2, 0.3, 0.5]], [[.nan, 1], [0.2, 0.3, 0.5]],
  ])
  func numbersThatAreNoDistributionAreRefused(probabilities: [[Double]]) throws {
    let space = try space([2, 3])
    #expect(throws: ArchitectureSearchError.self) {
      try CategoricalDistribution(space: space, probabilities: probabilities)
    }
  }
}
