/// The true optimum of a small space: every point is evaluated.
public struct ExhaustiveSearch: Hashable, Sendable {
  /// The space searched.
  public let space: ChoiceSpace

  /// The number of points.
  public let count: Int

  /// Creates a search.
  ///
  /// - Parameter limit: the most points it may have.
  /// - Throws: ``ArchitectureSearchError/spaceTooLarge(points:limit:)``.
  public init(space: ChoiceSpace, limit: Int) throws(ArchitectureSearchError) {
    self.space = space
    count = try space.count(upTo: limit)
  }

  /// Evaluates all points in order and adds them to a history as baseline.
  ///
  /// A point the history has as baseline already is not evaluated again, so that a search that was
  /// interrupted is resumed by running it again.
  ///
  /// - Parameters:
  ///   - evaluate: evaluates a point; must be deterministic.
  ///   - afterEvaluation: is called after every point.
  /// - Returns: the first of the best points.
  /// - Throws: what the closures throw.
  public func run(
    history: inout SearchHistory, evaluate: (Choice) throws -> Candidate,
    afterEvaluation: (SearchProgress) throws -> Void = { _ in }
  ) throws -> Candidate? {
    try BaselineRun.best(
      of: (0..<count).lazy.map { space.point(at: $0) }, history: &history, evaluate: evaluate,
      afterEvaluation: afterEvaluation)
  }
}
