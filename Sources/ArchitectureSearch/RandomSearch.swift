public import Tensors

/// The baseline a search has to beat: points drawn uniformly, with the same number of evaluations.
public struct RandomSearch: Hashable, Sendable {
  /// The space searched.
  public let space: ChoiceSpace

  /// The points drawn, at least 1.
  public let budget: Int

  /// Whether no point is drawn twice, which ends the search early if the space has fewer points
  /// than the budget.
  public let withoutReplacement: Bool

  /// Creates a search.
  ///
  /// - Precondition: the budget is at least 1.
  public init(space: ChoiceSpace, budget: Int, withoutReplacement: Bool = false) {
    precondition(budget >= 1, "a search needs at least 1 evaluation, not \(budget)")
    self.space = space
    self.budget = budget
    self.withoutReplacement = withoutReplacement
  }

  /// The points to evaluate, in order.
  public func choices(using random: inout RandomSource) -> [Choice] {
    guard withoutReplacement else {
      return (0..<budget).map { _ in space.uniformChoice(using: &random) }
    }
    if let count = space.count { return shuffledPoints(of: count, using: &random) }
    // No space of more than 2⁶³ points is ever exhausted, so drawing again terminates at once.
    var seen: Set<Choice> = []
    var choices: [Choice] = []
    while choices.count < budget {
      let choice = space.uniformChoice(using: &random)
      if seen.insert(choice).inserted { choices.append(choice) }
    }
    return choices
  }

  /// Points to evaluate that are within a constraint, as far as that is known without evaluating
  /// them, in order; each once.
  ///
  /// - Parameter excess: by how much a point exceeds the constraint. One that does is drawn again;
  ///   the search is given up after ``AlternatingSearch/mostDraws`` draws for each of the budget.
  public func choices(
    using random: inout RandomSource, excess: (Choice) -> Double
  ) -> [Choice] {
    var seen: Set<Choice> = []
    var choices: [Choice] = []
    for _ in 0..<budget * AlternatingSearch.mostDraws where choices.count < budget {
      let choice = space.uniformChoice(using: &random)
      if seen.insert(choice).inserted, excess(choice) <= 0 { choices.append(choice) }
    }
    return choices
  }

  /// The beginning of a random order of all points.
  ///
  /// A Fisher–Yates shuffle that stores the moved entries only, so that neither the size of the
  /// space nor a budget near to it matters.
  private func shuffledPoints(of count: Int, using random: inout RandomSource) -> [Choice] {
    var moved: [Int: Int] = [:]
    return (0..<min(budget, count)).map { place in
      let other = place + random.index(below: count - place)
      let drawn = moved[other] ?? other
      moved[other] = moved[place] ?? place
      return space.point(at: drawn)
    }
  }

  /// Evaluates the points and adds them to a history as baseline.
  ///
  /// A point the history has as baseline already is not evaluated again but counts towards the
  /// budget. A search that was interrupted is resumed by running it again with the same random
  /// source and its history.
  ///
  /// - Parameters:
  ///   - evaluate: evaluates a point; must be deterministic.
  ///   - afterEvaluation: is called after every point.
  /// - Returns: the best of the points drawn.
  /// - Throws: what the closures throw.
  public func run(
    using random: inout RandomSource, history: inout SearchHistory,
    evaluate: (Choice) throws -> Candidate,
    afterEvaluation: (SearchProgress) throws -> Void = { _ in }
  ) throws -> Candidate? {
    try BaselineRun.best(
      of: choices(using: &random), history: &history, evaluate: evaluate,
      afterEvaluation: afterEvaluation)
  }
}
