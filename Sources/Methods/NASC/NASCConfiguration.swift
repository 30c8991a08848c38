public import Configurations
public import Networks
public import Splitting
public import Training

/// The `nasc` section of a recipe: what is chosen from, and under which limit.
public struct NASCConfiguration: Hashable, Codable, Sendable {
  /// How architectures are chosen.
  public enum Strategy: String, Codable, CaseIterable, Hashable, Sendable {
    /// By the adaptive natural gradient, split and architecture together.
    case adaptive
    /// At random, with as many images for evaluation as `adaptive` needs: a control.
    case random
    /// By the adaptive natural gradient for the time of the whole network on the device, and split
    /// afterwards where that is fastest: a control.
    case splitUnaware = "split_unaware"
  }

  /// Where the network may be split.
  public enum Splits: String, Codable, CaseIterable, Hashable, Sendable {
    /// Behind a block.
    case blocks
    /// Behind a block, or all on the device, or all on the server.
    case any
  }

  /// What each block may compute.
  public var operations: [BlockOperation]
  /// The shares of channels a stage may leave at its end.
  public var bottlenecks: [Double]
  /// Where the network may be split.
  public var splits: Splits
  /// The largest latency from image to answer; of the whole network on the device if the search does
  /// not know of the split.
  public var latencyLimit: TimeSpan
  /// The file of a table of latencies that was measured before; a new one is measured if nil.
  public var latencyTable: String?
  /// The bits of a value that crosses.
  public var bits: Int
  /// How architectures are chosen.
  public var strategy: Strategy
  /// The first epochs, in which architectures within the limit come at random and only the weights learn.
  ///
  /// Deviation: the source has none. Weights that few steps have trained favour blocks that do little, and
  /// a distribution that follows them early does not come back.
  public var warmup: Int
  /// The architectures λ that are compared in a step.
  public var samples: Int
  /// How many of the best architectures of the search are evaluated on all images beside the most
  /// probable one.
  public var shortlist: Int
  /// How many validation images an architecture of the short list is evaluated on, at most.
  public var images: Int
  /// Whether every network of the space is evaluated at the end, to tell how far the found one is from
  /// the best.
  public var isExhaustive: Bool
  /// How the found network is trained from the beginning; as the search unless given.
  public var retraining: TrainingConfiguration?

  /// The most networks that are evaluated for ``isExhaustive``.
  public static let exhaustiveLimit = 2048

  /// Creates a section with its defaults.
  public init(latencyLimit: TimeSpan) {
    operations = ["k3_e1", "k3_e3", "k3_e6", "k5_e3", "skip"].compactMap(BlockOperation.init(name:))
    bottlenecks = [1, 0.5, 0.25]
    splits = .blocks
    self.latencyLimit = latencyLimit
    bits = 8
    strategy = .adaptive
    warmup = 0
    samples = 4
    shortlist = 16
    images = 4096
    isExhaustive = false
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case operations, bottlenecks, splits
    case latencyLimit = "latency_limit"
    case latencyTable = "latency_table"
    case bits, strategy, warmup, samples, shortlist, images
    case isExhaustive = "exhaustive"
    case retraining
  }

  /// Reads the section; only the limit is required.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(latencyLimit: try container.decode(TimeSpan.self, forKey: .latencyLimit))
    operations =
      try container.decodeIfPresent([BlockOperation].self, forKey: .operations) ?? operations
    bottlenecks = try container.decodeIfPresent([Double].self, forKey: .bottlenecks) ?? bottlenecks
    splits = try container.decodeIfPresent(Splits.self, forKey: .splits) ?? splits
    latencyTable = try container.decodeIfPresent(String.self, forKey: .latencyTable)
    bits = try container.decodeIfPresent(Int.self, forKey: .bits) ?? bits
    strategy = try container.decodeIfPresent(Strategy.self, forKey: .strategy) ?? strategy
    warmup = try container.decodeIfPresent(Int.self, forKey: .warmup) ?? warmup
    samples = try container.decodeIfPresent(Int.self, forKey: .samples) ?? samples
    shortlist = try container.decodeIfPresent(Int.self, forKey: .shortlist) ?? shortlist
    images = try container.decodeIfPresent(Int.self, forKey: .images) ?? images
    isExhaustive = try container.decodeIfPresent(Bool.self, forKey: .isExhaustive) ?? isExhaustive
    retraining = try container.decodeIfPresent(TrainingConfiguration.self, forKey: .retraining)
  }
}

extension NASCConfiguration: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    if operations.count < 2 || Set(operations).count < operations.count {
      report.add("expected two operations or more, all different", at: "operations")
    }
    if bottlenecks.isEmpty || Set(bottlenecks).count < bottlenecks.count
      || bottlenecks.contains(where: { !($0 > 0 && $0 <= 1) })
    {
      report.add("expected different shares above 0, at most 1", at: "bottlenecks")
    }
    if latencyLimit == .zero { report.add("expected a time above zero", at: "latency_limit") }
    if !(1...16).contains(bits) { report.add("expected 1 to 16, found \(bits)", at: "bits") }
    if warmup < 0 { report.add("expected 0 or more, found \(warmup)", at: "warmup") }
    if !(2...64).contains(samples) {
      report.add("expected 2 to 64, found \(samples)", at: "samples")
    }
    if !(0...10_000).contains(shortlist) {
      report.add("expected 0 to 10,000, found \(shortlist)", at: "shortlist")
    }
    if let retraining {
      // What was found is trained as any classifier: better to hear of it before the search.
      if retraining.stages != nil {
        report.add("expected no stages", at: "retraining", "stages")
      }
      if !Supervised.monitors.contains(retraining.monitor) {
        report.add(
          "expected \(Supervised.monitors.joined(separator: " or ")), found '\(retraining.monitor)'",
          at: "retraining", "monitor")
      }
    }
    if images < 1 { report.add("expected 1 or more, found \(images)", at: "images") }
  }
}

extension NASC {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: NASCConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    var unused = UnusedKey.all(
      ["initialize", "sparsity"], of: "network", because: "candidates share dense weights")
    if configuration.strategy == .splitUnaware {
      unused.append(UnusedKey([name, "bottlenecks"], "a search that knows no split has none"))
    }
    if configuration.strategy == .random {
      unused.append(UnusedKey([name, "warmup"], "a random search has no distribution to move"))
    }
    return unused
  }
}
