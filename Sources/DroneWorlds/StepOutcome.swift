/// What came of a step.
public struct StepOutcome: Codable, Hashable, Sendable {
  /// The reward, see ``RewardWeights``.
  public let reward: Double
  /// How far the drone flew, in metres.
  public let distance: Double
  /// Why the episode is over; nil if it goes on.
  public let ending: EpisodeEnding?
}
