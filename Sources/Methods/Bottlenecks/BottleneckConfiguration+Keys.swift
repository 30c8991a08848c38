package import Configurations

extension BottleneckConfiguration: DescribedNode {
  package static let summary = "The bottleneck at the cut, and how it is trained."

  package static func describe(_ key: CodingKeys) -> KeyDescription<BottleneckConfiguration> {
    switch key {
    case .channels: .init(\.channels, "The channels of the latent.")
    case .downsampling:
      .init(
        \.downsampling, unit: "factor",
        "How much smaller the latent is than the features at the cut, in both directions: 1, 2 or "
          + "4.")
    case .beta:
      .init(\.beta, "Entropy bottleneck: what a bit of a latent costs in the loss.")
    case .ownFineTuningBeta:
      .init(
        absent: "beta",
        "What a bit costs in fine-tuning; goes with freeze_encoder: false.")
    case .matched:
      .init(
        absent: "the cut and all modules after it",
        "The modules where the student is held to the teacher's features.")
    case .alpha:
      .init(
        \.alpha, unit: "fraction",
        "The share of the labels' cross-entropy in fine-tuning; the teacher has the rest.")
    case .temperature:
      .init(
        \.temperature,
        "What logits are divided by when the student is held to the teacher's answers.")
    case .pretrained:
      .init(
        \.pretrained,
        "Without a teacher: whether layers after the bottleneck begin with the checkpoint's weights."
      )
    case .freezesEncoder:
      .init(\.freezesEncoder, "Whether the encoder stays as it is in fine-tuning.")
    case .bits:
      .init(\.bits, unit: "bits", "Without an entropy bottleneck: the bits of a quantised value.")
    }
  }
}
