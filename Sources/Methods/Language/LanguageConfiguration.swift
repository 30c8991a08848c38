public import Codecs
public import Configurations
public import Training

/// The `language` section of a recipe: how what a decoding step sends is compressed in the report.
public struct LanguageConfiguration: Hashable, Codable, Sendable {
  /// The fractions of a token's values that are kept, each in turn.
  public var keep: [Double]
  /// The numbers of blocks they are split into, each in turn.
  public var blocks: [Int]
  /// The tolerances of a block, each in turn.
  public var tolerance: [Double]
  /// What a tolerance bounds.
  public var bound: AdaptiveBitQuantizer.Bound

  /// Creates a section with its defaults.
  public init() {
    keep = [0.25, 0.5, 0.75, 1]
    blocks = [1]
    tolerance = [0.1]
    bound = .relative
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case keep, blocks, tolerance, bound
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    keep = try container.decodeIfPresent([Double].self, forKey: .keep) ?? keep
    blocks = try container.decodeIfPresent([Int].self, forKey: .blocks) ?? blocks
    tolerance = try container.decodeIfPresent([Double].self, forKey: .tolerance) ?? tolerance
    bound =
      try container.decodeIfPresent(AdaptiveBitQuantizer.Bound.self, forKey: .bound) ?? bound
  }
}

extension LanguageConfiguration: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    for (index, value) in keep.enumerated() where !(value > 0 && value <= 1) {
      report.add(
        "expected a fraction above 0 and up to 1, found \(value)", at: "keep", "\(index)")
    }
    let range = SLICERCodec.blockRange
    for (index, value) in blocks.enumerated() where !range.contains(value) {
      report.add(
        "expected \(range.lowerBound) to \(range.upperBound), found \(value)",
        at: "blocks", "\(index)")
    }
    for (index, value) in tolerance.enumerated() where !(value >= 0 && Float(value).isFinite) {
      report.add(
        "expected a finite number of 0 or more, found \(value)", at: "tolerance", "\(index)")
    }
  }
}

extension LanguageModel {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: LanguageConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    UnusedKey.all(
      ["horizontal_flip", "crop_padding"], of: "data", because: "texts are not changed at random")
  }
}
