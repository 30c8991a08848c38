internal import Configurations

extension ValidationReport {
  /// Reports a number that is not finite and above a bound.
  mutating func require(_ value: Double, isAbove bound: Int, at key: String) {
    if !value.isFinite || value <= Double(bound) {
      add("expected a number above \(bound), found \(value)", at: key)
    }
  }

  /// Reports a number that is not finite or below a bound.
  mutating func require(_ value: Double, isAtLeast bound: Int, at key: String) {
    if !value.isFinite || value < Double(bound) {
      add("expected a number of at least \(bound), found \(value)", at: key)
    }
  }

  /// Reports an integer below a bound.
  mutating func require(_ value: Int, isAtLeast bound: Int, at key: String) {
    if value < bound { add("expected at least \(bound), found \(value)", at: key) }
  }

  /// Reports a number that is not in `0..<1`.
  mutating func requireFraction(_ value: Double, at key: String) {
    if !(value >= 0 && value < 1) {
      add("expected a number from 0 to below 1, found \(value)", at: key)
    }
  }
}
