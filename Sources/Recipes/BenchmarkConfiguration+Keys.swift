package import Configurations
internal import Splitting

extension BenchmarkConfiguration: DescribedNode {
  package static let summary = "The systems that `cleave evaluate` sets against each other."

  package static func describe(_ key: CodingKeys) -> KeyDescription<BenchmarkConfiguration> {
    switch key {
    case .reference:
      .init(
        absent: "the recipe's own network",
        "The folder of a trained run whose whole network is the uncompressed one.")
    case .systems: .init("The systems that are set against the uncompressed network.")
    case .links:
      .init(\.links, "The links that latency and energy are computed for; none for the recipe's.")
    case .limit:
      .init(
        absent: "all", unit: "images",
        "How many test images are used, at most, drawn evenly over the classes.")
    case .timedSamples:
      .init(\.timedSamples, unit: "images", "Of how many images times are medians.")
    case .calibrationSamples:
      .init(
        \.calibrationSamples, unit: "images",
        "From how many training images the tables of context are made, at most.")
    }
  }
}

extension BenchmarkLink: DescribedNode {
  package static let summary = "A link and its name."

  package static var parts: [any DescribedNode.Type] { [Link.self] }

  package static func describe(_ key: CodingKeys) -> KeyDescription<BenchmarkLink> {
    switch key {
    case .name: .init("The name in tables.")
    }
  }
}

extension BenchmarkSystem: DescribedNode {
  package static let summary =
    "A system, or a curve of them; give one of input, latent, run and place."

  package static func describe(_ key: CodingKeys) -> KeyDescription<BenchmarkSystem> {
    switch key {
    case .place: .init(absent: "none", "Where the whole network runs, if nothing is split.")
    case .input: .init(absent: "none", "The image codec, if the image is sent.")
    case .qualities:
      .init(absent: "give them with input", "The qualities of the image codec, 1 to 100.")
    case .latent:
      .init(absent: "none", "The codec of the latent, if the recipe's own network is cut.")
    case .bits:
      .init(absent: "give them with latent", unit: "bits", "The bits of quantised values.")
    case .cut: .init(absent: "the recipe's", "Another cut than the recipe's.")
    case .run:
      .init(absent: "none", "The folder of a trained run, or several that differ in their seed.")
    case .name: .init(absent: "that of its method", "The name of a run in tables.")
    }
  }
}

extension BenchmarkSystem.RunList: DescribedValue {
  package static let words = "text or list of texts"
}
