package import Configurations
internal import Training

extension EarlyExitConfiguration: DescribedNode {
  package static let summary = "Early exits of a network, and when a sample leaves at one."

  package static func describe(_ key: CodingKeys) -> KeyDescription<EarlyExitConfiguration> {
    switch key {
    case .exits: .init("The exits, in the order of the network.")
    case .training:
      .init(\.training, "Whether the exits are trained alone, or the network with them.")
    case .weight:
      .init(\.weight, "What an exit's loss counts beside the network's own, in joint training.")
    case .rule: .init(\.rule, "The measure of how sure an exit is.")
    case .calibrates:
      .init(
        \.calibrates, "Whether the temperatures of the exits are fitted on the validation images.")
    case .target:
      .init(
        {
          WrittenNode(
            "accuracy_drop", ReferenceText.of($0.target.accuracyDrop ?? 0) ?? "")
        },
        "What the threshold is chosen for on the validation images.")
    case .bits:
      .init(
        absent: "32-bit floats", unit: "bits", "The bits of a value of what is sent, with rANS.")
    case .freeze:
      .init(\.freeze, "Patterns of the names of what stays as it is in joint training.")
    }
  }
}

extension EarlyExitConfiguration.Exit: DescribedNode {
  package static let summary = "An exit: where it is, and what it is made of."

  package static func describe(_ key: CodingKeys) -> KeyDescription<EarlyExitConfiguration.Exit> {
    switch key {
    case .at: .init("The layer or module whose output the exit reads.")
    case .head: .init(absent: "pooled for images, linear for features", "The layers of the exit.")
    case .hidden:
      .init(absent: "twice as many as it reads", "The channels of a convolutional exit.")
    case .outDegree:
      .init(absent: "dense", "How many outputs of the linear layer read each input.")
    case .density:
      .init(
        absent: "dense", unit: "fraction", "The share of the linear layer's connections there are.")
    case .pattern: .init(absent: "structured", "How the connections are drawn.")
    }
  }
}

extension EarlyExitConfiguration.Target: DescribedNode {
  package static let summary = "What the threshold is chosen for; give one of the keys."

  package static func describe(_ key: CodingKeys) -> KeyDescription<EarlyExitConfiguration.Target> {
    switch key {
    case .accuracy:
      .init(
        absent: "not asked", unit: "fraction",
        "The least accuracy; as many samples leave early as it allows.")
    case .accuracyDrop:
      .init(
        absent: "not asked", unit: "fraction",
        "The most accuracy that may be lost to the network without exits.")
    case .exitRate:
      .init(absent: "not asked", unit: "fraction", "The share of samples that leave early.")
    case .latency: .init(absent: "not asked", "The most mean latency; the best accuracy is taken.")
    }
  }
}
