package import Configurations

extension SparsityRule: DescribedNode {
  package static let summary = "Layers that are sparse from the beginning, and their connections."

  package static func describe(_ key: CodingKeys) -> KeyDescription<SparsityRule> {
    switch key {
    case .layers:
      .init("A pattern of the names of linear and convolutional layers, such as 'layer3.*'.")
    case .outDegree:
      .init(absent: "give density", "How many outputs read each input.")
    case .density:
      .init(
        absent: "give out_degree", unit: "fraction",
        "The share of connections that are there; the nearest with exact degrees is taken.")
    case .pattern: .init(absent: "structured", "How the connections are drawn.")
    case .memories:
      .init(
        absent: "the most that fit",
        "Clash-free patterns: how many memories the inputs lie in.")
    case .dither:
      .init(
        absent: "false",
        "Clash-free patterns: whether memories are read in another order in every sweep.")
    case .padInputs:
      .init(
        absent: "no padding",
        "To how many inputs a linear layer's features are filled up with zeros first.")
    case .stored: .init(absent: "seed", "How the pattern is stored in checkpoints.")
    }
  }
}
