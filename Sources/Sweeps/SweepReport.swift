internal import Foundation
public import Metrics
internal import Training

/// What the runs of a sweep have measured.
public struct SweepReport: Codable, Hashable, Sendable {
  /// A measure over the seeds of a setting.
  public struct Figure: Codable, Hashable, Sendable {
    /// The value of each run that has one, by seed.
    public var values: [UInt64: Double] {
      Dictionary(
        uniqueKeysWithValues: texts.compactMap { seed, value in UInt64(seed).map { ($0, value) } })
    }

    /// The values by the seeds as text, as members of an object are called.
    private let texts: [String: Double]

    /// The mean; nil without values.
    public let mean: Double?
    /// The sample standard deviation; nil for less than two values.
    public let deviation: Double?
    /// Half the width of the mean's 95 % interval by Student's t; nil for less than two values.
    public let halfWidth: Double?
    /// The runs whose reports say that the figure is not defined; they are in none of the others.
    public let undefined: Int
    /// The least and the greatest value there can be, if there are bounds, as for a fraction.
    public let range: ClosedRange<Double>?
    /// To the setting of the baseline, paired by seed; nil for the baseline itself.
    public let difference: PairedDifference?
    /// The p-value of the difference after Holm's correction for all differences of its measure in the
    /// sweep; nil without one.
    public fileprivate(set) var adjustedPValue: Double?

    /// The 95 % interval of the mean by Student's t, cut at the bounds of the range.
    public var interval: ClosedRange<Double>? {
      guard let mean, let halfWidth else { return nil }
      let (low, high) = (mean - halfWidth, mean + halfWidth)
      guard let range else { return low...high }
      return min(max(low, range.lowerBound), mean)...max(min(high, range.upperBound), mean)
    }

    /// Whether the difference is significant at the level of 5 % after the correction.
    public var isSignificant: Bool { adjustedPValue.map { $0 <= 0.05 } ?? false }

    private enum CodingKeys: String, CodingKey {
      case texts = "values"
      case mean, deviation
      case halfWidth = "half_width"
      case undefined, range, difference
      case adjustedPValue = "adjusted_p_value"
    }

    init(
      _ values: [UInt64: Double], undefined: Int, range: ClosedRange<Double>?,
      baseline: [UInt64: Double]?
    ) {
      self.undefined = undefined
      self.range = range
      texts = Dictionary(uniqueKeysWithValues: values.map { ("\($0.key)", $0.value) })
      let statistics = SampleStatistics(values.values)
      mean = statistics?.mean
      deviation = statistics?.standardDeviation
      halfWidth = deviation.map { StudentT.halfWidth(deviation: $0, count: values.count) }
      difference = baseline.flatMap { baseline in
        let seeds = values.keys.filter { baseline[$0] != nil }.sorted()
        return PairedDifference(
          seeds.compactMap { values[$0] }, seeds.compactMap { baseline[$0] })
      }
    }
  }

  /// What was measured of a setting.
  public struct Row: Codable, Hashable, Sendable {
    /// What tables call it.
    public let setting: String
    /// The part of that without the values of the grid; empty without variants.
    public let label: String
    /// Its variant; nil without variants and of a control.
    public let variant: String?
    /// Whether it is a control, for which no run was made.
    public let isControl: Bool
    /// The values of the grid, by key path.
    public let grid: [String: String]
    /// The runs that have their reports.
    public let runs: Int
    /// By the measures' names.
    public fileprivate(set) var figures: [String: Figure]

    private enum CodingKeys: String, CodingKey {
      case setting, label, variant
      case isControl = "is_control"
      case grid, runs, figures
    }
  }

  /// The recipe.
  public let recipe: String
  /// The seeds.
  public let seeds: [UInt64]
  /// What tables call the variant that others are compared with.
  public let baseline: String?
  /// The key of the grid whose values stand beside each other in tables.
  public let across: String?
  /// The settings, and behind them the controls.
  public let rows: [Row]

