import ArchitectureSearch
import Foundation
import Tensors
import Testing

@Suite struct AlternatingSearchTests {
  struct Interruption: Error {}

  /// What remains of a record when the time it took is left out.
  private func timeless(_ history: SearchHistory) -> [SearchRecord] {
    history.records.map {
      SearchRecord(step: $0.step, candidate: $0.candidate, seconds: 0, origin: $0.origin)
    }
  }

  @Test func trainingAndEvaluationAlternate() throws {
    let search = AlternatingSearch(
      space: try space([3, 2, 4]), settings: ASNG.Settings(sampleCount: 4), steps: 25,
      trainingSampleCount: 3, seed: 1)
    var state = search.start
    var history = SearchHistory()
    var events: [String] = []
    var progresses: [SearchProgress] = []
    try search.run(state: &state, history: &history) { choices in
      #expect(choices.count == 3)
      events.append("train")
    } evaluate: { choice in
      if events.last != "evaluate" { events.append("evaluate") }
      return Candidate(
        choice: choice, objective: Double(choice[0]), violation: choice[2] == 3 ? 1 : 0)
    } afterStep: { progress, state, history in
      events.append("step")
      progresses.append(progress)
      #expect(state.step == progress.step)
      #expect(history.records.last?.step == state.step)
    }
    #expect(events == Array(repeating: ["train", "evaluate", "step"], count: 25).flatMap { $0 })
    #expect(progresses.map(\.step) == Array(1...25))
    #expect(progresses.allSatisfy { $0.steps == 25 && $0.entropyBits?.count == 3 })
    #expect(progresses.last?.best == history.best()?.candidate)
    #expect(progresses.last?.best?.objective == 2)
    #expect(state.step == 25)
    #expect(state.asng.step == 25)
    #expect(history.records.allSatisfy { $0.origin == .search })
    // A point drawn twice in a step is evaluated once.
    for step in 1...25 {
      let choices = history.records.filter { $0.step == step }.map(\.choice)
      #expect(Set(choices).count == choices.count)
      #expect((1...4).contains(choices.count))
    }
    // Done is done.
    try search.run(state: &state, history: &history) { _ in
      throw Interruption()
    } evaluate: { _ in
      throw Interruption()
    }
    #expect(state.step == 25)
  }

