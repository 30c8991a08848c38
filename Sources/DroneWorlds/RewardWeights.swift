/// What a step is worth.
///
/// The reward of a step that flies d metres and comes p metres nearer to the goal is
///
///     goal · [came to the goal] − collision · [collided] − step − distance · d + progress · p
///
/// where a bracket is 1 if it is so and 0 otherwise. Running out of steps costs nothing more.
public struct RewardWeights: Codable, Hashable, Sendable {
  /// The reward of coming to the goal.
  public var goal: Double
  /// The cost of a collision.
  public var collision: Double
  /// The cost of every step.
  public var step: Double
  /// The cost of every metre that is flown.
  public var distance: Double
  /// The reward of every metre that the goal has come nearer along the straight line.
  public var progress: Double

  /// Creates weights.
  public init(
    goal: Double = 1, collision: Double = 1, step: Double = 0.1, distance: Double = 0.01,
    progress: Double = 0
  ) {
    self.goal = goal
    self.collision = collision
    self.step = step
    self.distance = distance
    self.progress = progress
  }

  /// The reward of a step.
  ///
  /// - Parameters:
  ///   - ending: how the episode ended with it.
  ///   - distance: how far was flown, in metres.
  ///   - progress: how much nearer the goal is, in metres.
  public func reward(ending: EpisodeEnding?, distance: Double, progress: Double) -> Double {
    (ending == .goal ? goal : 0) - (ending == .collision ? collision : 0) - step
      - self.distance * distance + self.progress * progress
  }
}
