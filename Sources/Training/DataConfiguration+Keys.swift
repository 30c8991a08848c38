package import Configurations
internal import Datasets

extension DataConfiguration: DescribedNode {
  package static let summary = "The data set, and what of it is used."

  package static var parts: [any DescribedNode.Type] { [DatasetSpecification.self] }

  package static func describe(_ key: CodingKeys) -> KeyDescription<DataConfiguration> {
    switch key {
    case .validationFraction:
      .init(
        absent: "the data's own validation part, else \(usualFraction)", unit: "fraction",
        "The share of the training part that is put aside to choose by.")
    case .splitSeed:
      .init(
        \.splitSeed,
        "Which draw of the validation split and of limits; the same for every seed of a study.")
    case .classes:
      .init(absent: "all", "The classes of the user whose data this is.")
    case .trainLimit:
      .init(
        absent: "all", unit: "samples",
        "The most training samples that are used, drawn evenly over the classes.")
    case .testLimit:
      .init(
        absent: "all", unit: "samples",
        "The most test samples that are used, drawn evenly over the classes.")
    case .horizontalFlip:
      .init(\.horizontalFlip, "Whether half of the training images, at random, are mirrored.")
    case .cropPadding:
      .init(
        \.cropPadding, unit: "pixels",
        "How far training images are shifted at random in each direction, at most.")
    }
  }
}