  /// Checks that the runs of a setting were measured on the same data, as far as their reports tell.
  private static func checkData(
    _ plan: SweepPlan, _ reports: [[UInt64: ReportValue]]
  ) throws(SweepError) {
    var first: [Int: (folder: String, data: String)] = [:]
    for run in plan.runs {
      guard case .members(let report) = reports[run.setting][run.seed],
        case .text(let data) = report["test_data"]
      else { continue }
      guard let other = first[run.setting] else {
        first[run.setting] = (run.folder, data)
        continue
      }
      guard data == other.data else {
        throw .otherData(folder: run.folder, data: data, other: other.folder, otherData: other.data)
      }
    }
  }

  /// Reads the reports of the runs that have one.
  ///
  /// - Throws: what keeps a report from being read.
  public init(_ plan: SweepPlan) throws {
    let configuration = plan.configuration
    recipe = configuration.recipe
    seeds = configuration.seeds
    across = configuration.across
    var reports: [[UInt64: ReportValue]] = Array(repeating: [:], count: plan.settings.count)
    for run in plan.runs where try plan.state(of: run) == .done {
      reports[run.setting][run.seed] = try RunDirectory(run.folder).report(as: ReportValue.self)
    }
    try SweepReport.checkData(plan, reports)
    func values(_ setting: Int, _ measure: SweepMeasure?) -> [UInt64: Double] {
      reports[setting].compactMapValues { measure?.value(in: $0) }
    }
    func figure(
      _ setting: Int, _ measure: SweepMeasure?, baseline: [UInt64: Double]?
    ) -> Figure {
      let reports = reports[setting].sorted { $0.key < $1.key }.map(\.value)
      return Figure(
        values(setting, measure),
        undefined: reports.count { measure?.isUndefined(in: $0) ?? false },
        range: reports.first.flatMap { measure?.range(in: $0) }, baseline: baseline)
    }
    // Of the baseline's settings, the one with the same values of the grid.
    func compared(_ setting: SweepPlan.Setting) -> Int? {
      guard configuration.baseline != nil else { return nil }
      return plan.settings.firstIndex {
        $0.variant == configuration.baseline && $0.values == setting.values
      }
    }
    func figures(
      _ index: Int, _ other: Int?, _ read: (SweepMeasure) -> SweepMeasure?
    ) -> [String: Figure] {
      Dictionary(
        uniqueKeysWithValues: configuration.measures.map { measure in
          let baseline = other.map { values($0, measure) }
          return (measure.name, figure(index, read(measure), baseline: baseline))
        })
    }
    let variant = configuration.variants.first { $0.name == configuration.baseline }
    baseline = variant.map { $0.label ?? $0.name }
    let labels = Dictionary(
      configuration.variants.map { ($0.name, $0.label ?? $0.name) }
    ) { first, _ in first }
    var rows = plan.settings.enumerated().map { index, setting in
      let other = compared(setting)
      return Row(
        setting: setting.label, label: setting.variant.flatMap { labels[$0] } ?? "",
        variant: setting.variant, isControl: false, grid: setting.values,
        runs: reports[index].count, figures: figures(index, other == index ? nil : other) { $0 })
    }
    for control in configuration.controls {
      for (index, setting) in plan.settings.enumerated() where setting.variant == control.variant {
        rows.append(
          Row(
            setting: SweepPlan.Setting.label(control.label, setting.gridLabel),
            label: control.label, variant: nil, isControl: true, grid: setting.values,
            runs: reports[index].count,
            figures: figures(index, compared(setting)) {
              $0.reading(control.replacement, for: control.place)
            }))
      }
    }
    self.rows = SweepReport.corrected(rows, configuration.measures.map(\.name))
  }

  /// The rows with the p-values of all differences of a measure corrected together.
  private static func corrected(_ rows: [Row], _ measures: [String]) -> [Row] {
    var rows = rows
    for measure in measures {
      let compared = rows.indices.compactMap { index in
        rows[index].figures[measure]?.difference?.pValue.map { (row: index, pValue: $0) }
      }
      for (comparison, adjusted) in zip(
        compared, HolmCorrection.adjusted(compared.map(\.pValue)))
      {
        rows[comparison.row].figures[measure]?.adjustedPValue = adjusted
      }
    }
    return rows
  }

  /// How many differences of a measure are tested against zero.
  public func comparisonCount(_ measure: String) -> Int {
    rows.count { $0.figures[measure]?.adjustedPValue != nil }
  }

  private enum CodingKeys: String, CodingKey {
    case recipe, seeds, baseline, across, rows
  }
}
