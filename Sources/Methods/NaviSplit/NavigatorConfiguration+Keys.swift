package import Configurations

extension NavigatorConfiguration: DescribedNode {
  package static let summary = "An agent that flies to goals by the depth it sees."

  package static func describe(_ key: CodingKeys) -> KeyDescription<NavigatorConfiguration> {
    switch key {
    case .hidden: .init(\.hidden, "The widths of the hidden layers of actor and critics.")
    case .stepsPerEpoch: .init(\.stepsPerEpoch, unit: "steps", "The steps of learning of an epoch.")
    case .td3: .init(absent: "its defaults", "How the agents learn.")
    case .flight: .init(absent: "its defaults", "The rules of flights.")
    case .promotion:
      .init(
        \.promotion, unit: "fraction",
        "The share of flights that has to reach its goal before goals move farther away.")
    case .validationEpisodes:
      .init(\.validationEpisodes, unit: "flights", "On how many flights an epoch is judged.")
    case .testEpisodes:
      .init(
        \.testEpisodes, unit: "flights",
        "How many flights of each distance are measured in the end.")
    }
  }
}
