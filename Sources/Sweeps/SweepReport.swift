internal import Foundation
public import Metrics
internal import Training

/// What the runs of a sweep have measured.
public struct SweepReport: Codable, Hashable, Sendable {
  /// A measure over the seeds of a setting.
  public struct Figure: Codable, Hashable, Sendable {
    /// The value of each run that has one, by seed.
    public let values: [UInt64: Double]
    /// The mean; nil without values.
    public let mean: Double?
    /// The sample standard deviation; nil for less than two values.
    public let deviation: Double?
    /// Half the width of the mean's 95 % interval by Student's t; nil for less than two values.
    public let halfWidth: Double?
    /// To the setting of the baseline, paired by seed; nil for the baseline itself.
    public let difference: PairedDifference?

    private enum CodingKeys: String, CodingKey {
      case values, mean, deviation
      case halfWidth = "half_width"
      case difference
    }

    init(_ values: [UInt64: Double], baseline: [UInt64: Double]?) {
      self.values = values
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
    /// Its variant.
    public let variant: String?
    /// The values of the grid, by key path.
    public let grid: [String: String]
    /// The runs that have their reports.
    public let runs: Int
    /// By the measures' names.
    public let figures: [String: Figure]
  }

  /// The recipe.
  public let recipe: String
  /// The seeds.
  public let seeds: [UInt64]
  /// What tables call the variant that others are compared with.
  public let baseline: String?
  /// The settings.
  public let rows: [Row]

  /// Reads the reports of the runs that have one.
  ///
  /// - Throws: what keeps a report from being read.
  public init(_ plan: SweepPlan) throws {
    let configuration = plan.configuration
    recipe = configuration.recipe
    seeds = configuration.seeds
    var reports: [[UInt64: ReportValue]] = Array(repeating: [:], count: plan.settings.count)
    let decoder = JSONDecoder()
    for run in plan.runs where try plan.state(of: run) == .done {
      let file = RunDirectory(run.folder).reportPath
      reports[run.setting][run.seed] = try decoder.decode(
        ReportValue.self, from: try Data(contentsOf: URL(fileURLWithPath: file)))
    }
    func values(_ setting: Int, _ measure: SweepMeasure) -> [UInt64: Double] {
      reports[setting].compactMapValues { measure.value(in: $0) }
    }
    let variant = configuration.variants.first { $0.name == configuration.baseline }
    baseline = variant.map { $0.label ?? $0.name }
    rows = plan.settings.enumerated().map { index, setting in
      // Of the baseline's settings, the one with the same values of the grid.
      let other = plan.settings.firstIndex {
        $0.variant == configuration.baseline && $0.values == setting.values
      }
      let compared = configuration.baseline == nil || other == index ? nil : other
      return Row(
        setting: setting.label, variant: setting.variant, grid: setting.values,
        runs: reports[index].count,
        figures: Dictionary(
          uniqueKeysWithValues: configuration.measures.map { measure in
            let baseline = compared.map { values($0, measure) }
            return (measure.name, Figure(values(index, measure), baseline: baseline))
          }))
    }
  }

  private enum CodingKeys: String, CodingKey {
    case recipe, seeds, baseline, rows
  }
}
