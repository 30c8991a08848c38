public import Codecs
public import Configurations
public import Networks
public import Splitting
public import Training

/// The `semanticnn` section of a recipe: the codec, the channel it learns with, and how it is measured.
public struct SemanticNNConfiguration: Hashable, Codable, Sendable {
  /// Signal-to-noise ratios in whole decibels, of which training draws one a batch.
  public struct Decibels: Hashable, Sendable {
    /// The lowest.
    public var least: Int
    /// The highest.
    public var most: Int

    /// Creates a range.
    public init(_ least: Int, _ most: Int) {
      self.least = least
      self.most = most
    }
  }

  /// The channels of the latent.
  public var channels: Int
  /// The channels of the decoder's stages; the last two double the extent.
  public var decoder: [Int]
  /// How many centres there are.
  public var levels: Int
  /// σ of the soft quantiser.
  public var sharpness: Double
  /// What the quantiser's gradient is that of.
  public var gradient: SoftQuantizerLayer.Gradient
  /// How an index is written in bits.
  public var mapping: CenterQuantizer.Mapping
  /// What errors hit in training.
  public var errors: IndexErrors.Kind
  /// The channel in training; nil for none.
  public var decibels: Decibels?
  /// How many bits the channel stays bad on average; 1 for independent errors.
  public var burstLength: Double
  /// Whether the decoder knows the channel's signal-to-noise ratio.
  public var isAware: Bool
  /// What uneven use of the centres counts beside the task's loss.
  public var usage: Double
  /// What the attributions' asymmetry counts beside the task's loss.
  public var attribution: Double
  /// What the mean squared error of the features counts beside the task's loss.
  public var fidelity: Double
  /// What protects the indices.
  public var code: BitCode
  /// The bit error rates that are measured.
  public var rates: [Double]
  /// How often the channel is drawn at each of them.
  public var draws: Int
  /// Where cached features go beyond so many bytes: to disk.
  public var cacheMemory: ByteCount

  /// Creates a section with its defaults, which are the published ones.
  public init() {
    channels = 32
    decoder = [64, 96, 128, 96]
    levels = 8
    sharpness = 1
    gradient = .soft
    mapping = .binary
    errors = .bits
    decibels = Decibels(-6, 7)
    burstLength = 1
    isAware = true
    usage = 2
    attribution = 0
    fidelity = 0
    code = .none
    rates = [0, 0.001, 0.01, 0.05, 0.1, 0.16, 0.24]
    draws = 3
    cacheMemory = ByteCount(4 << 30)
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case channels, decoder, levels, sharpness, gradient, mapping, errors
    case decibels = "snr"
    case burstLength = "burst_length"
    case isAware = "aware"
    case usage, attribution, fidelity, code
    case rates = "bit_error_rates"
    case draws
    case cacheMemory = "cache_memory"
  }

  /// Reads the section; what is missing has its default, and `snr: none` is a channel without errors.
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: CodingKeys.self)
    channels = try container.decodeIfPresent(Int.self, forKey: .channels) ?? channels
    self.decoder = try container.decodeIfPresent([Int].self, forKey: .decoder) ?? self.decoder
    levels = try container.decodeIfPresent(Int.self, forKey: .levels) ?? levels
    sharpness = try container.decodeIfPresent(Double.self, forKey: .sharpness) ?? sharpness
    gradient =
      try container.decodeIfPresent(SoftQuantizerLayer.Gradient.self, forKey: .gradient)
      ?? gradient
    mapping =
      try container.decodeIfPresent(CenterQuantizer.Mapping.self, forKey: .mapping) ?? mapping
    errors = try container.decodeIfPresent(IndexErrors.Kind.self, forKey: .errors) ?? errors
    if let channel = try container.decodeIfPresent(TrainingChannel.self, forKey: .decibels) {
      decibels = channel.decibels
    }
    burstLength = try container.decodeIfPresent(Double.self, forKey: .burstLength) ?? burstLength
    isAware = try container.decodeIfPresent(Bool.self, forKey: .isAware) ?? isAware
    usage = try container.decodeIfPresent(Double.self, forKey: .usage) ?? usage
    attribution = try container.decodeIfPresent(Double.self, forKey: .attribution) ?? attribution
    fidelity = try container.decodeIfPresent(Double.self, forKey: .fidelity) ?? fidelity
    code = try container.decodeIfPresent(BitCode.self, forKey: .code) ?? code
    rates = try container.decodeIfPresent([Double].self, forKey: .rates) ?? rates
    draws = try container.decodeIfPresent(Int.self, forKey: .draws) ?? draws
    cacheMemory = try container.decodeIfPresent(ByteCount.self, forKey: .cacheMemory) ?? cacheMemory
  }

  /// Writes the section.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(channels, forKey: .channels)
    try container.encode(decoder, forKey: .decoder)
    try container.encode(levels, forKey: .levels)
    try container.encode(sharpness, forKey: .sharpness)
    try container.encode(gradient, forKey: .gradient)
    try container.encode(mapping, forKey: .mapping)
    try container.encode(errors, forKey: .errors)
    try container.encode(TrainingChannel(decibels: decibels), forKey: .decibels)
    try container.encode(burstLength, forKey: .burstLength)
    try container.encode(isAware, forKey: .isAware)
    try container.encode(usage, forKey: .usage)
    try container.encode(attribution, forKey: .attribution)
    try container.encode(fidelity, forKey: .fidelity)
    try container.encode(code, forKey: .code)
    try container.encode(rates, forKey: .rates)
    try container.encode(draws, forKey: .draws)
    try container.encode(cacheMemory, forKey: .cacheMemory)
  }
}

