internal import Tensors

/// One-shot search: steps of the weights all architectures share alternate with steps of θ.
///
/// Every step draws architectures from θ and trains the weights they use on a training batch, then
/// draws λ more, evaluates them with these weights on a validation batch, and moves θ by
/// ``ASNG``. The final choice is the mode of θ, to be retrained from scratch. Sources: NASC,
/// https://arxiv.org/abs/2208.13968, with the search of Akimoto et al., ICML 2019,
/// https://arxiv.org/abs/1905.08537.
///
/// What is drawn in a step depends on the seed, the step and θ alone, so that a search goes on
/// from a ``State`` exactly as it would have, as far as the closures do.
public struct AlternatingSearch: Hashable, Sendable {
  /// What a search goes on from; belongs in a checkpoint beside the weights.
  public struct State: Codable, Hashable, Sendable {
    /// The seed of the search.
    public let seed: UInt64

    /// θ and its adaptation.
    public fileprivate(set) var asng: ASNG

    /// The steps done.
    public fileprivate(set) var step: Int
  }

  /// The space searched.
  public let space: ChoiceSpace

  /// The settings of the θ step.
  public let settings: ASNG.Settings

  /// The steps in all.
  public let steps: Int

  /// The architectures drawn for a step of the weights, at least 1.
  public let trainingSampleCount: Int

  /// The seed of everything drawn.
  public let seed: UInt64

  /// Creates a search.
  ///
  /// - Parameter trainingSampleCount: the architectures in a step of the weights; nil for λ.
  /// - Precondition: the numbers of steps and samples are at least 1, the settings in their ranges.
  public init(
    space: ChoiceSpace, settings: ASNG.Settings = ASNG.Settings(), steps: Int,
    trainingSampleCount: Int? = nil, seed: UInt64
  ) {
    precondition(settings.isValid, "\(settings) is out of range")
    precondition(steps >= 1, "a search needs at least 1 step, not \(steps)")
    self.space = space
    self.settings = settings
    self.steps = steps
    self.trainingSampleCount = trainingSampleCount ?? settings.sampleCount
    self.seed = seed
    precondition(self.trainingSampleCount >= 1, "a step of the weights needs an architecture")
  }

  /// The state before the first step.
  public var start: State {
    State(seed: seed, asng: ASNG(space: space, settings: settings), step: 0)
  }

  /// Runs the steps that are left.
  ///
  /// An error leaves the state and the history as they were after the last whole step. Records a
  /// history has of steps after the state, as a log written more often than checkpoints does, are
  /// dropped first.
  ///
  /// - Parameters:
  ///   - state: where to begin, ``start`` or what was reached before; then what was reached.
  ///   - history: receives the evaluations.
  ///   - train: a step of the weights on a training batch, for the architectures given.
  ///   - evaluate: evaluates an architecture on the validation batch of the step. An architecture
  ///     drawn twice in a step is evaluated once.
  ///   - afterStep: is called after every step, to show the progress and to save the state.
  /// - Throws: ``ArchitectureSearchError/stateMismatch(_:)`` for a state of another search, and what
  ///   the closures throw.
  public func run(
    state: inout State, history: inout SearchHistory,
    train: ([Choice]) throws -> Void,
    evaluate: (Choice) throws -> Candidate,
    afterStep: (SearchProgress, State, SearchHistory) throws -> Void = { _, _, _ in }
  ) throws {
    try check(state)
    history.removeSearch(after: state.step)
    while state.step < steps {
      let progress = try advance(state: &state, history: &history, train: train) {
        try $0.map(evaluate)
      }
      try afterStep(progress, state, history)
    }
  }

  /// The final choice: the mode of θ, or if that exceeds the constraint, the most probable point
  /// that does not.
  ///
  /// - Parameters:
  ///   - repair: how far to look.
  ///   - constraint: by how much a point exceeds the constraint, as a ratio of the limit; at most 0
  ///     if it does not.
  /// - Throws: ``ArchitectureSearchError`` if no feasible point exists or was found.
  public func finalChoice(
    of state: State, repair: ModeRepair = ModeRepair(), constraint: (Choice) -> Double = { _ in 0 }
  ) throws(ArchitectureSearchError) -> FinalChoice {
    try repair.finalChoice(of: state.asng.distribution, constraint: constraint)
  }

