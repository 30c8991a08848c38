package import Configurations

extension MTLSplitConfiguration: DescribedNode {
  package static let summary = "Several tasks behind one backbone."

  package static func describe(_ key: CodingKeys) -> KeyDescription<MTLSplitConfiguration> {
    switch key {
    case .tasks: .init("The tasks.")
    case .only:
      .init(absent: "all", "The names of the tasks that are trained, the others left out.")
    case .backbone:
      .init(\.backbone, "Whether the backbone is trained with the tasks or stays as it is.")
    case .weighting: .init(\.weighting, "How the losses of the tasks become one.")
    case .cacheMemory:
      .init(
        \.cacheMemory,
        "The most memory that cached latents of a frozen backbone take; beyond it they lie on disk."
      )
    case .bits:
      .init(
        \.bits, unit: "bits",
        "The bits of a value that crosses the cut, for what the report compares.")
    }
  }
}
