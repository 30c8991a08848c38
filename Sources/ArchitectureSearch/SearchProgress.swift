internal import RealModule

/// How far a search has come, to show to a person.
public struct SearchProgress: Hashable, Sendable {
  /// The steps done.
  public let step: Int

  /// The steps in all.
  public let steps: Int

  /// The best evaluation of this search so far, nil before the first.
  ///
  /// In a search on weights that change, an old evaluation says little of the same point now.
  public let best: Candidate?

  /// The share of the latest evaluations that fulfilled the constraint, from 0 to 1; nil before
  /// the first.
  public let feasibleShare: Double?

  /// The entropy of θ in every dimension, in bits; nil for a search without a θ.
  public let entropyBits: [Double]?

  /// Creates values to show.
  public init(
    step: Int, steps: Int, best: Candidate?, feasibleShare: Double?, entropyBits: [Double]? = nil
  ) {
    self.step = step
    self.steps = steps
    self.best = best
    self.feasibleShare = feasibleShare
    self.entropyBits = entropyBits
  }

  /// The mean entropy of a dimension, in bits; nil for a search without a θ.
  public var meanEntropyBits: Double? {
    entropyBits.map { $0.reduce(0, +) / Double(max($0.count, 1)) }
  }
}

extension SearchProgress: CustomStringConvertible {
  /// One line, such as
  /// `step 20 of 100, best 0.9 (feasible), 75 % feasible, 1.3 bits per dimension`.
  public var description: String {
    var parts = ["step \(step) of \(steps)"]
    if let best {
      let constraint =
        best.isFeasible
        ? "feasible" : "exceeds the limit by \(SearchProgress.rounded(100 * best.violation, 1)) %"
      parts.append("best \(SearchProgress.rounded(best.objective, 4)) (\(constraint))")
    }
    if let feasibleShare {
      parts.append("\(SearchProgress.rounded(100 * feasibleShare, 0)) % feasible")
    }
    if let meanEntropyBits {
      parts.append("\(SearchProgress.rounded(meanEntropyBits, 2)) bits per dimension")
    }
    return parts.joined(separator: ", ")
  }

  /// A number with at most some decimals.
  private static func rounded(_ value: Double, _ decimals: Int) -> String {
    guard abs(value) < 1e9 else { return "\(value)" }
    let scale = Double.pow(10, decimals)
    let result = (value * scale).rounded() / scale
    return decimals == 0 ? "\(Int(result))" : "\(result)"
  }
}
