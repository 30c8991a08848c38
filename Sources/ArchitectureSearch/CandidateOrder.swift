/// Which of two evaluated points is better when a constraint must be fulfilled.
///
/// Feasible ones are better than infeasible ones, infeasible ones are ordered by violation alone,
/// and feasible ones by objective, a NaN being worse than any other objective of a feasible point.
public enum CandidateOrder {
  /// How a candidate compares to another.
  public enum Comparison: Hashable, Sendable {
    /// The first is the better one.
    case better
    /// Neither is better.
    case equal
    /// The second is the better one.
    case worse
  }

  /// How a candidate compares to another.
  public static func compare(_ first: Candidate, _ second: Candidate) -> Comparison {
    if first.violation != second.violation {
      return first.violation < second.violation ? .better : .worse
    }
    guard first.isFeasible else { return .equal }
    switch (first.objective.isNaN, second.objective.isNaN) {
    case (true, true): return .equal
    case (true, false): return .worse
    case (false, true): return .better
    case (false, false):
      if first.objective == second.objective { return .equal }
      return first.objective > second.objective ? .better : .worse
    }
  }

  /// Whether a candidate is better than another.
  public static func isBetter(_ first: Candidate, than second: Candidate) -> Bool {
    compare(first, second) == .better
  }

  /// The first of the best candidates, nil of none.
  public static func best(of candidates: some Sequence<Candidate>) -> Candidate? {
    candidates.reduce(nil as Candidate?) { best, candidate in
      guard let best else { return candidate }
      return isBetter(candidate, than: best) ? candidate : best
    }
  }

  /// The rank of every candidate, 1 being the best; those that tie share the mean of their places.
  public static func ranks(of candidates: [Candidate]) -> [Double] {
    let order = candidates.indices.sorted { isBetter(candidates[$0], than: candidates[$1]) }
    var ranks = [Double](repeating: 0, count: candidates.count)
    var begin = 0
    while begin < order.count {
      let end =
        order[begin...].firstIndex {
          compare(candidates[order[begin]], candidates[$0]) != .equal
        } ?? order.count
      // The places begin + 1 up to and including end.
      for place in begin..<end { ranks[order[place]] = Double(begin + 1 + end) / 2 }
      begin = end
    }
    return ranks
  }
}
