internal import Foundation
internal import Metrics
internal import Recipes
public import Reports
internal import Training

/// Runs beside each other: where their recipes differ, and what their reports say.
public struct RunComparison: Codable, Hashable, Sendable {
  /// A value of each run.
  public struct Line: Codable, Hashable, Sendable {
    /// The keys that lead to it.
    public let key: String
    /// The value in each run as JSON; nil where there is none.
    public let values: [String?]
  }

  /// A figure of each run.
  public struct Figure: Codable, Hashable, Sendable {
    /// The keys that lead to it.
    public let key: String
    /// The unit of figures that have one, such as `ms`.
    public let unit: String?
    /// The figure in each run, in that unit; nil where there is none.
    public let values: [Double?]
  }

  /// The folders.
  public let runs: [String]
  /// The values of the recipes that are not the same in all runs.
  public let recipe: [Line]
  /// The figures of the reports.
  public let figures: [Figure]
  /// The runs that have no report.
  public let unfinished: [String]

  /// Reads runs.
  ///
  /// - Parameters:
  ///   - runs: their folders.
  ///   - withLists: whether figures inside of lists, such as those of each class, are compared as well.
  /// - Throws: `RunDirectoryError.noRun` for a folder that is none, `RecipeProblems` or what keeps a
  ///   report from being read.
  public init(_ runs: [String], withLists: Bool = false) throws {
    self.runs = runs
    var recipes: [[(key: String, value: String)]] = []
    var reports: [[(key: String, value: ReportValue)]] = []
    var unfinished: [String] = []
    for run in runs {
      let directory = RunDirectory(run)
      // The recipe of a search stands in the folder of its first part.
      let file = [directory.recipePath, "\(run)/search/recipe.yaml"].first {
        FileManager.default.fileExists(atPath: $0)
      }
      guard let file else { throw RunDirectoryError.noRun(path: run) }
      recipes.append(
        try RecipeDocument(contentsOf: file).leaves.filter { !$0.key.hasPrefix("output") }
          .map { (key: $0.key, value: $0.json) })
      guard directory.hasReport else {
        unfinished.append(run)
        reports.append([])
        continue
      }
      let report = try directory.report(as: ReportValue.self)
      reports.append(report.leaves(withLists: withLists))
    }
    self.unfinished = unfinished
    recipe = RunComparison.rows(recipes).compactMap { key, values in
      Set(values).count == 1 ? nil : Line(key: key, values: values)
    }
    figures = RunComparison.rows(reports).compactMap { key, values in
      RunComparison.figure(key, values)
    }
  }

  /// The values of each key in all runs, keys in the order they are met.
  private static func rows<Value>(
    _ runs: [[(key: String, value: Value)]]
  ) -> [(key: String, values: [Value?])] {
    var order: [String] = []
    var values: [String: [Value?]] = [:]
    for (index, run) in runs.enumerated() {
      for (key, value) in run {
        if values[key] == nil {
          order.append(key)
          values[key] = Array(repeating: nil, count: runs.count)
        }
        values[key]?[index] = value
      }
    }
    return order.map { ($0, values[$0] ?? []) }
  }

  /// The numbers of a key, if it has any.
  private static func figure(_ key: String, _ values: [ReportValue?]) -> Figure? {
    let unit = values.lazy.compactMap { value -> String? in
      guard case .text(let text) = value else { return nil }
      return Measured(text)?.unit
    }.first
    let numbers = values.map { value -> Double? in
      switch value {
      case .number(let number): return unit == nil ? number : nil
      case .text(let text): return unit.flatMap { Measured(text)?.value(in: $0) }
      default: return nil
      }
    }
    guard numbers.contains(where: { $0 != nil }) else { return nil }
    return Figure(key: key, unit: unit, values: numbers)
  }

  // MARK: - Text

  /// The recipe's table and the figures' table.
  public var tables: [ReportTable] {
    let recipe = ReportTable(
      title: self.recipe.isEmpty ? "The recipes are the same." : "Where the recipes differ.",
      header: ["key"] + runs,
      rows: self.recipe.map { line in [line.key] + line.values.map { $0 ?? "–" } })
    let figures = ReportTable(
      title: "What the reports say, and in brackets the difference to \(runs.first ?? "").",
      header: ["figure"] + runs,
      rows: self.figures.map { figure in
        let first = figure.values.first ?? nil
        return [figure.key + (figure.unit.map { ", \($0)" } ?? "")]
          + figure.values.enumerated().map { index, value in
            guard let value else { return "–" }
            let text = RunComparison.text(value)
            guard index > 0, let first, first != value else { return text }
            let difference = RunComparison.text(value - first)
            return "\(text) (\(value > first ? "+" : "")\(difference.replacing("-", with: "−")))"
          }
      })
    return [recipe, figures]
  }

  /// Whole numbers as they are, others to four significant digits.
  private static func text(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int(value))" }
    return String(format: abs(value) < 1e-3 || abs(value) >= 1e6 ? "%.3e" : "%.4g", value)
  }
}

extension ReportValue {
  /// The values that have no parts, and the keys that lead to them.
  fileprivate func leaves(
    withLists: Bool, under path: String = ""
  ) -> [(key: String, value: ReportValue)] {
    switch self {
    case .members(let members):
      return members.sorted { $0.key < $1.key }.flatMap {
        $0.value.leaves(withLists: withLists, under: path.isEmpty ? $0.key : "\(path).\($0.key)")
      }
    case .elements(let elements):
      guard withLists else { return [] }
      return elements.enumerated().flatMap { index, element in
        element.leaves(withLists: true, under: "\(path)[\(element.selector ?? "\(index)")]")
      }
    default: return [(path, self)]
    }
  }

  /// What tells an element of a list from the others, if it has a name.
  private var selector: String? {
    guard case .members(let members) = self else { return nil }
    for key in ["name", "system", "task", "rate", "class"] {
      switch members[key] {
      case .text(let text): return "\(key)=\(text)"
      case .number(let number): return "\(key)=\(number)"
      default: continue
      }
    }
    return nil
  }
}
