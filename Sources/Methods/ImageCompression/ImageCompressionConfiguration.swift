public import Configurations
public import Training

/// The section of a recipe of a method that trains an image codec.
public struct ImageCompressionConfiguration: Hashable, Codable, Sendable {
  /// The channels of the layers between image and latent.
  public var filters: Int
  /// The channels of the latent.
  public var channels: Int
  /// The channels of the hyper-latent, for methods that have one.
  public var hyperChannels: Int
  /// By how much smaller the latent is than the image in both directions: 2, 4, 8 or 16.
  public var downsampling: Int
  /// What distortion, `255²` times the mean squared error, counts beside a bit a pixel.
  public var lambda: Double

  /// Creates a section with its defaults.
  public init(
    filters: Int = 64, channels: Int = 16, hyperChannels: Int = 16, downsampling: Int = 4,
    lambda: Double = 0.01
  ) {
    self.filters = filters
    self.channels = channels
    self.hyperChannels = hyperChannels
    self.downsampling = downsampling
    self.lambda = lambda
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case filters, channels
    case hyperChannels = "hyper_channels"
    case downsampling, lambda
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: CodingKeys.self)
    filters = try container.decodeIfPresent(Int.self, forKey: .filters) ?? filters
    channels = try container.decodeIfPresent(Int.self, forKey: .channels) ?? channels
    hyperChannels =
      try container.decodeIfPresent(Int.self, forKey: .hyperChannels) ?? hyperChannels
    downsampling = try container.decodeIfPresent(Int.self, forKey: .downsampling) ?? downsampling
    lambda = try container.decodeIfPresent(Double.self, forKey: .lambda) ?? lambda
  }
}

extension ImageCompressionConfiguration: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    for (key, value) in [
      (CodingKeys.filters, filters), (.channels, channels), (.hyperChannels, hyperChannels),
    ] where !(1...1024).contains(value) {
      report.add("expected 1 to 1024, found \(value)", at: key.rawValue)
    }
    if ![2, 4, 8, 16].contains(downsampling) {
      report.add("expected 2, 4, 8 or 16, found \(downsampling)", at: "downsampling")
    }
    if !(lambda > 0 && lambda.isFinite) {
      report.add("expected a positive number, found \(lambda)", at: "lambda")
    }
  }
}

extension FactorizedPriorCompression {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: ImageCompressionConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    [UnusedKey([name, "hyper_channels"], "it has no hyper-latent")]
  }
}
