package import Configurations

extension NaviSplitConfiguration: DescribedNode {
  package static let summary = "Depth from a picture, by branches that send little or much."

  package static func describe(_ key: CodingKeys) -> KeyDescription<NaviSplitConfiguration> {
    switch key {
    case .annotation:
      .init(\.annotation, "The annotation with the distance of every pixel, in metres.")
    case .farLimit:
      .init(\.farLimit, unit: "m", "The distance from which on everything is equally far.")
    case .branches:
      .init(\.branches, "The branches; none to train the network they begin from.")
    case .beta:
      .init(
        \.beta,
        "What a branch's difference from its parent's answer counts beside that from the truth.")
    case .quantizer: .init(\.quantizer, "How latents are quantised to 8 bits.")
    }
  }
}

extension FlightRules: DescribedNode {
  package static let summary = "The rules of flights, and what is rewarded."

  package static func describe(_ key: CodingKeys) -> KeyDescription<FlightRules> {
    switch key {
    case .maximumSteps: .init(\.maximumSteps, unit: "steps", "The steps after which a flight ends.")
    case .goalRadius: .init(\.goalRadius, unit: "m", "How near to the goal counts as reached.")
    case .goalDistance:
      .init(\.goalDistance, unit: "m", "The least and the largest distance of goals.")
    case .goal: .init(\.goal, "The reward of reaching the goal.")
    case .collision: .init(\.collision, "The cost of a collision.")
    case .step: .init(\.step, "The cost of a step.")
    case .distance: .init(\.distance, unit: "per m", "The cost of the way that is flown.")
    case .progress:
      .init(\.progress, unit: "per m", "The reward of coming nearer to the goal.")
    }
  }
}
