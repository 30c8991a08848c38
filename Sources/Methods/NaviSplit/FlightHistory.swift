internal import DroneWorlds

/// An episode under way as it can be flown again: what it began with, and what was done in it.
struct FlightHistory: Codable, Sendable {
  /// The number of the episode.
  var episode: Int
  /// The least and the largest distance of its goal, in metres.
  var goals: [Double]
  /// What was done.
  var actions: [DroneAction] = []

  init(episode: Int, goals: ClosedRange<Double>) {
    self.episode = episode
    self.goals = [goals.lowerBound, goals.upperBound]
  }

  /// Whether it can be flown.
  var isValid: Bool {
    goals.count == 2 && goals[0] > 0 && goals[0] <= goals[1] && episode >= 0
  }

  /// The episode where it was left.
  ///
  /// - Precondition: it is valid.
  func environment(_ generator: SceneGenerator, rules: DroneRules) -> DroneEnvironment {
    var environment = DroneEnvironment(
      generator: generator, episode: episode, goalDistance: goals[0]...goals[1], rules: rules)
    for action in actions where environment.ending == nil { environment.step(action) }
    return environment
  }
}
