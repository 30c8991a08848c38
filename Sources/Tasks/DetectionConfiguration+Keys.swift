package import Configurations

extension DetectionConfiguration: DescribedNode {
  package static let summary = "How a detector looks for objects."

  package static func describe(_ key: CodingKeys) -> KeyDescription<DetectionConfiguration> {
    switch key {
    case .anchorScale:
      .init(
        \.anchorScale, unit: "pixels of the feature map", "The side of an anchor.")
    case .octaves:
      .init(\.octaves, "How many sizes of anchors there are from one feature map to the next.")
    case .ratios: .init(\.ratios, "The proportions of anchors, height over width.")
    case .extraLevels:
      .init(\.extraLevels, "How many feature maps are made by halving the coarsest.")
    case .proposals:
      .init(
        \.proposals, unit: "boxes", "two_stage: the boxes of an image that the second stage reads.")
    case .candidates:
      .init(
        \.candidates, unit: "anchors",
        "two_stage: the best anchors of each feature map that proposals are chosen from.")
    case .resolution:
      .init(\.resolution, "two_stage: the rows and columns of a proposal's features.")
    case .scoreThreshold: .init(\.scoreThreshold, "The score from which a detection counts.")
    case .overlap:
      .init(
        \.overlap, unit: "intersection over union",
        "The overlap above which the lesser of two detections of a category is dropped.")
    case .limit: .init(\.limit, "The most detections of an image.")
    }
  }
}
