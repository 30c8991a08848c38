package import Configurations

extension SemanticNNConfiguration: DescribedNode {
  package static let summary = "A codec that learns with the channel's bit errors."

  package static func describe(_ key: CodingKeys) -> KeyDescription<SemanticNNConfiguration> {
    switch key {
    case .channels: .init(\.channels, "The channels of the latent.")
    case .decoder:
      .init(\.decoder, "The channels of the decoder's four stages; the last two double the extent.")
    case .levels: .init(\.levels, "How many centres there are.")
    case .sharpness: .init(\.sharpness, "σ of the soft quantiser.")
    case .gradient: .init(\.gradient, "The function whose gradient the quantiser has.")
    case .mapping: .init(\.mapping, "How an index is written in bits.")
    case .errors: .init(\.errors, "What errors hit in training.")
    case .decibels:
      .init(
        { node in node.decibels.map { [$0.least, $0.most] } }, unit: "dB",
        "The lowest and the highest signal-to-noise ratio in training, or none for no channel.")
    case .burstLength:
      .init(
        \.burstLength, unit: "bits",
        "How long the channel stays bad on average; 1 for independent errors.")
    case .isAware:
      .init(\.isAware, "Whether the decoder knows the channel's signal-to-noise ratio.")
    case .usage:
      .init(\.usage, "What uneven use of the centres counts beside the task's loss.")
    case .attribution:
      .init(\.attribution, "What the attributions' asymmetry counts beside the task's loss.")
    case .fidelity:
      .init(
        \.fidelity, "What the mean squared error of the features counts beside the task's loss.")
    case .code: .init(\.code, "The code that protects the indices.")
    case .rates: .init(\.rates, unit: "fractions", "The bit error rates that are measured.")
    case .draws: .init(\.draws, "How often the channel is drawn at each of them.")
    case .cacheMemory:
      .init(
        \.cacheMemory, "The most memory that cached features take; beyond it they lie on disk.")
    }
  }
}
