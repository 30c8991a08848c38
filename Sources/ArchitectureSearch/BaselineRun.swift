/// Evaluates the points of a baseline one after the other.
enum BaselineRun {
  /// Evaluates points that are not in a history as baseline yet.
  ///
  /// - Returns: the first of the best points, nil of none.
  static func best(
    of choices: some Collection<Choice>, history: inout SearchHistory,
    evaluate: (Choice) throws -> Candidate,
    afterEvaluation: (SearchProgress) throws -> Void
  ) throws -> Candidate? {
    var best: Candidate?
    var feasible = 0
    for (index, choice) in choices.enumerated() {
      let record = try history.evaluate([choice], first: index + 1, origin: .baseline) {
        try $0.map(evaluate)
      }[0]
      if record.candidate.isFeasible { feasible += 1 }
      if best.map({ CandidateOrder.isBetter(record.candidate, than: $0) }) ?? true {
        best = record.candidate
      }
      try afterEvaluation(
        SearchProgress(
          step: index + 1, steps: choices.count, best: best,
          feasibleShare: Double(feasible) / Double(index + 1)))
    }
    return best
  }
}
