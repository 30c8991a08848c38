public import Configurations
public import Splitting
public import Training

/// The `salt` section of a recipe.
public struct SALTConfiguration: Hashable, Codable, Sendable {
  /// What is trained on the client.
  public enum Variant: String, Codable, CaseIterable, Sendable {
    /// An adapter whose output is added to the latent: `z' = z + S(z)`.
    case residual
    /// An adapter the latent goes through: `z' = S(z)`.
    case insertion
    /// The whole head, without an adapter.
    case retrain
    /// Part of the head, without an adapter.
    case fineTune = "fine_tune"
  }

  /// Where a retrained head begins.
  public enum Beginning: String, Codable, CaseIterable, Sendable {
    /// With the head's own parameters.
    case pretrained
    /// With new ones.
    case random
  }

  /// Whether the latents of the frozen head are computed once.
  public enum Caching: String, Codable, CaseIterable, Sendable {
    /// Wherever training images are not changed at random.
    case auto
    /// Always; random changes are an error.
    case on
    /// Never.
    case off
  }

  /// What is trained on the client.
  public var variant: Variant
  /// The side of the last convolution's window: 3 or 1.
  public var lastKernel: Int
  /// Whether a residual adapter's last convolution begins with zeros, so that step 0 is exactly
  /// the original system.
  public var zeroInitialization: Bool
  /// Where a retrained head begins.
  public var retrainFrom: Beginning
  /// Patterns of the head's nodes that fine-tuning trains; its last module unless given.
  public var fineTune: [String]?
  /// Fractions of lost elements training draws from, batch by batch; the link's own unless given.
  public var trainLoss: [Double]?
  /// Whether latents are computed once.
  public var cache: Caching
  /// The most memory that cached latents take; beyond it they lie on disk.
  public var cacheMemory: ByteCount

  /// Creates a section with its defaults.
  public init(variant: Variant = .residual) {
    self.variant = variant
    lastKernel = 3
    zeroInitialization = true
    retrainFrom = .pretrained
    cache = .auto
    cacheMemory = ByteCount(2 << 30)
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case variant
    case lastKernel = "last_kernel"
    case zeroInitialization = "zero_initialization"
    case retrainFrom = "retrain_from"
    case fineTune = "fine_tune"
    case trainLoss = "train_loss"
    case cache
    case cacheMemory = "cache_memory"
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    variant = try container.decodeIfPresent(Variant.self, forKey: .variant) ?? variant
    lastKernel = try container.decodeIfPresent(Int.self, forKey: .lastKernel) ?? lastKernel
    zeroInitialization =
      try container.decodeIfPresent(Bool.self, forKey: .zeroInitialization) ?? zeroInitialization
    retrainFrom =
      try container.decodeIfPresent(Beginning.self, forKey: .retrainFrom) ?? retrainFrom
    fineTune = try container.decodeIfPresent([String].self, forKey: .fineTune)
    trainLoss = try container.decodeIfPresent([Double].self, forKey: .trainLoss)
    cache = try container.decodeIfPresent(Caching.self, forKey: .cache) ?? cache
    cacheMemory = try container.decodeIfPresent(ByteCount.self, forKey: .cacheMemory) ?? cacheMemory
  }

  /// Whether there is an adapter behind a frozen head, rather than a trained head.
  public var hasAdapter: Bool { variant == .residual || variant == .insertion }
}

extension SALTConfiguration: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    if lastKernel != 1 && lastKernel != 3 {
      report.add("expected 1 or 3, found \(lastKernel)", at: "last_kernel")
    }
    if let trainLoss {
      if trainLoss.isEmpty { report.add("expected at least one fraction", at: "train_loss") }
      for (index, loss) in trainLoss.enumerated() where !(0...1).contains(loss) {
        report.add("expected a fraction from 0 to 1, found \(loss)", at: "train_loss", "\(index)")
      }
    }
    if let fineTune, fineTune.isEmpty {
      report.add("expected at least one pattern", at: "fine_tune")
    }
    if cache == .on, !hasAdapter {
      report.add(
        "only the latents of a frozen head can be cached, and \(variant.rawValue) trains the head",
        at: "cache")
    }
  }
}

extension SALT {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: SALTConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    let all = ["last_kernel", "zero_initialization", "cache_memory", "fine_tune", "retrain_from"]
    let used: Set<String> =
      switch configuration.variant {
      case .residual: ["last_kernel", "zero_initialization", "cache_memory"]
      case .insertion: ["last_kernel", "cache_memory"]
      case .retrain: ["retrain_from"]
      case .fineTune: ["fine_tune"]
      }
    return UnusedKey.all(
      all.filter { !used.contains($0) }, of: name,
      because: "variant is \(configuration.variant.rawValue)")
  }
}
