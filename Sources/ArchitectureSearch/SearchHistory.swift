/// The evaluations of an experiment in order, and what has been learned from them so far.
public struct SearchHistory: Hashable, Sendable {
  /// Identifies what a deterministic evaluation depends on.
  private struct Key: Hashable {
    let origin: SearchOrigin
    let choice: Choice
  }

  /// The evaluations, the oldest first.
  public private(set) var records: [SearchRecord] = []

  /// How many evaluations fulfilled the constraint.
  public private(set) var feasibleCount = 0

  /// The place of the first record of every point.
  private var firstPlaces: [Key: Int] = [:]

  /// The place of the first of the best records of every origin.
  private var bestPlaces: [SearchOrigin: Int] = [:]

  /// Creates a history of records, the oldest first.
  public init(_ records: [SearchRecord] = []) {
    for record in records { append(record) }
  }

  /// Adds an evaluation.
  public mutating func append(_ record: SearchRecord) {
    let key = Key(origin: record.origin, choice: record.choice)
    if firstPlaces[key] == nil { firstPlaces[key] = records.count }
    if record.candidate.isFeasible { feasibleCount += 1 }
    if let best = bestPlaces[record.origin] {
      if CandidateOrder.isBetter(record.candidate, than: records[best].candidate) {
        bestPlaces[record.origin] = records.count
      }
    } else {
      bestPlaces[record.origin] = records.count
    }
    records.append(record)
  }

  /// How many evaluations exceeded the constraint.
  public var infeasibleCount: Int { records.count - feasibleCount }

  /// The first of the best evaluations by ``CandidateOrder``, nil before the first.
  ///
  /// - Parameter origin: which evaluations to look at, nil for all of them.
  public func best(from origin: SearchOrigin? = nil) -> SearchRecord? {
    if let origin { return bestPlaces[origin].map { records[$0] } }
    return bestPlaces.values.sorted().reduce(nil as SearchRecord?) { best, place in
      guard let best else { return records[place] }
      return CandidateOrder.isBetter(records[place].candidate, than: best.candidate)
        ? records[place] : best
    }
  }

  /// The first evaluation of a point, nil if there was none.
  ///
  /// Evaluations of another origin do not count: they are of other weights.
  public func evaluation(of choice: Choice, from origin: SearchOrigin) -> SearchRecord? {
    firstPlaces[Key(origin: origin, choice: choice)].map { records[$0] }
  }

  /// How many different points were evaluated.
  public func pointCount(from origin: SearchOrigin) -> Int {
    firstPlaces.keys.count { $0.origin == origin }
  }

  /// The share of the last evaluations that fulfilled the constraint, from 0 to 1; nil before the
  /// first evaluation.
  ///
  /// - Parameters:
  ///   - count: how many evaluations to look back, at least 1.
  ///   - origin: which evaluations to look at, nil for all of them.
  public func feasibleShare(ofLast count: Int, from origin: SearchOrigin? = nil) -> Double? {
    precondition(count >= 1, "a share is of at least 1 evaluation, not of \(count)")
    var looked = 0
    var feasible = 0
    for record in records.reversed() where origin == nil || record.origin == origin {
      looked += 1
      if record.candidate.isFeasible { feasible += 1 }
      if looked == count { break }
    }
    return looked == 0 ? nil : Double(feasible) / Double(looked)
  }

  /// The evaluations no other one beats in two figures at once, the least minimised one first.
  ///
  /// A record beats another by being at least as good in both figures and better in one. Of records
  /// that agree in both figures the first is taken; records without one of them, or with NaN, are
  /// left out.
  ///
  /// - Parameters:
  ///   - minimized: the name of the figure that is to be low, see ``SearchRecord/figure(named:)``.
  ///   - maximized: the name of the figure that is to be high.
  ///   - feasibleOnly: whether evaluations that exceed the constraint are left out.
  ///   - origin: which evaluations to look at, nil for all of them.
  public func paretoFront(
    minimizing minimized: String, maximizing maximized: String, feasibleOnly: Bool = false,
    from origin: SearchOrigin? = nil
  ) -> [SearchRecord] {
    var points: [(low: Double, high: Double, place: Int)] = []
    for (place, record) in records.enumerated() {
      guard origin == nil || record.origin == origin,
        !feasibleOnly || record.candidate.isFeasible,
        let low = record.figure(named: minimized), let high = record.figure(named: maximized),
        !low.isNaN, !high.isNaN
      else { continue }
      points.append((low, high, place))
    }
    points.sort { ($0.low, -$0.high, $0.place) < ($1.low, -$1.high, $1.place) }
    var front: [SearchRecord] = []
    var highest: Double?
    for point in points {
      if let highest, point.high <= highest { continue }
      highest = point.high
      front.append(records[point.place])
    }
    return front
  }

