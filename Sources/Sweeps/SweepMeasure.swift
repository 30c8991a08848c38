public import Configurations
internal import Foundation
internal import Metrics

/// A figure that is read from every run's report.
public struct SweepMeasure: Hashable, Sendable {
  /// What tables call it.
  public let name: String
  /// The way to it, such as `accuracy` or `bit_errors[system=semanticnn].points[rate=0.01].accuracy`.
  public let path: String
  /// The unit it is shown in; empty for none.
  ///
  /// `%` multiplies by 100, figures that have a unit are converted to another of their kind, such as
  /// `ms`, and anything else says what the numbers of the reports are.
  public let unit: String
  /// The digits after the decimal point; if nil two, and none for whole numbers of things.
  public let places: Int?

  private let reportPath: ReportPath?

  /// Creates a measure.
  public init(_ path: String, name: String? = nil, unit: String = "", places: Int? = nil) {
    reportPath = ReportPath(path)
    self.path = path
    self.name = name ?? reportPath?.name ?? path
    self.unit = unit
    self.places = places
  }

  /// Whether its path is one.
  var isPath: Bool { reportPath != nil }

  /// The measure with the beginning of its path replaced; nil if its path begins otherwise.
  func reading(_ replacement: String, for place: String) -> SweepMeasure? {
    guard path.hasPrefix(place) else { return nil }
    let rest = path.dropFirst(place.count)
    guard rest.isEmpty || rest.first == "." || rest.first == "[" else { return nil }
    return SweepMeasure(replacement + rest, name: name, unit: unit, places: places)
  }

  /// The title of its column.
  var title: String { unit.isEmpty ? name : "\(name), \(unit)" }

  /// What the figures are multiplied by: `%` shows fractions.
  private var factor: Double { unit == "%" ? 100 : 1 }

  /// The unit, the range and the better direction of what the path's name says it leads to.
  private var scale: MetricScale { MetricScale(named: reportPath?.metricName ?? name) }

  /// The least and the greatest value the figure can have, in the measure's unit; nil if it has no
  /// bounds on both sides.
  func range(in report: ReportValue) -> ClosedRange<Double>? {
    guard let scale = reportPath?.scale(in: report), scale.unit == .fraction,
      let lowest = scale.lowest, let highest = scale.highest
    else { return nil }
    return factor * lowest...factor * highest
  }

  /// Whether a report says that the figure is not defined.
  func isUndefined(in report: ReportValue) -> Bool {
    reportPath?.value(in: report) == ReportValue.none
  }

  /// The figure in a report, in the measure's unit; nil if the report has none, or it is not defined.
  ///
  /// What is true counts 1 and what is not 0, so that the mean over runs is the share of them.
  func value(in report: ReportValue) -> Double? {
    switch reportPath?.value(in: report) {
    case .number(let number): number * factor
    case .text(let text): Measured(text)?.value(in: unit)
    case .flag(let flag): flag ? factor : 0
    default: nil
    }
  }

  /// A number of the measure as text.
  func text(_ value: Double) -> String { written(value, "") }

  /// A difference of the measure as text, always with its sign.
  func difference(_ value: Double) -> String { written(value, "+") }

  private func written(_ value: Double, _ flag: String) -> String {
    let isWhole = scale.unit == .count && value == value.rounded()
    let places = places ?? (isWhole ? 0 : 2)
    return String(format: "%\(flag).\(places)f", value).replacing("-", with: "−")
  }
}

extension SweepMeasure: Decodable, PlaceholderProviding {
  /// Accuracy.
  public static var placeholder: SweepMeasure { SweepMeasure("accuracy") }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case path, name, unit, places
  }

  /// Reads a path alone, or a mapping.
  public init(from decoder: any Decoder) throws {
    if let path = try? decoder.singleValueContainer().decode(String.self) {
      self.init(path)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode(String.self, forKey: .path),
      name: try container.decodeIfPresent(String.self, forKey: .name),
      unit: try container.decodeIfPresent(String.self, forKey: .unit) ?? "",
      places: try container.decodeIfPresent(Int.self, forKey: .places))
  }
}

extension SweepMeasure: Validatable {
  /// Reports a path or a unit that is none.
  public func validate(_ report: inout ValidationReport) {
    if !isPath {
      report.add(
        "'\(path)' is no path of keys: expected 'accuracy' or 'points[rate=0.01].accuracy'",
        at: "path")
    }
    if let places, !(0...9).contains(places) {
      report.add("expected 0 to 9, found \(places)", at: "places")
    }
  }
}