  /// How far the search has come.
  ///
  /// The share of feasible evaluations is of the last 20·λ.
  public func progress(of state: State, history: SearchHistory) -> SearchProgress {
    SearchProgress(
      step: state.step, steps: steps, best: history.best(from: .search)?.candidate,
      feasibleShare: history.feasibleShare(ofLast: 20 * settings.sampleCount, from: .search),
      entropyBits: state.asng.distribution.entropyBits)
  }

  /// Does one step: trains the weights, evaluates λ architectures, moves θ.
  ///
  /// An error leaves the state and the history as they were.
  ///
  /// - Parameters:
  ///   - state: what was reached before; then what was reached.
  ///   - history: receives the evaluations.
  ///   - excess: by how much an architecture exceeds the constraint, as far as that is known without
  ///     evaluating it. One that does is drawn again, up to ``mostDraws`` times, and ranks behind
  ///     those that are evaluated.
  ///   - train: a step of the weights on a training batch, for the architectures given.
  ///   - evaluate: evaluates different architectures on the validation batch of the step, in the
  ///     order given.
  /// - Throws: ``ArchitectureSearchError/stateMismatch(_:)`` for a state of another search, and what
  ///   the closures throw.
  @discardableResult
  public func advance(
    state: inout State, history: inout SearchHistory, excess: (Choice) -> Double = { _ in 0 },
    train: ([Choice]) throws -> Void, evaluate: ([Choice]) throws -> [Candidate]
  ) throws -> SearchProgress {
    try check(state)
    let step = state.step + 1
    var random = RandomSource(seed: seed, purpose: "architecture_search_weights", index: step)
    try train(draw(trainingSampleCount, state, excess, using: &random).accepted)

    random = RandomSource(seed: seed, purpose: "architecture_search_theta", index: step)
    let (asked, rejected) = draw(settings.sampleCount, state, excess, using: &random)
    var places: [Choice: Int] = [:]
    var distinct: [Choice] = []
    for choice in asked where places[choice] == nil {
      places[choice] = distinct.count
      distinct.append(choice)
    }
    let records = try SearchRecord.measuring(
      distinct.map { (step, $0) }, origin: .search, evaluate)

    // Only here does anything change: an error above leaves the last whole step.
    state.asng.tell(asked.compactMap { places[$0].map { records[$0].candidate } } + rejected)
    state.step = step
    for record in records { history.append(record) }
    return progress(of: state, history: history)
  }

  /// How often an architecture is drawn until one may be.
  public static let mostDraws = 1000

  /// Draws points within the constraint, and keeps as many of those that are beyond it, from
  /// which is learned without an evaluation.
  private func draw(
    _ count: Int, _ state: State, _ excess: (Choice) -> Double, using random: inout RandomSource
  ) -> (accepted: [Choice], rejected: [Candidate]) {
    var rejected: [Candidate] = []
    let accepted = (0..<count).map { _ in
      var choice = state.asng.distribution.sample(using: &random)
      for _ in 1..<AlternatingSearch.mostDraws {
        let violation = excess(choice)
        if violation <= 0 { break }
        if rejected.count < count {
          rejected.append(Candidate(choice: choice, objective: .nan, violation: violation))
        }
        choice = state.asng.distribution.sample(using: &random)
      }
      return choice
    }
    return (accepted, rejected)
  }

  private func check(_ state: State) throws(ArchitectureSearchError) {
    if state.asng.space != space { throw .stateMismatch("its space is another") }
    if state.asng.settings != settings {
      throw .stateMismatch("expected \(settings), found \(state.asng.settings)")
    }
    if state.seed != seed { throw .stateMismatch("expected seed \(seed), found \(state.seed)") }
    if state.step > steps {
      throw .stateMismatch("it has done \(state.step) steps, expected at most \(steps)")
    }
  }
}
