package import Configurations

extension SALTConfiguration: DescribedNode {
  package static let summary = "An adapter between a frozen head and a closed tail."

  package static func describe(_ key: CodingKeys) -> KeyDescription<SALTConfiguration> {
    switch key {
    case .variant: .init(\.variant, "What is trained on the client.")
    case .lastKernel: .init(\.lastKernel, "The side of the last convolution's window: 3 or 1.")
    case .zeroInitialization:
      .init(
        \.zeroInitialization,
        "Whether a residual adapter begins with zeros, so that step 0 is the original system.")
    case .retrainFrom: .init(\.retrainFrom, "The initial parameters of a retrained head.")
    case .fineTune:
      .init(
        absent: "the head's last module", "Patterns of the head's layers that fine-tuning trains.")
    case .trainLoss:
      .init(
        absent: "the link's own", unit: "fractions",
        "The shares of lost elements that training draws from, batch by batch.")
    case .cache: .init(\.cache, "Whether the latents of the frozen head are computed once.")
    case .cacheMemory:
      .init(
        \.cacheMemory, "The most memory that cached latents take; beyond it they lie on disk.")
    }
  }
}
