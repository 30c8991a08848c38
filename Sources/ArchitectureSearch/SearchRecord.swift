/// What is kept of one evaluation: a line of JSON in the log of a search.
public struct SearchRecord: Hashable, Sendable {
  /// The step of the search or the number of the evaluation of a baseline, from 1.
  public let step: Int

  /// What was evaluated, and the outcome.
  public let candidate: Candidate

  /// How long the evaluation took, in seconds.
  public let seconds: Double

  /// Which part of the experiment evaluated it.
  public let origin: SearchOrigin

  /// Creates a record.
  public init(step: Int, candidate: Candidate, seconds: Double, origin: SearchOrigin) {
    self.step = step
    self.candidate = candidate
    self.seconds = seconds
    self.origin = origin
  }

  /// The point evaluated.
  public var choice: Choice { candidate.choice }

  /// What is searched for, a higher one being better.
  public var objective: Double { candidate.objective }

  /// By how much the constraint is exceeded, as a ratio of the limit; 0 if it is fulfilled.
  public var violation: Double { candidate.violation }

  /// Further figures by name.
  public var figures: [String: Double] { candidate.figures }

  /// A figure by its name: `objective`, `violation`, `seconds` or one of ``figures``.
  public func figure(named name: String) -> Double? {
    name == "seconds" ? seconds : candidate.figure(named: name)
  }
}

extension SearchRecord: Codable {
  enum CodingKeys: String, CodingKey {
    case step
    case choice
    case objective
    case violation
    case seconds
    case origin
    case figures
  }

  /// Reads a record; `figures` is not required, and a number may be `"nan"`, `"inf"` or `"-inf"`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let violation = try container.decode(CodedNumber.self, forKey: .violation).value
    if violation < 0 {
      throw DecodingError.dataCorruptedError(
        forKey: .violation, in: container, debugDescription: "expected at least 0")
    }
    let figures = try container.decodeIfPresent([String: CodedNumber].self, forKey: .figures) ?? [:]
    guard Candidate.ownFigures.isDisjoint(with: figures.keys) else {
      throw DecodingError.dataCorruptedError(
        forKey: .figures, in: container,
        debugDescription: "figures must not be called \(Candidate.ownFigures.sorted())")
    }
    self.init(
      step: try container.decode(Int.self, forKey: .step),
      candidate: Candidate(
        choice: try container.decode(Choice.self, forKey: .choice),
        objective: try container.decode(CodedNumber.self, forKey: .objective).value,
        violation: violation, figures: figures.mapValues(\.value)),
      seconds: try container.decode(CodedNumber.self, forKey: .seconds).value,
      origin: try container.decode(SearchOrigin.self, forKey: .origin))
  }

  /// Writes a record, numbers that are not finite as text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(step, forKey: .step)
    try container.encode(choice, forKey: .choice)
    try container.encode(CodedNumber(objective), forKey: .objective)
    try container.encode(CodedNumber(violation), forKey: .violation)
    try container.encode(CodedNumber(seconds), forKey: .seconds)
    try container.encode(origin, forKey: .origin)
    if !figures.isEmpty {
      try container.encode(figures.mapValues(CodedNumber.init), forKey: .figures)
    }
  }
}
