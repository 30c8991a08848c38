/// Why an episode is over.
public enum EpisodeEnding: String, CaseIterable, Codable, Sendable {
  /// The drone touched something, or the end of the world.
  case collision
  /// The drone came to the goal.
  case goal
  /// The drone had no more steps.
  case timeout
}
