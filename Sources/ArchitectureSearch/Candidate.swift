/// An evaluated point of a search: how good it is and by how much it exceeds the constraint.
public struct Candidate: Hashable, Sendable {
  /// The point.
  public let choice: Choice

  /// What is searched for, a higher one being better; NaN for an evaluation that failed.
  public let objective: Double

  /// By how much the constraint is exceeded, as a ratio of the limit; 0 if it is fulfilled.
  public let violation: Double

  /// Further figures by name, such as a latency, for the record.
  public let figures: [String: Double]

  /// The names ``figure(named:)`` knows without being given them.
  static let ownFigures: Set<String> = ["objective", "violation", "seconds"]

  /// Creates an evaluated point.
  ///
  /// - Parameter violation: by how much the constraint is exceeded; NaN counts as infinitely far.
  /// - Precondition: the violation is not negative, and no figure is called `objective`,
  ///   `violation` or `seconds`.
  public init(
    choice: Choice, objective: Double, violation: Double = 0, figures: [String: Double] = [:]
  ) {
    precondition(!(violation < 0), "a constraint cannot be exceeded by \(violation)")
    precondition(
      Candidate.ownFigures.isDisjoint(with: figures.keys),
      "figures must not be called \(Candidate.ownFigures.sorted())")
    self.choice = choice
    self.objective = objective
    self.violation = violation.isNaN ? .infinity : violation
    self.figures = figures
  }

  /// Whether the constraint is fulfilled.
  public var isFeasible: Bool { violation == 0 }

  /// By how much a value exceeds a limit, as a ratio of the limit; 0 for one within it, infinity
  /// for NaN.
  ///
  /// - Precondition: the limit is above 0.
  public static func violation(of value: Double, limit: Double) -> Double {
    precondition(limit > 0, "the limit \(limit) is not above 0")
    // Compared before dividing: a value just above the limit must not round to the limit.
    if value <= limit { return 0 }
    if value.isNaN || limit.isNaN { return .infinity }
    return max((value - limit) / limit, .leastNonzeroMagnitude)
  }

  /// A figure by its name: `objective`, `violation` or one of ``figures``.
  public func figure(named name: String) -> Double? {
    switch name {
    case "objective": objective
    case "violation": violation
    default: figures[name]
    }
  }
}