/// `[least, most]` in decibels, or `none`.
private struct TrainingChannel: Codable, DescribedValue {
  static let words = "list of two integers, or none"

  let decibels: SemanticNNConfiguration.Decibels?

  init(decibels: SemanticNNConfiguration.Decibels?) { self.decibels = decibels }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let word = try? container.decode(String.self), word == "none" {
      decibels = nil
      return
    }
    guard let bounds = try? container.decode([Int].self), bounds.count == 2 else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected [least, most] in whole decibels, or none")
    }
    decibels = SemanticNNConfiguration.Decibels(bounds[0], bounds[1])
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let decibels {
      try container.encode([decibels.least, decibels.most])
    } else {
      try container.encode("none")
    }
  }
}

extension SemanticNNConfiguration: Validatable {
  /// Reports what is out of range or contradictory.
  public func validate(_ report: inout ValidationReport) {
    func check(_ isFit: Bool, _ expected: String, _ found: Any, at key: String) {
      if !isFit { report.add("expected \(expected), found \(found)", at: key) }
    }
    check((1...1024).contains(channels), "1 to 1024", channels, at: "channels")
    check(
      decoder.count == 4 && decoder.allSatisfy { (1...1024).contains($0) },
      "four numbers from 1 to 1024", decoder, at: "decoder")
    check(CenterQuantizer.levelRange.contains(levels), "2 to 256", levels, at: "levels")
    check(sharpness > 0 && sharpness.isFinite, "a positive number", sharpness, at: "sharpness")
    check(burstLength >= 1 && burstLength.isFinite, "1 or more", burstLength, at: "burst_length")
    check(usage >= 0 && usage.isFinite, "0 or more", usage, at: "usage")
    check(attribution >= 0 && attribution.isFinite, "0 or more", attribution, at: "attribution")
    check(fidelity >= 0 && fidelity.isFinite, "0 or more", fidelity, at: "fidelity")
    check((1...1000).contains(draws), "1 to 1000", draws, at: "draws")
    if let decibels {
      check(
        decibels.least <= decibels.most && decibels.least >= -100 && decibels.most <= 100,
        "the lower one first, within ±100", "[\(decibels.least), \(decibels.most)]", at: "snr")
    } else if isAware {
      report.add(
        "there is nothing to be aware of without a channel: set aware to false", at: "aware",
        dependingOn: ["snr"])
    }
    if rates.isEmpty { report.add("expected at least one", at: "bit_error_rates") }
    for (index, rate) in rates.enumerated() where !(0...0.5).contains(rate) {
      report.add("expected 0 to 0.5, found \(rate)", at: "bit_error_rates", "\(index)")
    }
  }
}

extension SemanticNN {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: SemanticNNConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    configuration.decibels == nil
      ? [UnusedKey([name, "errors"], "snr is none: training meets no errors")] : []
  }
}
