public import Configurations
public import Training

/// The `supervised` section of a recipe.
public struct SupervisedConfiguration: Hashable, Codable, Sendable {
  /// Path patterns of what stays as it is; everything under a match is frozen.
  public var freeze: [String]
  /// How much of the target goes to all classes evenly, from 0 up to 1.
  public var labelSmoothing: Double
  /// The bits of a value that crosses the cut; sent as it is, in 32 bits, if nil.
  public var bits: Int?

  /// Creates a section.
  public init(freeze: [String] = [], labelSmoothing: Double = 0, bits: Int? = nil) {
    self.freeze = freeze
    self.labelSmoothing = labelSmoothing
    self.bits = bits
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case freeze
    case labelSmoothing = "label_smoothing"
    case bits
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    freeze = try container.decodeIfPresent([String].self, forKey: .freeze) ?? []
    labelSmoothing = try container.decodeIfPresent(Double.self, forKey: .labelSmoothing) ?? 0
    bits = try container.decodeIfPresent(Int.self, forKey: .bits)
  }
}

extension SupervisedConfiguration: Validatable {
  /// Reports a smoothing out of range.
  public func validate(_ report: inout ValidationReport) {
    if !(labelSmoothing >= 0 && labelSmoothing < 1) {
      report.add(
        "expected a number from 0 up to but not including 1, found \(labelSmoothing)",
        at: "label_smoothing")
    }
    if let bits, !(1...16).contains(bits) {
      report.add("expected 1 to 16, found \(bits)", at: "bits")
    }
  }
}

extension Supervised {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: SupervisedConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    sections.network.cut == nil && sections.network.head == nil
      ? [UnusedKey([name, "bits"], "nothing is sent without network.cut")] : []
  }
}
