/// Which direction of a monitored metric is better; `min` or `max` in a recipe.
public enum ImprovementMode: String, Codable, CaseIterable, Sendable {
  /// Lower is better, as for a loss.
  case minimum = "min"
  /// Higher is better, as for an accuracy.
  case maximum = "max"

  /// Whether a value is better than another by more than a margin; a NaN never is.
  func isBetter(_ value: Double, than other: Double, by margin: Double) -> Bool {
    switch self {
    case .minimum: value < other - margin
    case .maximum: value > other + margin
    }
  }
}
