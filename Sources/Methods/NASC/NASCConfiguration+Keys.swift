package import Configurations

extension NASCConfiguration: DescribedNode {
  package static let summary = "The architectures a search chooses from, and its limit."

  package static func describe(_ key: CodingKeys) -> KeyDescription<NASCConfiguration> {
    switch key {
    case .operations: .init(\.operations, "What each block may compute.")
    case .bottlenecks:
      .init(
        \.bottlenecks, unit: "fractions",
        "The shares of channels that a stage may leave at its end.")
    case .splits:
      .init(
        \.splits,
        "Where the network may be split: behind a block, or any place, device and server alone "
          + "included.")
    case .latencyLimit: .init("The largest latency from image to answer.")
    case .latencyTable:
      .init(absent: "measured anew", "The file of a table of latencies that was measured before.")
    case .bits: .init(\.bits, unit: "bits", "The bits of a value that crosses the split.")
    case .strategy: .init(\.strategy, "How architectures are chosen.")
    case .warmup:
      .init(
        \.warmup, unit: "epochs",
        "How long architectures within the limit come at random while only weights learn.")
    case .samples: .init(\.samples, "The architectures that are compared in a step.")
    case .shortlist:
      .init(\.shortlist, "How many of the best architectures are evaluated again at the end.")
    case .images:
      .init(
        \.images, unit: "images",
        "How many validation images an architecture of the short list is evaluated on, at most.")
    case .isExhaustive:
      .init(\.isExhaustive, "Whether every network of the space is evaluated at the end.")
    case .retraining:
      .init(absent: "as train", "How the network that was found is trained from the beginning.")
    }
  }
}
