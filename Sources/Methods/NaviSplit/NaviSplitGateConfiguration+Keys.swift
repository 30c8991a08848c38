package import Configurations

extension NaviSplitGateConfiguration: DescribedNode {
  package static let summary = "A gate that picks the branch of each frame of a flight."

  package static func describe(_ key: CodingKeys) -> KeyDescription<NaviSplitGateConfiguration> {
    switch key {
    case .branches: .init("The best checkpoint of a run of navisplit with branches.")
    case .navigator: .init("The best checkpoint of a run of navigator.")
    case .training: .init(\.training, "How the gate learns.")
    case .mapping: .init(\.mapping, "With td3: how the gate's number becomes a branch.")
    case .price: .init(\.price, "What a branch costs the gate.")
    case .weight:
      .init(
        \.weight,
        "What a unit of the price counts beside a flight's reward, or beside the error of depth.")
    case .oracleWeight:
      .init(\.oracleWeight, "The same for the oracle that gates are compared with.")
    case .hidden: .init(\.hidden, "The widths of the gate's hidden layers.")
    case .stepsPerEpoch: .init(\.stepsPerEpoch, unit: "steps", "The steps of learning of an epoch.")
    case .td3: .init(absent: "its defaults", "How the gate learns by TD3.")
    case .frames:
      .init(\.frames, unit: "frames", "How many frames supervised and soft gates learn from.")
    case .flight: .init(absent: "its defaults", "The rules of flights.")
    case .rateVariation:
      .init(
        \.rateVariation, unit: "factor",
        "By how much the link's rate varies up and down from frame to frame.")
    case .quantizer: .init(\.quantizer, "How latents are quantised to 8 bits.")
    case .validationEpisodes:
      .init(\.validationEpisodes, unit: "flights", "On how many flights an epoch is judged.")
    case .testEpisodes:
      .init(\.testEpisodes, unit: "flights", "How many flights are measured in the end.")
    }
  }
}
