internal import Codecs
public import Configurations
public import Networks
public import Splitting
public import Training

/// The `early_exit` section of a recipe.
public struct EarlyExitConfiguration: Hashable, Codable, Sendable {
  /// An exit.
  public struct Exit: Hashable, Codable, Sendable {
    /// What an exit is made of.
    public enum Head: String, Codable, CaseIterable, Sendable {
      /// A linear layer on all values.
      case linear
      /// A linear layer on the mean over all places.
      case pooled
      /// A convolution of 3×3 and stride 2, batch norm and ReLU before that.
      case convolutional
    }

    /// The value of the network that it reads: a node, or a module for its last node.
    public var at: String
    /// What it is made of; `pooled` for images and `linear` for features unless given.
    public var head: Head?
    /// The channels of a convolutional exit.
    public var hidden: Int?
    /// How its linear layer is sparse, if it is.
    public var outDegree: Int?
    /// The same as a share of all connections.
    public var density: Double?
    /// How the connections are drawn.
    public var pattern: PredefinedSparsity.Kind?

    package enum CodingKeys: String, CodingKey, CaseIterable {
      case at, head, hidden, density, pattern
      case outDegree = "out_degree"
    }
  }

  /// What is trained.
  public enum Training: String, Codable, CaseIterable, Sendable {
    /// The exits alone; the network stays as it is.
    case postHoc = "post_hoc"
    /// The network with them.
    case joint
  }

  /// What the threshold is chosen for on the validation images, one of them.
  public struct Target: Hashable, Codable, Sendable {
    /// The least accuracy, a fraction; as many samples leave early as it allows.
    public var accuracy: Double?
    /// The most accuracy that may be lost to the network without exits, a fraction.
    public var accuracyDrop: Double?
    /// The share of samples that leave early.
    public var exitRate: Double?
    /// The most mean latency; the best accuracy that keeps it is taken.
    public var latency: TimeSpan?

    /// Creates a target.
    public init(
      accuracy: Double? = nil, accuracyDrop: Double? = nil, exitRate: Double? = nil,
      latency: TimeSpan? = nil
    ) {
      self.accuracy = accuracy
      self.accuracyDrop = accuracyDrop
      self.exitRate = exitRate
      self.latency = latency
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
      case accuracy, latency
      case accuracyDrop = "accuracy_drop"
      case exitRate = "exit_rate"
    }
  }

  /// The exits, in the order of the network.
  public var exits: [Exit]
  /// What is trained.
  public var training: Training
  /// What an exit's loss counts beside the network's own, λ, in joint training.
  public var weight: Double
  /// How an exit says that it is sure.
  public var rule: ExitRule
  /// Whether the temperatures of the exits are fitted on the validation images.
  public var calibrates: Bool
  /// What the threshold is chosen for.
  public var target: Target
  /// The bits of a value of what is sent, with rANS; single precision unless given.
  public var bits: Int?
  /// What of the network stays as it is in joint training.
  public var freeze: [String]

  /// Creates a section with its defaults.
  public init(exits: [Exit]) {
    self.exits = exits
    training = .postHoc
    weight = 1
    rule = .maxSoftmax
    calibrates = true
    target = Target(accuracyDrop: 0.01)
    freeze = []
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case exits, training, weight, rule, target, bits, freeze
    case calibrates = "calibrate"
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(exits: try container.decode([Exit].self, forKey: .exits))
    training = try container.decodeIfPresent(Training.self, forKey: .training) ?? training
    weight = try container.decodeIfPresent(Double.self, forKey: .weight) ?? weight
    rule = try container.decodeIfPresent(ExitRule.self, forKey: .rule) ?? rule
    calibrates = try container.decodeIfPresent(Bool.self, forKey: .calibrates) ?? calibrates
    target = try container.decodeIfPresent(Target.self, forKey: .target) ?? target
    bits = try container.decodeIfPresent(Int.self, forKey: .bits)
    freeze = try container.decodeIfPresent([String].self, forKey: .freeze) ?? freeze
  }
}

extension EarlyExitConfiguration: Validatable {
  /// Reports what is out of range or contradictory.
  public func validate(_ report: inout ValidationReport) {
    if exits.isEmpty { report.add("expected at least one exit", at: "exits") }
    if Set(exits.map(\.at)).count < exits.count {
      report.add("two exits are at the same place", at: "exits")
    }
    if !(weight > 0 && weight.isFinite) {
      report.add("expected a positive number, found \(weight)", at: "weight")
    }
    let range = RANSCodec.bitRange
    if let bits, !range.contains(bits) {
      report.add(
        "expected \(range.lowerBound) to \(range.upperBound), found \(bits)", at: "bits")
    }
    if training == .postHoc, !freeze.isEmpty {
      report.add("goes with joint training: all of the network is frozen", at: "freeze")
    }
  }
}

extension EarlyExitConfiguration.Exit: Validatable {
  /// Reports what is out of range or contradictory.
  public func validate(_ report: inout ValidationReport) {
    if outDegree != nil, density != nil {
      report.add("expected either out_degree or density", at: "density")
    }
    if pattern != nil, outDegree == nil, density == nil {
      report.add("goes with out_degree or density", at: "pattern")
    }
    if let density, !(density > 0 && density <= 1) {
      report.add("expected a number above 0 up to 1, found \(density)", at: "density")
    }
    if let hidden, hidden < 1 { report.add("expected 1 or more, found \(hidden)", at: "hidden") }
    if hidden != nil, head != .convolutional {
      report.add("goes with a convolutional head", at: "hidden")
    }
  }
}

extension EarlyExitConfiguration.Target: Validatable {
  /// Reports several targets, and shares out of range.
  public func validate(_ report: inout ValidationReport) {
    let given = [accuracy, accuracyDrop, exitRate, latency?.seconds].compactMap { $0 }
    if given.count != 1 {
      report.add("expected one of accuracy, accuracy_drop, exit_rate and latency", at: "accuracy")
    }
    for (key, value) in [
      ("accuracy", accuracy), ("accuracy_drop", accuracyDrop), ("exit_rate", exitRate),
    ] {
      if let value, !(0...1).contains(value) {
        report.add("expected a number from 0 to 1, found \(value)", at: key)
      }
    }
  }
}

extension EarlyExit {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: EarlyExitConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    var unused: [UnusedKey] = []
    if configuration.training == .postHoc {
      unused.append(UnusedKey([name, "weight"], "goes with training: joint"))
    }
    if configuration.rule == .learned {
      unused.append(UnusedKey([name, "calibrate"], "a learned rule has no temperature"))
    }
    return unused
  }
}
