import ArchitectureSearch
import Tensors
import Testing

@Suite struct BaselineTests {
  struct Interruption: Error {}

  @Test func exhaustiveSearchFindsTheFirstOfTheBest() throws {
    let space = try space([3, 2, 4])
    let search = try ExhaustiveSearch(space: space, limit: 24)
    var history = SearchHistory()
    var steps: [Int] = []
    let best = try search.run(history: &history) { choice in
      // The best two are [1, 1, 0] and [2, 0, 1].
      Candidate(choice: choice, objective: -abs(Double(choice.options.reduce(0, +)) - 2))
    } afterEvaluation: {
      steps.append($0.step)
      #expect($0.steps == 24)
      #expect($0.entropyBits == nil)
    }
    #expect(best?.choice == [0, 0, 2])
    #expect(history.records.map(\.choice) == points(space))
    #expect(history.records.allSatisfy { $0.origin == .baseline && $0.seconds >= 0 })
    #expect(steps == Array(1...24))
  }

  @Test func aSpaceAboveTheLimitIsRefusedWithItsSize() throws {
    let space = try space([3, 2, 4])
    #expect(throws: ArchitectureSearchError.spaceTooLarge(points: 24, limit: 23)) {
      try ExhaustiveSearch(space: space, limit: 23)
    }
    #expect(
      ArchitectureSearchError.spaceTooLarge(points: 24, limit: 23).description
        == "the space has 24 points, enumerated are at most 23")
  }

  @Test func randomSearchUsesItsBudget() throws {
    let space = try space([3, 2, 4])
    var random = RandomSource(seed: 4)
    let free = RandomSearch(space: space, budget: 500).choices(using: &random)
    #expect(free.count == 500)
    #expect(Set(free) == Set(points(space)))
    let distinct = RandomSearch(space: space, budget: 20, withoutReplacement: true)
      .choices(using: &random)
    #expect(distinct.count == 20)
    #expect(Set(distinct).count == 20)
    let all = RandomSearch(space: space, budget: 500, withoutReplacement: true)
      .choices(using: &random)
    #expect(all.count == 24)
    #expect(Set(all) == Set(points(space)))
    #expect(all != points(space))
    // 3⁵⁰ points, more than Int counts.
    let large = try ArchitectureSearchTests.space(Array(repeating: 3, count: 50))
    let drawn = RandomSearch(space: large, budget: 30, withoutReplacement: true)
      .choices(using: &random)
    #expect(Set(drawn).count == 30)
  }

  @Test func randomSearchWithinAConstraintDrawsEachPointOnce() throws {
    let search = RandomSearch(space: try space([3, 2, 4]), budget: 5)
    var random = RandomSource(seed: 4)
    let found = search.choices(using: &random) { Double(max(0, $0[2] - 1)) }
    #expect(found.count == 5)
    #expect(Set(found).count == 5)
    #expect(found.allSatisfy { $0[2] <= 1 })
    // Where there are fewer, all of them; where there is none, none.
    let few = search.choices(using: &random) { $0[0] == 2 && $0[2] == 3 ? 0 : 1 }
    #expect(Set(few) == [[2, 0, 3], [2, 1, 3]])
    #expect(search.choices(using: &random) { _ in 1 }.isEmpty)
  }

  @Test func pointsThatAreKnownAreNotEvaluatedAgain() throws {
    var history = SearchHistory()
    var asked: [[Choice]] = []
    func evaluate(_ choices: [Choice]) -> [Candidate] {
      asked.append(choices)
      return choices.map { Candidate(choice: $0, objective: Double($0[0])) }
    }
    try history.evaluate([[1, 0], [2, 0]], first: 1, origin: .final, evaluate)
    let records = try history.evaluate(
      [[3, 0], [2, 0], [4, 0]], first: 3, origin: .final, evaluate)
    #expect(asked == [[[1, 0], [2, 0]], [[3, 0], [4, 0]]])
    #expect(records.map(\.objective) == [3, 2, 4])
    #expect(records.map(\.step) == [3, 2, 5])
    try history.evaluate([[1, 0]], first: 1, origin: .baseline, evaluate)
    history.remove(.final)
    #expect(history.records.map(\.origin) == [.baseline])
    try history.evaluate([[2, 0]], first: 1, origin: .final, evaluate)
    #expect(asked.count == 4)
  }

  /// Every point of 4 must come first in a quarter of the draws.
  @Test func drawingWithoutReplacementIsUniform() throws {
    let search = RandomSearch(space: try space([2, 2]), budget: 2, withoutReplacement: true)
    var random = RandomSource(seed: 6)
    var counts: [[Choice]: Int] = [:]
    for _ in 0..<12_000 { counts[search.choices(using: &random), default: 0] += 1 }
    #expect(counts.count == 12)
    // 1000 expected each, standard deviation 30.
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 130 })
  }

  @Test func anInterruptedBaselineEvaluatesNothingTwice() throws {
    let space = try space([3, 3, 3])
    let search = RandomSearch(space: space, budget: 60)
    func objective(_ choice: Choice) -> Candidate {
      Candidate(choice: choice, objective: Double(choice[0] * 2 - choice[2]))
    }
    var whole = SearchHistory()
    var random = RandomSource(seed: 9)
    let expected = try search.run(using: &random, history: &whole, evaluate: objective)

    var history = SearchHistory()
    var evaluated: [Choice] = []
    random = RandomSource(seed: 9)
    #expect(throws: Interruption.self) {
      try search.run(using: &random, history: &history) { choice in
        if evaluated.count == 10 { throw Interruption() }
        evaluated.append(choice)
        return objective(choice)
      }
    }
    #expect(history.records.count == 10)
    random = RandomSource(seed: 9)
    let best = try search.run(using: &random, history: &history) { choice in
      evaluated.append(choice)
      return objective(choice)
    }
    #expect(best == expected)
    #expect(Set(evaluated).count == evaluated.count)
    #expect(history.records.map(\.candidate) == whole.records.map(\.candidate))
    #expect(history.records.map(\.step) == whole.records.map(\.step))
  }
}
