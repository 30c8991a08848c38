import ArchitectureSearch
import Foundation
import Tensors
import Testing

@Suite struct ModeRepairTests {
  /// A random constraint that the mode violates: a sum of costs below a limit.
  struct Problem {
    let distribution: CategoricalDistribution
    let costs: [[Double]]
    let limit: Double

    init(counts: [Int], tightness: Double, seed: UInt64) throws {
      var random = RandomSource(seed: seed, purpose: "repair")
      distribution = try randomDistribution(space(counts), using: &random)
      // What is probable is dear, so that the mode is far from feasible.
      costs = distribution.probabilities.map { row in
        row.map { $0 + 0.3 * random.uniform() }
      }
      let cheapest = costs.reduce(0) { $0 + ($1.min() ?? 0) }
      let mode = distribution.mode
      let dear = zip(costs, mode.options).reduce(0) { $0 + $1.0[$1.1] }
      limit = cheapest + tightness * (dear - cheapest)
    }

    func violation(_ choice: Choice) -> Double {
      Candidate.violation(
        of: costs.indices.reduce(0) { $0 + costs[$1][choice[$1]] }, limit: limit)
    }

    /// The highest log probability of a feasible point, by trying all.
    var best: Double {
      points(distribution.space).filter { violation($0) == 0 }
        .map { distribution.logProbability(of: $0) }.max() ?? -.infinity
    }
  }

  @Test(arguments: [[2, 2, 2, 2, 2, 2], [3, 5, 2, 4], [7, 2, 3, 3]], [0.05, 0.4, 0.9])
  func bothExactWaysFindTheMostProbableFeasiblePoint(counts: [Int], tightness: Double) throws {
    for seed in 0..<12 as Range<UInt64> {
      let problem = try Problem(counts: counts, tightness: tightness, seed: seed)
      let best = problem.best
      for (repair, origin) in [
        (ModeRepair(), FinalChoice.Origin.enumeration),
        (ModeRepair(enumerationLimit: 0), .bestFirst),
      ] {
        let choice = try repair.finalChoice(
          of: problem.distribution, constraint: problem.violation)
        #expect(choice.origin == origin)
        #expect(choice.isRepaired && choice.isMostProbable)
        #expect(choice.mode == problem.distribution.mode)
        #expect(problem.violation(choice.choice) == 0)
        #expect(abs(choice.logProbability - best) < 1e-12)
        #expect(
          choice.logProbability == problem.distribution.logProbability(of: choice.choice))
      }
    }
  }

  @Test(arguments: [[2, 2, 2, 2, 2], [3, 5, 2, 4], [4], [2, 6]])
  func bestFirstTriesEveryPointOnceInOrder(counts: [Int]) throws {
    var random = RandomSource(seed: 4)
    let distribution = try randomDistribution(space(counts), using: &random)
    var tried: [Choice] = []
    let error = #expect(throws: ArchitectureSearchError.self) {
      try ModeRepair(enumerationLimit: 0).finalChoice(of: distribution) { choice in
        tried.append(choice)
        return 1
      }
    }
    let count = distribution.space.count ?? 0
    #expect(
      error == .noFeasiblePoint(points: count, nearest: distribution.mode, violation: 1))
    // The mode is tried once more at the beginning.
    tried.removeFirst()
    #expect(tried.count == count)
    #expect(Set(tried).count == count)
    let probabilities = tried.map { distribution.logProbability(of: $0) }
    #expect(zip(probabilities, probabilities.dropFirst()).allSatisfy { $0 >= $1 - 1e-12 })
  }

  @Test func impossibleOptionsComeLast() throws {
    let distribution = try CategoricalDistribution(
      space: space([2, 3, 2]), probabilities: [[1, 0], [0, 0.5, 0.5], [0, 1]])
    for repair in [ModeRepair(), ModeRepair(enumerationLimit: 0)] {
      let choice = try repair.finalChoice(of: distribution) { $0[1] == 2 ? 0 : 1 }
      #expect(choice.choice == [0, 2, 1])
      let unlikely = try repair.finalChoice(of: distribution) { $0[2] == 0 ? 0 : 1 }
      #expect(unlikely.choice[2] == 0)
      #expect(unlikely.logProbability == -.infinity)
    }
  }

  @Test func aFeasibleModeIsNotChanged() throws {
    var random = RandomSource(seed: 1)
    let distribution = try randomDistribution(space([3, 4, 2]), using: &random)
    let choice = try ModeRepair().finalChoice(of: distribution) { _ in -0.5 }
    #expect(choice.choice == distribution.mode)
    #expect(choice.origin == .mode)
    #expect(!choice.isRepaired)
    #expect(try coded(choice) == choice)
  }

  @Test func noFeasiblePointIsAnErrorThatNamesTheNearest() throws {
    let distribution = CategoricalDistribution(uniform: try space([3, 2]))
    let error = #expect(throws: ArchitectureSearchError.self) {
      try ModeRepair().finalChoice(of: distribution) { $0 == [2, 0] ? 0.25 : .nan }
    }
    #expect(error == .noFeasiblePoint(points: 6, nearest: [2, 0], violation: 0.25))
  }

  @Test func localSearchTakesOverInALargeSpace() throws {
    for seed in 0..<6 as Range<UInt64> {
      let problem = try Problem(counts: [4, 3, 5, 2, 3, 4, 3, 2], tightness: 0.1, seed: seed)
      let repair = ModeRepair(enumerationLimit: 0, expansionLimit: 20)
      let choice = try repair.finalChoice(
        of: problem.distribution, constraint: problem.violation)
      #expect(choice.origin == .localSearch)
      #expect(!choice.isMostProbable)
      #expect(problem.violation(choice.choice) == 0)
      let best = problem.best
      #expect(choice.logProbability <= best + 1e-12)
      // A probability of at least a third of the best one's, where points span many orders.
      #expect(choice.logProbability > best - log(3))
    }
  }

  /// 9²² points: neither way can try all, yet the answer is feasible.
  @Test func aNASSpaceIsRepaired() throws {
    let problem = try Problem(
      counts: Array(repeating: 9, count: 22), tightness: 0.2, seed: 3)
    let choice = try ModeRepair(expansionLimit: 2000).finalChoice(
      of: problem.distribution, constraint: problem.violation)
    #expect(choice.origin == .localSearch)
    #expect(problem.violation(choice.choice) == 0)

    // A constraint that two changes fulfil is within reach of trying in order.
    let mode = problem.distribution.mode
    let near = try ModeRepair().finalChoice(of: problem.distribution) {
      $0[3] != mode[3] && $0[17] != mode[17] ? 0 : 1
    }
    #expect(near.origin == .bestFirst)
    let changed = (0..<22).filter { near.choice[$0] != mode[$0] }
    #expect(changed == [3, 17])
    for dimension in changed {
      let row = problem.distribution.probabilities[dimension].sorted(by: >)
      #expect(
        problem.distribution.probabilities[dimension][near.choice[dimension]] == row[1])
    }
  }

  @Test func nothingFoundInALargeSpaceIsAnError() throws {
    let distribution = CategoricalDistribution(
      uniform: try space(Array(repeating: 9, count: 22)))
    let error = #expect(throws: ArchitectureSearchError.self) {
      try ModeRepair(expansionLimit: 100).finalChoice(of: distribution) { _ in 0.5 }
    }
    guard case .noFeasiblePointFound(let tries, let nearest, let violation) = error else {
      Issue.record("found \(String(describing: error))")
      return
    }
    #expect(tries > 100)
    #expect(nearest == distribution.mode)
    #expect(violation == 0.5)
  }
}