  /// What is known to exceed the constraint costs nothing, unless there is nothing else, and is learned
  /// from.
  @Test func whatMayNotBeDrawnIsDrawnAgain() throws {
    let search = AlternatingSearch(
      space: try space([3, 2, 4]), settings: ASNG.Settings(sampleCount: 3), steps: 40,
      trainingSampleCount: 2, seed: 1)
    for isAnything in [true, false] {
      var state = search.start
      var history = SearchHistory()
      var drawn: Set<Choice> = []
      for _ in 0..<40 {
        try search.advance(
          state: &state, history: &history,
          excess: { isAnything && $0[0] == 1 && $0[2] > 1 ? 0 : Double(1 + $0[1]) }
        ) {
          drawn.formUnion($0)
        } evaluate: { choices in
          drawn.formUnion(choices)
          return choices.map { Candidate(choice: $0, objective: Double($0[2])) }
        }
      }
      #expect(drawn.allSatisfy { $0[0] == 1 && $0[2] > 1 } == isAnything)
      #expect(!drawn.isEmpty)
      #expect(
        history.records.allSatisfy { $0.candidate.isFeasible }, "what is not evaluated is not kept")
      if isAnything {
        #expect(state.asng.distribution.mode[0] == 1)
        #expect(state.asng.distribution.mode[2] == 3)
      }
    }
  }

  /// At every place where a search may be interrupted, with the log ahead of the checkpoint.
  @Test(arguments: [1, 2, 30, 31, 59, 60])
  func aResumedSearchGoesOnBitForBit(calls: Int) throws {
    let landscape = try Landscape(counts: [3, 4, 2, 5], coupling: 0.5, seed: 2)
    let search = AlternatingSearch(space: landscape.space, steps: 40, seed: 17)
    var trained: [[Choice]] = []
    var whole = search.start
    var wholeHistory = SearchHistory()
    try search.run(state: &whole, history: &wholeHistory) {
      trained.append($0)
    } evaluate: {
      landscape.candidate($0)
    }

    var state = search.start
    var history = SearchHistory()
    var saved = try coded(state)
    var log = try coded(history)
    var remaining = calls
    #expect(throws: Interruption.self) {
      try search.run(state: &state, history: &history) { _ in
      } evaluate: { choice in
        if remaining == 0 { throw Interruption() }
        remaining -= 1
        return landscape.candidate(choice)
      } afterStep: { _, state, history in
        log = try coded(history)
        // The checkpoint is written less often than the log.
        if state.step % 3 == 0 { saved = try coded(state) }
      }
    }
    #expect(saved.step <= state.step)
    var retrained: [[Choice]] = []
    let begin = saved.step
    try search.run(state: &saved, history: &log) {
      retrained.append($0)
    } evaluate: {
      landscape.candidate($0)
    }
    #expect(saved == whole)
    #expect(timeless(log) == timeless(wholeHistory))
    #expect(retrained == Array(trained.dropFirst(begin)))
  }

  @Test func aFailedStepChangesNothing() throws {
    let search = AlternatingSearch(space: try space([3, 3, 3]), steps: 5, seed: 1)
    var state = search.start
    var history = SearchHistory()
    #expect(throws: Interruption.self) {
      try search.run(state: &state, history: &history) { _ in
        throw Interruption()
      } evaluate: {
        Candidate(choice: $0, objective: 1)
      }
    }
    #expect(state == search.start)
    #expect(history.records.isEmpty)
  }

  @Test func theStateOfAnotherSearchIsRefused() throws {
    let here = try space([3, 3])
    let search = AlternatingSearch(space: here, steps: 5, seed: 1)
    let others = [
      AlternatingSearch(space: try space([3, 4]), steps: 5, seed: 1),
      AlternatingSearch(space: here, steps: 5, seed: 2),
      AlternatingSearch(
        space: here, settings: ASNG.Settings(sampleCount: 3), steps: 5, seed: 1),
    ]
    for other in others {
      var state = other.start
      var history = SearchHistory()
      let error = #expect(throws: ArchitectureSearchError.self) {
        try search.run(state: &state, history: &history) { _ in
        } evaluate: {
          Candidate(choice: $0, objective: 1)
        }
      }
      #expect(error?.description.hasPrefix("the state belongs to another search") == true)
    }
  }

  @Test func stepsThatAllTieOrFailLeaveThetaUniform() throws {
    let search = AlternatingSearch(space: try space([3, 2, 4]), steps: 30, seed: 5)
    for candidate: @Sendable (Choice) -> Candidate in [
      { Candidate(choice: $0, objective: .nan) },
      { Candidate(choice: $0, objective: 1, violation: 0.5) },
      { Candidate(choice: $0, objective: 3) },
    ] {
      var state = search.start
      var history = SearchHistory()
      try search.run(state: &state, history: &history) { _ in
      } evaluate: {
        candidate($0)
      }
      #expect(
        state.asng.distribution == CategoricalDistribution(uniform: search.space))
      #expect(state.step == 30)
    }
  }

  @Test func aConstraintAloneIsLearned() throws {
    // No point drawn at first is feasible, and the objective says the opposite.
    let counts = [4, 4, 4, 4, 4, 4]
    let search = AlternatingSearch(space: try space(counts), steps: 400, seed: 3)
    func violation(_ choice: Choice) -> Double {
      Candidate.violation(of: Double(choice.options.reduce(0, +)), limit: 0.5)
    }
    var state = search.start
    var history = SearchHistory()
    try search.run(state: &state, history: &history) { _ in
    } evaluate: {
      Candidate(
        choice: $0, objective: Double($0.options.reduce(0, +)), violation: violation($0))
    }
    #expect(state.asng.distribution.mode == [0, 0, 0, 0, 0, 0])
    let final = try search.finalChoice(of: state, constraint: violation)
    #expect(final.origin == .mode)
  }

  @Test func progressIsSaidInOneLine() {
    let progress = SearchProgress(
      step: 20, steps: 100, best: Candidate(choice: [0], objective: 0.91237, violation: 0),
      feasibleShare: 0.75, entropyBits: [1, 2])
    #expect(progress.meanEntropyBits == 1.5)
    #expect(
      progress.description
        == "step 20 of 100, best 0.9124 (feasible), 75 % feasible, 1.5 bits per dimension")
    let infeasible = SearchProgress(
      step: 1, steps: 2, best: Candidate(choice: [0], objective: .nan, violation: 0.125),
      feasibleShare: 0)
    #expect(
      infeasible.description
        == "step 1 of 2, best nan (exceeds the limit by 12.5 %), 0 % feasible")
    #expect(
      SearchProgress(step: 0, steps: 2, best: nil, feasibleShare: nil).description
        == "step 0 of 2")
  }
}
