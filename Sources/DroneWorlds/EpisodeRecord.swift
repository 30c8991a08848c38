/// What happened in an episode, step by step.
public struct EpisodeRecord: Codable, Hashable, Sendable {
  /// A step.
  public struct Step: Codable, Hashable, Sendable {
    /// What the drone was told.
    public var action: DroneAction
    /// Where it was after that.
    public var pose: Pose
    /// What the step was worth.
    public var reward: Double
    /// A number of the caller's: which branch chose the action.
    public var tag: Int
    /// The bytes that were sent to choose it.
    public var bytesSent: Int
  }

  /// The number of the episode.
  public let episode: Int
  /// Where the drone began.
  public let start: Pose
  /// Where it was to go, in metres on the map.
  public let goal: SIMD2<Double>
  /// The distance from start to goal in metres, along the straight line.
  public let straightDistance: Double
  /// The steps.
  public private(set) var steps: [Step] = []
  /// How far the drone flew, in metres.
  public private(set) var pathLength = 0.0
  /// Why the episode is over; nil while it goes on.
  public private(set) var ending: EpisodeEnding?

  /// Begins the record of an environment's episode.
  public init(_ environment: DroneEnvironment) {
    episode = environment.episode
    start = environment.start
    goal = environment.goal
    straightDistance = environment.straightDistance
  }

  /// Adds a step.
  ///
  /// - Parameters:
  ///   - action: what the drone was told.
  ///   - outcome: what came of it.
  ///   - pose: where the drone is now.
  ///   - tag: a number of the caller's: which branch chose the action.
  ///   - bytesSent: the bytes that were sent to choose it.
  public mutating func append(
    _ action: DroneAction, outcome: StepOutcome, pose: Pose, tag: Int = 0, bytesSent: Int = 0
  ) {
    steps.append(
      Step(action: action, pose: pose, reward: outcome.reward, tag: tag, bytesSent: bytesSent))
    pathLength += outcome.distance
    ending = outcome.ending
  }

  /// The sum of the rewards.
  public var totalReward: Double { steps.reduce(0) { $0 + $1.reward } }

  /// The sum of the bytes that were sent.
  public var totalBytesSent: Int { steps.reduce(0) { $0 + $1.bytesSent } }

  /// The poses, the start first: one more than steps.
  public var poses: [Pose] { [start] + steps.map(\.pose) }
}
