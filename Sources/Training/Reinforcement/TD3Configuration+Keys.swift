package import Configurations

extension TD3Configuration: DescribedNode {
  package static let summary = "How agents learn by TD3."

  package static func describe(_ key: CodingKeys) -> KeyDescription<TD3Configuration> {
    switch key {
    case .discount: .init(\.discount, "What a reward one step later counts.")
    case .follow: .init(\.follow, "How far the target networks follow at a time, τ.")
    case .memory: .init(\.memory, unit: "steps", "How many steps are remembered.")
    case .batchSize: .init(\.batchSize, unit: "steps", "How many steps a batch of learning has.")
    case .warmUp:
      .init(\.warmUp, unit: "steps", "How long agents act at random before the first learning.")
    case .explorationNoise:
      .init(
        \.explorationNoise, "The standard deviation of what is added to an action when it is tried."
      )
    case .targetNoise:
      .init(\.targetNoise, "The standard deviation of what is added to the target's action.")
    case .targetNoiseLimit:
      .init(\.targetNoiseLimit, "The most that is added to the target's action.")
    case .actorDelay:
      .init(\.actorDelay, unit: "steps", "After how many steps of learning the actor learns.")
    case .agents: .init(\.agents, "How many agents act side by side.")
    case .stepsBeforeLearning:
      .init(
        \.stepsBeforeLearning, unit: "steps",
        "How many steps each agent takes before one of learning.")
    case .demonstrations:
      .init(
        \.demonstrations, unit: "steps",
        "How many steps of a demonstrator are learned from; 0 for none.")
    case .imitation:
      .init(
        \.imitation,
        "What the squared difference from the demonstrator counts beside the critic's value.")
    }
  }
}
