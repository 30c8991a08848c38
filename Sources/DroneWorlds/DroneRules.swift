/// The rules of an episode that are no part of the world.
public struct DroneRules: Codable, Hashable, Sendable {
  /// The steps after which an episode ends.
  public var maximumSteps: Int
  /// How near to the goal, in metres, is there.
  public var goalRadius: Double
  /// What a step is worth.
  public var rewards: RewardWeights

  /// Creates rules.
  ///
  /// - Precondition: at least one step; the goal's radius is above 0.
  public init(
    maximumSteps: Int = 100, goalRadius: Double = 1, rewards: RewardWeights = RewardWeights()
  ) {
    precondition(maximumSteps >= 1, "DroneRules: \(maximumSteps) steps")
    precondition(goalRadius > 0, "DroneRules: a goal of radius \(goalRadius)")
    self.maximumSteps = maximumSteps
    self.goalRadius = goalRadius
    self.rewards = rewards
  }
}
