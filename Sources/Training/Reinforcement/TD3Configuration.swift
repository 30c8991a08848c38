public import Configurations

/// How an agent learns by TD3: the `td3` node of a recipe.
///
/// Source: Fujimoto and others 2018, https://arxiv.org/abs/1802.09477; the defaults are those of
/// NaviSplit's agents where it gives any.
public struct TD3Configuration: Hashable, Codable, Sendable {
  /// What a reward one step later counts.
  public var discount = 0.99
  /// How far the target networks follow at a time, τ.
  public var follow = 0.005
  /// The steps that are remembered.
  public var memory = 100_000
  /// The steps of learning's batches, drawn from what is remembered.
  public var batchSize = 128
  /// The steps of the agents, all together, before the first learning; they act at random.
  public var warmUp = 2_000
  /// The standard deviation of what is added to an action when it is tried.
  public var explorationNoise = 0.15
  /// The standard deviation of what is added to the target's action.
  public var targetNoise = 0.2
  /// The most that is added to it.
  public var targetNoiseLimit = 0.5
  /// The steps of learning between two of the actor.
  public var actorDelay = 2
  /// The agents that act side by side.
  public var agents = 8
  /// The steps of each of them before one of learning.
  public var stepsBeforeLearning = 1

  /// Steps of a demonstrator that are learned from beside the agents' own; 0 for none.
  ///
  /// Half of every batch is drawn from them.
  public var demonstrations = 0
  /// What the squared difference of the actor from the demonstrator counts beside the critic's value,
  /// which is divided by its own mean size.
  ///
  /// Source: Fujimoto and Gu 2021, https://arxiv.org/abs/2106.06860, equation 4.
  public var imitation = 0.0

  /// Creates the defaults.
  public init() {}

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case discount, follow, memory, agents, demonstrations, imitation
    case batchSize = "batch_size"
    case warmUp = "warm_up"
    case explorationNoise = "exploration_noise"
    case targetNoise = "target_noise"
    case targetNoiseLimit = "target_noise_limit"
    case actorDelay = "actor_delay"
    case stepsBeforeLearning = "steps_before_learning"
  }

  /// Reads the node; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
      value = try container.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try read(.discount, &discount)
    try read(.follow, &follow)
    try read(.memory, &memory)
    try read(.batchSize, &batchSize)
    try read(.warmUp, &warmUp)
    try read(.explorationNoise, &explorationNoise)
    try read(.targetNoise, &targetNoise)
    try read(.targetNoiseLimit, &targetNoiseLimit)
    try read(.actorDelay, &actorDelay)
    try read(.agents, &agents)
    try read(.stepsBeforeLearning, &stepsBeforeLearning)
    try read(.demonstrations, &demonstrations)
    try read(.imitation, &imitation)
  }
}

extension TD3Configuration: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    for (key, value) in [("discount", discount), ("follow", follow)] {
      if !(0...1).contains(value) {
        report.add("expected a number from 0 to 1, found \(value)", at: key)
      }
    }
    for (key, value) in [
      ("memory", memory), ("batch_size", batchSize), ("actor_delay", actorDelay),
      ("agents", agents), ("steps_before_learning", stepsBeforeLearning),
    ] { report.require(value, isAtLeast: 1, at: key) }
    report.require(warmUp, isAtLeast: 0, at: "warm_up")
    report.require(demonstrations, isAtLeast: 0, at: "demonstrations")
    report.require(imitation, isAtLeast: 0, at: "imitation")
    if imitation > 0, demonstrations == 0 {
      report.add("goes with demonstrations", at: "imitation")
    }
    for (key, value) in [
      ("exploration_noise", explorationNoise), ("target_noise", targetNoise),
      ("target_noise_limit", targetNoiseLimit),
    ] { report.require(value, isAtLeast: 0, at: key) }
  }
}
