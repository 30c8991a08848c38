public import Codecs
public import Configurations
public import Networks

/// The `navisplit` section of a recipe.
public struct NaviSplitConfiguration: Hashable, Codable, Sendable {
  /// How a latent is quantised to 8 bits.
  public enum Quantizer: String, Codable, CaseIterable, Sendable {
    /// Over −2 to 22 with the zero point that fits.
    case correct
    /// Over −2 to 22 with the zero point of the authors' code, which cuts off what is above 12.1.
    case asShipped = "as_shipped"

    /// The steps.
    public var steps: AffineQuantizer {
      // Zero points are −107 and −2 of signed integers.
      AffineQuantizer(range: -2...22, bits: 8, zeroPoint: self == .correct ? -107 + 128 : -2 + 128)
    }
  }

  /// The annotation with the distance of every pixel, in metres.
  public var annotation: String
  /// The distance in metres from which on everything is equally far.
  public var farLimit: Double
  /// The branches; none to train the network they begin from.
  public var branches: [DepthNetwork.Branch]
  /// What a branch's difference from its parent's answer counts beside that from the truth.
  public var beta: Double
  /// How latents are quantised.
  public var quantizer: Quantizer

  /// Creates a section with its defaults.
  public init() {
    annotation = "depth"
    farLimit = 20
    branches = []
    beta = 1
    quantizer = .correct
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case annotation, branches, beta, quantizer
    case farLimit = "far_limit"
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: CodingKeys.self)
    annotation = try container.decodeIfPresent(String.self, forKey: .annotation) ?? annotation
    farLimit = try container.decodeIfPresent(Double.self, forKey: .farLimit) ?? farLimit
    branches =
      try container.decodeIfPresent([DepthNetwork.Branch].self, forKey: .branches) ?? branches
    beta = try container.decodeIfPresent(Double.self, forKey: .beta) ?? beta
    quantizer = try container.decodeIfPresent(Quantizer.self, forKey: .quantizer) ?? quantizer
  }
}

extension NaviSplitConfiguration: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    if !(farLimit > 0 && farLimit.isFinite) {
      report.add("expected a positive number of metres, found \(farLimit)", at: "far_limit")
    }
    if !(beta >= 0 && beta.isFinite) {
      report.add("expected a number from 0, found \(beta)", at: "beta")
    }
    if Set(branches).count < branches.count {
      report.add("two branches are the same", at: "branches")
    }
    for branch in branches {
      if !(1...3).contains(branch.after) {
        report.add(
          "expected a branch after block 1, 2 or 3, found \(branch.after)", at: "branches")
      }
      if !(1...256).contains(branch.channels) {
        report.add(
          "expected 1 to 256 channels of a branch, found \(branch.channels)", at: "branches")
      }
    }
  }
}
