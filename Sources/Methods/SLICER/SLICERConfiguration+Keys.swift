package import Configurations

extension SLICERConfiguration: DescribedNode {
  package static let summary = "A search for the cut and the settings of SLICER's codec."

  package static func describe(_ key: CodingKeys) -> KeyDescription<SLICERConfiguration> {
    switch key {
    case .cuts: .init(absent: "the network's own, or all valid ones", "The cuts to choose from.")
    case .keep:
      .init(\.keep, unit: "fractions", "The shares of the values that are kept, to choose from.")
    case .blocks: .init(\.blocks, "The numbers of blocks to choose from.")
    case .tolerance: .init(\.tolerance, "The tolerances to choose from, δ.")
    case .bound: .init(\.bound, "Whether a tolerance bounds the relative or the absolute error.")
    case .asymmetry:
      .init(\.asymmetry, "What negative values count against positive ones, λ.")
    case .reading: .init(\.reading, "What the asymmetry means.")
    case .accuracyDrop:
      .init(
        \.accuracyDrop, unit: "fraction",
        "How much of the accuracy on the validation images may be lost.")
    case .images:
      .init(\.images, unit: "images", "How many of the validation images are looked at.")
    case .deviceMemory: .init(absent: "no limit", "The most bytes of parameters on the device.")
    case .deviceMACs:
      .init(absent: "no limit", "The most multiply-accumulates on the device for one image.")
    case .latency: .init(absent: "no limit", "The most time from image to logits.")
    case .compare:
      .init(\.compare, unit: "bits", "The bits of the plain codecs that the report compares with.")
    }
  }
}
