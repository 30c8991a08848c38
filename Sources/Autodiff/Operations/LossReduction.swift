/// What becomes of the losses of single elements or rows.
public enum LossReduction: String, Codable, CaseIterable, Sendable {
  /// Their mean, a scalar.
  case mean
  /// Their sum, a scalar.
  case sum
  /// They are kept.
  case none
}
