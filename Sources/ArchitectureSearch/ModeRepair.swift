/// Finds the most probable point that fulfils a constraint whose violation is known without an
/// evaluation, such as that of a latency table.
///
/// A mode of θ need not fulfil the constraint even if every good sample did: it combines options
/// that may never have been drawn together. Source: NASC, https://arxiv.org/abs/2208.13968.
/// Deviation: the paper takes the mode; every final choice here is feasible or an error.
public struct ModeRepair: Hashable, Sendable {
  /// The most points a space may have to try all of them.
  public var enumerationLimit: Int

  /// The most points that are tried from the most probable one down, in a larger space.
  public var expansionLimit: Int

  /// Creates a repair.
  ///
  /// - Precondition: the limits are not negative.
  public init(enumerationLimit: Int = 65_536, expansionLimit: Int = 65_536) {
    precondition(enumerationLimit >= 0 && expansionLimit >= 0, "a limit is at least 0")
    self.enumerationLimit = enumerationLimit
    self.expansionLimit = expansionLimit
  }

  /// The mode of a distribution, or if that exceeds the constraint, the most probable point that
  /// does not.
  ///
  /// Spaces up to ``enumerationLimit`` are enumerated. In larger ones points are tried from the
  /// most probable one down; if none of the first ``expansionLimit`` is feasible, a local search
  /// takes over whose point need not be the most probable one, see
  /// ``FinalChoice/isMostProbable``.
  ///
  /// - Parameter constraint: by how much a point exceeds the constraint, as a ratio of the limit;
  ///   at most 0 if it does not. NaN counts as infinitely far.
  /// - Throws: ``ArchitectureSearchError/noFeasiblePoint(points:nearest:violation:)`` if there is
  ///   none, and ``ArchitectureSearchError/noFeasiblePointFound(tries:nearest:violation:)`` if
  ///   none was found in a space too large to try all.
  public func finalChoice(
    of distribution: CategoricalDistribution, constraint: (Choice) -> Double
  ) throws(ArchitectureSearchError) -> FinalChoice {
    var trials = ConstraintTrials()
    func violation(_ choice: Choice) -> Double { trials.record(choice, constraint(choice)) }
    let mode = distribution.mode
    func result(_ choice: Choice, _ origin: FinalChoice.Origin) -> FinalChoice {
      FinalChoice(
        choice: choice, mode: mode, logProbability: distribution.logProbability(of: choice),
        origin: origin)
    }
    if violation(mode) == 0 { return result(mode, .mode) }
    if let count = distribution.space.count, count <= enumerationLimit {
      guard let choice = enumerate(distribution, count: count, violation) else {
        throw .noFeasiblePoint(
          points: count, nearest: trials.nearest.choice, violation: trials.nearest.violation)
      }
      return result(choice, .enumeration)
    }
    for choice in PointsByProbability(of: distribution).prefix(expansionLimit)
    where violation(choice) == 0 {
      return result(choice, .bestFirst)
    }
    if let count = distribution.space.count, count <= expansionLimit {
      throw .noFeasiblePoint(
        points: count, nearest: trials.nearest.choice, violation: trials.nearest.violation)
    }
    guard let choice = searchLocally(distribution, violation) else {
      throw .noFeasiblePointFound(
        tries: trials.count, nearest: trials.nearest.choice, violation: trials.nearest.violation)
    }
    return result(choice, .localSearch)
  }

  /// The most probable feasible point, of equally probable ones the first.
  private func enumerate(
    _ distribution: CategoricalDistribution, count: Int, _ violation: (Choice) -> Double
  ) -> Choice? {
    var best: (choice: Choice, logProbability: Double)?
    for index in 0..<count {
      let choice = distribution.space.point(at: index)
      guard violation(choice) == 0 else { continue }
      let logProbability = distribution.logProbability(of: choice)
      if best.map({ logProbability > $0.logProbability }) ?? true {
        best = (choice, logProbability)
      }
    }
    return best?.choice
  }

  /// A feasible point near the mode: two ways to one, each improved, the better taken.
  private func searchLocally(
    _ distribution: CategoricalDistribution, _ violation: (Choice) -> Double
  ) -> Choice? {
    var best: (choice: Choice, logProbability: Double)?
    for sparing in [false, true] {
      guard let start = descend(distribution, sparing: sparing, violation) else { continue }
      let choice = improve(start, distribution, violation)
      let logProbability = distribution.logProbability(of: choice)
      if best.map({ logProbability > $0.logProbability }) ?? true {
        best = (choice, logProbability)
      }
    }
    return best?.choice
  }

  /// Changes one dimension of the mode after the other until the constraint is fulfilled.
  ///
  /// - Parameter sparing: whether the violation removed counts per log probability lost, rather
  ///   than alone.
  /// - Returns: nil where no change of one dimension lessens the violation.
  private func descend(
    _ distribution: CategoricalDistribution, sparing: Bool, _ violation: (Choice) -> Double
  ) -> Choice? {
    var current = distribution.mode
    var excess = violation(current)
    while excess > 0 {
      let logProbability = distribution.logProbability(of: current)
      var best: (choice: Choice, excess: Double, merit: Double)?
      for choice in neighbours(of: current, in: distribution.space) {
        let next = violation(choice)
        guard next < excess else { continue }
        let loss = logProbability - distribution.logProbability(of: choice)
        // A change that loses nothing is worth more than any that does.
        let merit = sparing ? (excess - next) / max(loss, 1e-12) : -next
        if best.map({ merit > $0.merit }) ?? true { best = (choice, next, merit) }
      }
      guard let best else { return nil }
      (current, excess) = (best.choice, best.excess)
    }
    return current
  }

  /// Changes one or two dimensions at a time as long as that makes a feasible point more probable.
  private func improve(
    _ start: Choice, _ distribution: CategoricalDistribution, _ violation: (Choice) -> Double
  ) -> Choice {
    var current = start
    var logProbability = distribution.logProbability(of: start)
    while true {
      var best: (choice: Choice, logProbability: Double)?
      func consider(_ choice: Choice) {
        let next = distribution.logProbability(of: choice)
        // Asked last, as it is what may be slow. The margin keeps rounding from going in circles.
        guard next > (best?.logProbability ?? logProbability) + 1e-12,
          violation(choice) == 0
        else { return }
        best = (choice, next)
      }
      for choice in neighbours(of: current, in: distribution.space) {
        consider(choice)
        for pair in neighbours(of: choice, in: distribution.space) { consider(pair) }
      }
      guard let best else { return current }
      (current, logProbability) = best
    }
  }

  /// The points that differ in one dimension.
  private func neighbours(of choice: Choice, in space: ChoiceSpace) -> [Choice] {
    space.optionCounts.enumerated().flatMap { dimension, count in
      (0..<count).filter { $0 != choice[dimension] }.map { choice.replacing(dimension, with: $0) }
    }
  }
}

/// What was seen of a constraint.
private struct ConstraintTrials {
  /// How many times a point was tried.
  private(set) var count = 0

  /// The point that exceeds the constraint least, the first of several.
  private(set) var nearest = (choice: Choice([]), violation: Double.infinity)

  /// Takes the value of a constraint for a point in.
  ///
  /// - Returns: by how much the point exceeds the constraint, 0 if it does not.
  mutating func record(_ choice: Choice, _ value: Double) -> Double {
    let violation = value.isNaN ? .infinity : max(value, 0)
    if count == 0 || violation < nearest.violation { nearest = (choice, violation) }
    count += 1
    return violation
  }
}
