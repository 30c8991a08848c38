internal import Metrics

/// The way to a figure in a report: keys, indices, and members of a list by what one of their own
/// figures is, as in `bit_errors[system=semanticnn].points[rate=0.01].accuracy`.
struct ReportPath: Hashable, Sendable {
  private enum Step: Hashable, Sendable {
    case key(String)
    case index(Int)
    case match(key: String, value: String)
  }

  private let steps: [Step]

  /// The last key.
  let name: String

  /// The name of the metric it leads to: the last key, or of a metric's `value` what it is found by.
  var metricName: String {
    guard name == "value", steps.count > 1, case .match("name", let metric) = steps[steps.count - 2]
    else { return name }
    return metric
  }

  /// Reads a path; nil for a text that is none.
  init?(_ text: String) {
    var steps: [Step] = []
    var name: String?
    var rest = Substring(text)
    while true {
      let key = rest.prefix { $0 != "." && $0 != "[" && $0 != "]" }
      guard !key.isEmpty else { return nil }
      steps.append(.key(String(key)))
      name = String(key)
      rest = rest.dropFirst(key.count)
      while rest.first == "[" {
        // What is compared may have dots.
        guard let end = rest.firstIndex(of: "]") else { return nil }
        let inside = rest[rest.index(after: rest.startIndex)..<end]
        if let equals = inside.firstIndex(of: "=") {
          steps.append(
            .match(
              key: String(inside[..<equals]),
              value: String(inside[inside.index(after: equals)...])))
        } else if let index = Int(inside), index >= 0 {
          steps.append(.index(index))
        } else {
          return nil
        }
        rest = rest[rest.index(after: end)...]
      }
      if rest.isEmpty { break }
      guard rest.first == "." else { return nil }
      rest = rest.dropFirst()
    }
    guard let name else { return nil }
    self.steps = steps
    self.name = name
  }

  /// What the path leads to; nil if a step of it leads nowhere.
  func value(in report: ReportValue) -> ReportValue? {
    ReportPath.value(in: report, by: steps[...])
  }

  /// The unit and the range that a report gives for a metric's value, or those of the metric's name.
  func scale(in report: ReportValue) -> MetricScale {
    guard name == "value",
      case .members(let metric) = ReportPath.value(in: report, by: steps.dropLast())
    else { return MetricScale(named: metricName) }
    guard case .text(let symbol) = metric["unit"], let unit = MetricScale.Unit(rawValue: symbol)
    else {
      if case .text(let name) = metric["name"] { return MetricScale(named: name) }
      return MetricScale(named: metricName)
    }
    func bound(_ key: String) -> Double? {
      if case .number(let number) = metric[key] { number } else { nil }
    }
    return MetricScale(unit, lowest: bound("lowest"), highest: bound("highest"))
  }

  private static func value(in report: ReportValue, by steps: ArraySlice<Step>) -> ReportValue? {
    var value = report
    for step in steps {
      let next: ReportValue? =
        switch (step, value) {
        case (.key(let key), .members(let members)): members[key]
        case (.index(let index), .elements(let elements)):
          elements.indices.contains(index) ? elements[index] : nil
        case (.match(let key, let wanted), .elements(let elements)):
          elements.first { element in
            guard case .members(let members) = element, let found = members[key] else {
              return false
            }
            return found.matches(wanted)
          }
        default: nil
        }
      guard let next else { return nil }
      value = next
    }
    return value
  }
}

/// A value of a report.
enum ReportValue: Hashable, Sendable {
  case none
  case number(Double)
  case text(String)
  case flag(Bool)
  case elements([ReportValue])
  case members([String: ReportValue])

  fileprivate func matches(_ wanted: String) -> Bool {
    switch self {
    case .number(let number): Double(wanted) == number
    case .text(let text): text == wanted
    case .flag(let flag): "\(flag)" == wanted
    default: false
    }
  }
}

extension ReportValue: Decodable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: Key.self) {
      var members: [String: ReportValue] = [:]
      for key in container.allKeys {
        members[key.stringValue] = try container.decode(ReportValue.self, forKey: key)
      }
      self = .members(members)
    } else if var container = try? decoder.unkeyedContainer() {
      var elements: [ReportValue] = []
      while !container.isAtEnd { elements.append(try container.decode(ReportValue.self)) }
      self = .elements(elements)
    } else {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .none
      } else if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try container.decode(String.self))
      }
    }
  }
}
