public import Configurations
public import Training

/// The section of a recipe of a method that trains a bottleneck.
public struct BottleneckConfiguration: Hashable, Codable, Sendable {
  /// The channels of the latent; 24 for an entropy bottleneck and 12 for channel reduction is
  /// published for 256 channels of the host.
  public var channels: Int
  /// By how much smaller the latent is, in both directions, than the features at the cut: 1, 2 or 4.
  public var downsampling: Int
  /// What a bit of a latent costs in the loss, for methods with an entropy bottleneck.
  public var beta: Double
  /// What it costs in fine-tuning if the encoder is trained there; ``beta`` unless given, though labels
  /// and answers make a smaller loss than features.
  public var ownFineTuningBeta: Double?
  /// Where the student is held to the teacher's features: the cut and all modules after it unless
  /// given.
  public var matched: [String]?
  /// The share of the labels' cross-entropy in fine-tuning, the teacher's answers having the rest.
  public var alpha: Double
  /// What logits are divided by when the student is held to the teacher's answers.
  public var temperature: Double
  /// Whether layers after the bottleneck begin with the checkpoint's weights, for a method that has
  /// no teacher: the control that tells what a teacher gives from what its weights give.
  public var pretrained: Bool
  /// Whether the encoder stays as it is in fine-tuning.
  public var freezesEncoder: Bool
  /// The bits of a quantised value, for methods without an entropy bottleneck.
  public var bits: Int

  /// Creates a section with its defaults.
  public init(channels: Int = 12, beta: Double = 0.08) {
    self.channels = channels
    self.beta = beta
    downsampling = 1
    alpha = 0.5
    temperature = 1
    pretrained = false
    freezesEncoder = true
    bits = 8
  }

  /// What a bit costs in fine-tuning.
  var fineTuningBeta: Double { ownFineTuningBeta ?? beta }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case channels, downsampling, beta, matched, alpha, temperature, pretrained
    case ownFineTuningBeta = "fine_tuning_beta"
    case freezesEncoder = "freeze_encoder"
    case bits
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: CodingKeys.self)
    channels = try container.decodeIfPresent(Int.self, forKey: .channels) ?? channels
    downsampling = try container.decodeIfPresent(Int.self, forKey: .downsampling) ?? downsampling
    beta = try container.decodeIfPresent(Double.self, forKey: .beta) ?? beta
    ownFineTuningBeta = try container.decodeIfPresent(Double.self, forKey: .ownFineTuningBeta)
    matched = try container.decodeIfPresent([String].self, forKey: .matched)
    alpha = try container.decodeIfPresent(Double.self, forKey: .alpha) ?? alpha
    temperature = try container.decodeIfPresent(Double.self, forKey: .temperature) ?? temperature
    pretrained = try container.decodeIfPresent(Bool.self, forKey: .pretrained) ?? pretrained
    freezesEncoder =
      try container.decodeIfPresent(Bool.self, forKey: .freezesEncoder) ?? freezesEncoder
    bits = try container.decodeIfPresent(Int.self, forKey: .bits) ?? bits
  }
}

extension BottleneckConfiguration: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    if !(1...1024).contains(channels) {
      report.add("expected 1 to 1024, found \(channels)", at: "channels")
    }
    if ![1, 2, 4].contains(downsampling) {
      report.add("expected 1, 2 or 4, found \(downsampling)", at: "downsampling")
    }
    if !(beta >= 0 && beta.isFinite) {
      report.add("expected a number from 0, found \(beta)", at: "beta")
    }
    if let value = ownFineTuningBeta, !(value >= 0 && value.isFinite) {
      report.add("expected a number from 0, found \(value)", at: "fine_tuning_beta")
    }
    if ownFineTuningBeta != nil, freezesEncoder {
      report.add("goes with freeze_encoder: false", at: "fine_tuning_beta")
    }
    if matched?.isEmpty ?? false { report.add("expected at least one module", at: "matched") }
    if !(0...1).contains(alpha) {
      report.add("expected a number from 0 to 1, found \(alpha)", at: "alpha")
    }
    if !(temperature > 0 && temperature.isFinite) {
      report.add("expected a positive number, found \(temperature)", at: "temperature")
    }
    if !(1...16).contains(bits) { report.add("expected 1 to 16, found \(bits)", at: "bits") }
  }
}

extension EntropicStudent {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: BottleneckConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    BottleneckConfiguration.unused(["bits", "pretrained"], by: name)
  }
}

extension EndToEnd {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: BottleneckConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    BottleneckConfiguration.unused(
      ["bits", "matched", "alpha", "temperature", "freeze_encoder", "fine_tuning_beta"], by: name)
  }
}

extension BottleFit {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: BottleneckConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    BottleneckConfiguration.unused(["beta", "fine_tuning_beta", "pretrained"], by: name)
  }
}

extension ChannelReduction {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: BottleneckConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    BottleneckConfiguration.unused(
      [
        "beta", "fine_tuning_beta", "alpha", "temperature", "freeze_encoder", "pretrained",
      ], by: name)
  }
}

extension BottleneckConfiguration {
  fileprivate static func unused(_ keys: [String], by method: String) -> [UnusedKey] {
    UnusedKey.all(keys, of: method, because: "\(method) has nothing it would be of")
  }
}
