internal import Suggestions

/// Why a text is no quantity.
public enum QuantityError: Error, Hashable, Sendable {
  /// There is no number in front.
  case noNumber(text: String, example: String)
  /// There is a number without a unit.
  case noUnit(text: String, units: [String], example: String)
  /// The unit is none of those the quantity has.
  case unknownUnit(unit: String, text: String, units: [String])
  /// The number is negative, infinite, too large, or otherwise not allowed.
  case outOfRange(text: String, expected: String)
}

extension QuantityError: CustomStringConvertible {
  /// What is wrong and what was expected.
  public var description: String {
    switch self {
    case .noNumber(let text, let example):
      return "'\(text)' does not begin with a number: expected one such as '\(example)'"
    case .noUnit(let text, let units, let example):
      return "\(text) has no unit: expected one of \(units.joined(separator: ", ")), "
        + "such as '\(example)'"
    case .unknownUnit(let unit, let text, let units):
      let nearest = NearestName.of(unit, among: units).map { " (did you mean '\($0)'?)" } ?? ""
      return "unknown unit '\(unit)' in '\(text)': expected one of "
        + "\(units.joined(separator: ", "))\(nearest)"
    case .outOfRange(let text, let expected):
      return "'\(text)' is out of range: expected \(expected)"
    }
  }
}
