/// Which part of an experiment evaluated a point.
public enum SearchOrigin: String, CaseIterable, Codable, Hashable, Sendable {
  /// The search itself, on weights that are still changing.
  case search
  /// The final choice, retrained.
  case final
  /// A search to compare with: random or exhaustive.
  case baseline
}
