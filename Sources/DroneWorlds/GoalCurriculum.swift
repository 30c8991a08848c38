/// Goals that move away as they are reached more often.
///
/// A value whose levels follow from the episodes it was told of alone, so that it can be saved and
/// restored.
public struct GoalCurriculum: Codable, Hashable, Sendable {
  /// The distances of the goals of each level in metres, the easiest first.
  public let levels: [ClosedRange<Double>]
  /// The episodes that a level's success is counted over.
  public let window: Int
  /// The share of them, 0 to 1, that has to reach the goal for the next level.
  public let threshold: Double
  /// The number of the level.
  public private(set) var level = 0
  /// How the last episodes of the level ended, the oldest first; no more than the window.
  public private(set) var recent: [Bool] = []

  /// Creates a curriculum at its first level.
  ///
  /// - Precondition: at least one level; a window of at least 1.
  public init(levels: [ClosedRange<Double>], window: Int = 50, threshold: Double = 0.8) {
    precondition(!levels.isEmpty, "GoalCurriculum: no levels")
    precondition(window >= 1, "GoalCurriculum: a window of \(window)")
    self.levels = levels
    self.window = window
    self.threshold = threshold
  }

  /// Creates a curriculum whose goals double their distance with each level, the first at 5 to 10
  /// metres, the last up to a maximum.
  ///
  /// - Precondition: the maximum is at least 10 metres.
  public init(maximumDistance: Double = 40, window: Int = 50, threshold: Double = 0.8) {
    precondition(maximumDistance >= 10, "GoalCurriculum: goals at \(maximumDistance) m")
    var levels = [5.0...10.0]
    while let last = levels.last, last.upperBound < maximumDistance {
      levels.append(last.upperBound...min(maximumDistance, 2 * last.upperBound))
    }
    self.init(levels: levels, window: window, threshold: threshold)
  }

  /// The distances of goals now, in metres.
  public var goalDistance: ClosedRange<Double> { levels[level] }

  /// Whether there is no further level.
  public var isAtLastLevel: Bool { level == levels.count - 1 }

  /// The share of the last episodes of the level that reached the goal; nil before the first.
  public var successRate: Double? {
    recent.isEmpty ? nil : Double(recent.count { $0 }) / Double(recent.count)
  }

  /// Takes account of an episode of the level, and goes to the next one if enough of a full window
  /// reached the goal.
  ///
  /// - Returns: whether it went to the next level.
  @discardableResult
  public mutating func record(_ ending: EpisodeEnding) -> Bool {
    recent.append(ending == .goal)
    if recent.count > window { recent.removeFirst() }
    guard recent.count == window, let successRate, successRate >= threshold, !isAtLastLevel else {
      return false
    }
    level += 1
    recent.removeAll(keepingCapacity: true)
    return true
  }
}
