public import Configurations

/// The `supervised` section of a recipe.
public struct SupervisedConfiguration: Hashable, Codable, Sendable {
  /// Path patterns of what stays as it is; everything under a match is frozen.
  public var freeze: [String]
  /// How much of the target goes to all classes evenly, from 0 up to 1.
  public var labelSmoothing: Double

  /// Creates a section.
  public init(freeze: [String] = [], labelSmoothing: Double = 0) {
    self.freeze = freeze
    self.labelSmoothing = labelSmoothing
  }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case freeze
    case labelSmoothing = "label_smoothing"
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    freeze = try container.decodeIfPresent([String].self, forKey: .freeze) ?? []
    labelSmoothing = try container.decodeIfPresent(Double.self, forKey: .labelSmoothing) ?? 0
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
  }
}
