package import Configurations

extension TaskConfiguration: DescribedNode {
  package static let summary = "A task: what is asked of an image, and the layers that answer."

  package static var variants: [NodeVariant] {
    Kind.allCases.map { NodeVariant($0.rawValue, key: CodingKeys.kind.rawValue) }
  }

  package static func describe(_ key: CodingKeys) -> KeyDescription<TaskConfiguration> {
    switch key {
    case .name: .init("The name of the task, of letters, digits, _ and -.")
    case .kind: .init(\.kind, "The kind of question.")
    case .annotation: .init(absent: "as name", "The annotation of the data that it learns from.")
    case .reads:
      .init(
        absent: "the shared value", "The values of the network that it reads, from first to last.")
    case .head: .init(\.head, "The layers that answer.")
    case .hidden: .init(\.hidden, "The units of a hidden layer, or the channels of one.")
    case .dropout:
      .init(\.dropout, unit: "fraction", "The share of hidden units dropped in training.")
    case .weight: .init(\.weight, "The weight of its loss, if the weighting is fixed.")
    case .auxiliary:
      .init(
        absent: "no second head",
        "A value of the network from which a smaller head learns the same, in training only.")
    case .auxiliaryWeight:
      .init(\.auxiliaryWeight, "The weight of the auxiliary head's loss in the task's.")
    case .detection: .init(absent: "its defaults", "How objects are looked for, for detection.")
    }
  }
}
