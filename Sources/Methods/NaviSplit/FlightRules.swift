public import Configurations
internal import DroneWorlds

/// The rules of flights in a recipe.
public struct FlightRules: Hashable, Codable, Sendable {
  /// The steps after which an episode ends.
  public var maximumSteps = 60
  /// How near to the goal, in metres, is there.
  public var goalRadius = 2.0
  /// The least and the largest distance of goals that are measured by, in metres.
  public var goalDistance = [10.0, 30.0]
  /// The reward of coming to the goal.
  public var goal = 10.0
  /// The cost of a collision.
  public var collision = 10.0
  /// The cost of a step.
  public var step = 0.1
  /// The cost of a metre that is flown.
  public var distance = 0.01
  /// The reward of a metre that the goal comes nearer.
  ///
  /// Deviation: the paper has none; without it an agent learns nothing for long.
  public var progress = 0.2

  /// Creates the defaults.
  public init() {}

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case maximumSteps = "maximum_steps"
    case goalRadius = "goal_radius"
    case goalDistance = "goal_distance"
    case goal, collision, step, distance, progress
  }

  /// Reads the node; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
      value = try container.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try read(.maximumSteps, &maximumSteps)
    try read(.goalRadius, &goalRadius)
    try read(.goalDistance, &goalDistance)
    try read(.goal, &goal)
    try read(.collision, &collision)
    try read(.step, &step)
    try read(.distance, &distance)
    try read(.progress, &progress)
  }

  /// The same for the simulator.
  var rules: DroneRules {
    DroneRules(
      maximumSteps: maximumSteps, goalRadius: goalRadius,
      rewards: RewardWeights(
        goal: goal, collision: collision, step: step, distance: distance, progress: progress))
  }

  /// The distances as a range.
  var goals: ClosedRange<Double> { goalDistance[0]...goalDistance[1] }
}

extension FlightRules: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    if maximumSteps < 1 {
      report.add("expected 1 or more, found \(maximumSteps)", at: "maximum_steps")
    }
    if !(goalRadius > 0 && goalRadius.isFinite) {
      report.add("expected a positive number of metres, found \(goalRadius)", at: "goal_radius")
    }
    if goalDistance.count != 2 || !(goalDistance[0] > 0) || goalDistance[0] > goalDistance[1]
      || goalDistance[1] > 200
    {
      report.add(
        "expected the least and the largest distance in metres, up to 200, found \(goalDistance)",
        at: "goal_distance")
    }
    for (key, value) in [
      ("goal", goal), ("collision", collision), ("step", step), ("distance", distance),
      ("progress", progress),
    ] where !value.isFinite { report.add("expected a number, found \(value)", at: key) }
  }
}
