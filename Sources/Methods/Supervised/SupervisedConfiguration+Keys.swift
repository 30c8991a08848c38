package import Configurations

extension SupervisedConfiguration: DescribedNode {
  package static let summary = "Plain training of a network, or of what is not frozen of it."

  package static func describe(_ key: CodingKeys) -> KeyDescription<SupervisedConfiguration> {
    switch key {
    case .freeze: .init(\.freeze, "Patterns of the names of what stays as it is.")
    case .labelSmoothing:
      .init(
        \.labelSmoothing, unit: "fraction",
        "How much of the target goes to all classes evenly, below 1.")
    case .bits:
      .init(absent: "32-bit floats", unit: "bits", "The bits of a value that crosses the cut.")
    }
  }
}