  /// The best different points, the best first, of equally good ones the older first.
  ///
  /// The points of a search on changing weights that are worth evaluating once more beside the mode
  /// of θ: under a tight constraint the mode tends to keep a distance from the limit, as its
  /// neighbours must be feasible for it to win.
  ///
  /// - Parameters:
  ///   - count: the most points to return, at least 0.
  ///   - origin: which evaluations to look at.
  /// - Returns: the best evaluation of every one of the points.
  public func shortlist(_ count: Int, from origin: SearchOrigin) -> [SearchRecord] {
    precondition(count >= 0, "a list cannot have \(count) points")
    let eligible = records.filter { $0.origin == origin }
    let ranks = CandidateOrder.ranks(of: eligible.map(\.candidate))
    var seen: Set<Choice> = []
    return eligible.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }
      .filter { seen.insert(eligible[$0].choice).inserted }
      .prefix(count).map { eligible[$0] }
  }

  /// Forgets the evaluations of the search after a step, to resume from a state older than the log.
  public mutating func removeSearch(after step: Int) {
    let kept = records.filter { $0.origin != .search || $0.step <= step }
    if kept.count < records.count { self = SearchHistory(kept) }
  }

  /// Forgets the evaluations of a part of the experiment, to do it again.
  public mutating func remove(_ origin: SearchOrigin) {
    self = SearchHistory(records.filter { $0.origin != origin })
  }

  /// Evaluates points together, but for those of which that was done already, and adds the outcomes.
  ///
  /// - Parameters:
  ///   - choices: different points.
  ///   - first: the number of the first point's evaluation; the others' follow.
  ///   - evaluate: evaluates different points, in the order given.
  /// - Returns: a record for each point.
  /// - Precondition: the evaluations are of the points asked for, in their order.
  /// - Throws: what the evaluation throws; nothing is added then.
  @discardableResult
  public mutating func evaluate(
    _ choices: [Choice], first: Int, origin: SearchOrigin,
    _ evaluate: ([Choice]) throws -> [Candidate]
  ) throws -> [SearchRecord] {
    let numbered = choices.enumerated().map { (step: first + $0, choice: $1) }
    let missing = numbered.filter { evaluation(of: $0.choice, from: origin) == nil }
    if !missing.isEmpty {
      for record in try SearchRecord.measuring(missing, origin: origin, evaluate) {
        append(record)
      }
    }
    return choices.compactMap { evaluation(of: $0, from: origin) }
  }
}

extension SearchRecord {
  /// Evaluates points together and takes the time, which each has its share of.
  ///
  /// - Precondition: the evaluations are of the points asked for, in their order.
  static func measuring(
    _ numbered: [(step: Int, choice: Choice)], origin: SearchOrigin,
    _ evaluate: ([Choice]) throws -> [Candidate]
  ) throws -> [SearchRecord] {
    let choices = numbered.map(\.choice)
    let clock = ContinuousClock()
    let begin = clock.now
    let candidates = try evaluate(choices)
    let duration = (clock.now - begin).components
    precondition(
      candidates.map(\.choice) == choices,
      "asked for \(choices), evaluated was \(candidates.map(\.choice))")
    let seconds = Double(duration.seconds) + Double(duration.attoseconds) * 1e-18
    return zip(numbered, candidates).map {
      SearchRecord(
        step: $0.step, candidate: $1, seconds: seconds / Double(choices.count), origin: origin)
    }
  }
}

extension SearchHistory: Codable {
  /// Reads the list of records.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([SearchRecord].self))
  }

  /// Writes the list of records.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(records)
  }
}
