public import Metrics

/// A number with a fixed count of decimal places.
public func rounded(_ value: Double, _ places: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  let units = (abs(value) * scale).rounded()
  guard units < 1e15 else { return "\(value)" }
  let whole = Int(units) / Int(scale)
  let rest = String(Int(units) % Int(scale))
  let sign = value < 0 && units > 0 ? "-" : ""
  let zeros = String(repeating: "0", count: max(0, places - rest.count))
  return places == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(zeros)\(rest)"
}

/// The words for a figure without a value.
public let notDefined = "not defined"

/// A fraction in per cent with two decimals.
public func percent(_ fraction: Double?) -> String {
  fraction.map { "\(rounded($0 * 100, 2)) %" } ?? notDefined
}

/// The value of a metric in its unit.
public func text(_ value: Double?, _ scale: MetricScale) -> String {
  guard let value else { return notDefined }
  return switch scale.unit {
  case .fraction: percent(value)
  case .number: rounded(value, 4)
  case .count: grouped(value)
  case .bytes: "\(grouped(value)) B"
  case .decibels: "\(rounded(value, 2)) dB"
  }
}

/// The value of a metric of a name in its unit.
public func text(_ value: Double?, ofMetric name: String) -> String {
  text(value, MetricScale(named: name))
}

/// A count with its digits in groups of three.
public func grouped(_ count: Int) -> String {
  var digits = Array(String(count.magnitude))
  var position = digits.count - 3
  while position > 0 {
    digits.insert(",", at: position)
    position -= 3
  }
  return (count < 0 ? "-" : "") + String(digits)
}

/// A mean of counts, or a factor: its digits in groups of three, and a decimal place if it is not whole.
public func grouped(_ mean: Double) -> String {
  let tenths = (mean * 10).rounded()
  guard abs(tenths) < 1e15 else { return "\(mean)" }
  let whole = Int(tenths) / 10
  let rest = abs(Int(tenths) % 10)
  let sign = tenths < 0 && whole == 0 && rest > 0 ? "-" : ""
  return sign + grouped(whole) + (rest == 0 ? "" : ".\(rest)")
}
