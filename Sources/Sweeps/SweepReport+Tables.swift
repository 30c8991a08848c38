internal import Metrics
public import Plots
public import Reports

extension SweepReport {
  private static let none = "–"

  /// The measures of every setting, and below them the differences to the baseline if there is one; a
  /// table for each measure if values of the grid stand beside each other in it.
  public func tables(_ measures: [SweepMeasure]) -> [ReportTable] {
    let groups = across == nil ? [measures] : measures.map { [$0] }
    return groups.flatMap { group in
      [table(group)] + (baseline == nil || !isDifferent(group) ? [] : [comparison(group)])
    }
  }

  /// Whether any setting differs from the baseline in any of some measures.
  private func isDifferent(_ measures: [SweepMeasure]) -> Bool {
    rows.contains { row in
      measures.contains { measure in
        // Differences that cancel out are some all the same.
        guard let difference = row.figures[measure.name]?.difference else { return false }
        return difference.mean != 0 || (difference.standardDeviation ?? 0) > 0
      }
    }
  }

  /// A line of a table, and what stands in its columns.
  private struct Line {
    let label: String
    let rows: [Row?]

    /// The runs behind every cell, or the fewest and the most.
    var runs: String {
      let counts = rows.map { $0?.runs ?? 0 }
      guard let least = counts.min(), let most = counts.max(), least < most else {
        return "\(counts.first ?? 0)"
      }
      return "\(least)–\(most)"
    }
  }

  /// The values of the grid's key that stand beside each other, each the title of columns; one
  /// without a title if none do.
  private var columns: [String] {
    guard let across else { return [""] }
    var values: [String] = []
    for row in rows {
      if let value = row.grid[across], !values.contains(value) { values.append(value) }
    }
    return values
  }

  /// What rows have in common that stand in one line: all but the key of the columns.
  private struct LineKey: Hashable {
    let label: String
    let variant: String?
    let isControl: Bool
    let grid: [String: String]
  }

  /// The lines of a table: a row each, or those that differ in the key of the columns alone.
  private var lines: [Line] {
    guard let across else { return rows.map { Line(label: $0.setting, rows: [$0]) } }
    var order: [LineKey] = []
    var lines: [LineKey: [String: Row]] = [:]
    for row in rows {
      let key = LineKey(
        label: row.label, variant: row.variant, isControl: row.isControl,
        grid: row.grid.filter { $0.key != across })
      if lines[key] == nil { order.append(key) }
      lines[key, default: [:]][row.grid[across] ?? ""] = row
    }
    let columns = columns
    return order.map { key in
      let label = SweepPlan.Setting.label(key.label, SweepReport.gridLabel(key.grid))
      return Line(
        label: label.isEmpty ? "recipe" : label, rows: columns.map { lines[key]?[$0] })
    }
  }

  private static func gridLabel(_ grid: [String: String]) -> String {
    SweepPlan.Setting.gridLabel(grid.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  /// The titles of the columns: measures, or what a table with one measure has beside each other.
  private func titles(_ measures: [SweepMeasure]) -> [String] {
    measures.flatMap { measure in
      columns.map { value in
        value.isEmpty ? measure.title : value
      }
    }
  }

  /// What a table is of whose columns do not say it.
  private func subject(_ measures: [SweepMeasure]) -> String {
    across == nil ? "" : "\(measures[0].title): "
  }

  /// Whether values depend on the seed, but for their mean's rounding; what does not has no deviation or interval
  /// to show for it.
  private static func varies(_ deviation: Double, around mean: Double) -> Bool {
    deviation > 1e-12 * abs(mean)
  }

  /// Mean, deviation and interval of every measure.
  private func table(_ measures: [SweepMeasure]) -> ReportTable {
    ReportTable(
      title: subject(measures)
        + (seeds.count > 1
          ? "\(recipe), \(seeds.count) seeds: mean ± standard deviation, in brackets the 95 % interval "
            + "of the mean."
          : "\(recipe), one seed."),
      header: ["setting", "runs"] + titles(measures),
      rows: lines.compactMap { line in
        // A control may have other measures only.
        guard
          across == nil
            || measures.contains(where: { measure in
              line.rows.contains { $0?.figures[measure.name]?.mean != nil }
            })
        else { return nil }
        return [line.label, line.runs]
          + measures.flatMap { measure in
            line.rows.map { row in
              row?.figures[measure.name].map { cell(of: $0, measure) } ?? SweepReport.none
            }
          }
      })
  }

  /// The mean, its deviation and its interval, and of how many runs where it is not defined in all.
  private func cell(of figure: Figure, _ measure: SweepMeasure) -> String {
    guard let mean = figure.mean else {
      return figure.undefined > 0 ? notDefined : SweepReport.none
    }
    var text = measure.text(mean)
    if let deviation = figure.deviation, let interval = figure.interval,
      SweepReport.varies(deviation, around: mean)
    {
      text +=
        " ± \(measure.text(deviation)) "
        + "[\(measure.text(interval.lowerBound)), \(measure.text(interval.upperBound))]"
    }
    let count = figure.values.count
    return figure.undefined > 0
      ? text + " (\(count) of \(count + figure.undefined) defined)" : text
  }

  /// What a star says, with the number of comparisons it is corrected for.
  private func starNote(_ measures: [SweepMeasure]) -> String {
    let counts = Set(measures.map { comparisonCount($0.name) }.filter { $0 > 0 })
    guard let most = counts.max() else { return "" }
    return "; * where it is significant at 5 % after Holm's correction for the "
      + (counts.count > 1 ? "at most " : "")
      + "\(most) comparison\(most == 1 ? "" : "s") of a measure in this sweep"
  }

  /// Differences to the baseline; a star marks those that are significant after the correction for all
  /// differences of the measure in the sweep.
  ///
  /// One that is the same in every pair has neither star nor interval.
  private func comparison(_ measures: [SweepMeasure]) -> ReportTable {
    ReportTable(
      title: subject(measures)
        + "Difference to \(baseline ?? ""), paired by seed, and the 95 % interval of each by itself"
        + starNote(measures) + ".",
      header: ["setting", "pairs"] + titles(measures),
      rows: lines.compactMap { line in
        let figures = measures.map { measure in
          line.rows.map { $0?.figures[measure.name] }
        }.joined()
        guard figures.contains(where: { $0?.difference != nil }) else { return nil }
        let cells = zip(measures.flatMap { measure in columns.map { _ in measure } }, figures)
        return [line.label, "\(figures.compactMap { $0?.difference?.count }.max() ?? 0)"]
          + cells.map { measure, figure in
            guard let figure, let difference = figure.difference else { return SweepReport.none }
            let mean = measure.difference(difference.mean)
            guard let interval = difference.interval, let deviation = difference.standardDeviation,
              SweepReport.varies(deviation, around: difference.mean)
            else { return mean }
            return "\(mean) [\(measure.difference(interval.lowerBound)), "
              + "\(measure.difference(interval.upperBound))]"
              + (figure.isSignificant ? " *" : "")
          }
      })
  }

  // MARK: - The page

  /// Everything on one page: tables, pictures, the values of each run, and the sweep itself.
  public func page(_ configuration: SweepConfiguration, text: String) -> HTMLPage {
    let measures = configuration.measures
    let settings = rows.count { !$0.isControl }
    let title = "\(recipe), \(settings) settings, \(seeds.count) seeds"
    var body = "<h1>\(Drawing.escaped(title))</h1>\n"
    body += "<h2>Result</h2>\n"
    for table in tables(measures) {
      body += "<p>\(Drawing.escaped(table.title ?? ""))</p>\n" + HTMLPage.table(table)
    }
    body += plots(configuration).map { HTMLPage.figure($0) }.joined()
    body += "<h2>Every run</h2>\n" + HTMLPage.table(runTable(measures))
    body += "<h2>Sweep</h2>\n" + HTMLPage.preformatted(text)
    return HTMLPage(title: title, body: body)
  }

  private func runTable(_ measures: [SweepMeasure]) -> ReportTable {
    ReportTable(
      header: ["setting", "seed"] + measures.map(\.title),
      rows: rows.flatMap { row in
        seeds.map { seed in
          [row.setting, "\(seed)"]
            + measures.map { measure in
              row.figures[measure.name]?.values[seed].map(measure.text) ?? SweepReport.none
            }
        }
      })
  }

  // MARK: - Pictures

  /// The pictures that a sweep asks for.
  public func plots(_ configuration: SweepConfiguration) -> [CurvePlot] {
    configuration.pictures.map { plot($0, configuration) }
  }

  /// The axis of a measure, within the bounds of its values.
  private func axis(_ title: String, of measure: String) -> Axis {
    var axis = Axis(title, format: Axis.number)
    axis.bounds = rows.lazy.compactMap { $0.figures[measure]?.range }.first
    return axis
  }

  /// A curve for each variant and control, and for each value of the grid's other keys if one of them runs along
  /// the horizontal axis.
  private func plot(
    _ picture: SweepConfiguration.Picture, _ configuration: SweepConfiguration
  ) -> CurvePlot {
    let measures = configuration.measures
    let along = measures.first { $0.name == picture.horizontal }
    let vertical = measures.first { $0.name == picture.vertical }
    var order: [String] = []
    var curves: [String: [CurvePlot.Sample]] = [:]
    for row in rows {
      let others = row.grid.filter { along == nil && $0.key != picture.horizontal }
      let name = SweepPlan.Setting.label(row.label, SweepReport.gridLabel(others))
      if !order.contains(name) { order.append(name) }
      let x =
        along.map { row.figures[$0.name]?.mean }
        ?? row.grid[picture.horizontal].flatMap(Double.init)
      guard let x, let figure = row.figures[picture.vertical], let y = figure.mean,
        x > 0 || !picture.isLogarithmic
      else { continue }
      let text = vertical?.text(y) ?? "\(y)"
      curves[name, default: []].append(
        CurvePlot.Sample(
          x: x, y: y, spread: figure.deviation,
          label: "\(row.setting): \(text)"
            + (figure.deviation.map {
              " ± \(vertical?.text($0) ?? "\($0)")"
            } ?? "")))
    }
    return CurvePlot(
      title: "\(picture.vertical) over \(picture.horizontal)",
      horizontal: Axis(
        along?.title ?? picture.horizontal, picture.isLogarithmic ? .logarithmic : .linear,
        format: Axis.number),
      vertical: axis(vertical?.title ?? picture.vertical, of: picture.vertical),
      curves: order.map { name in
        CurvePlot.Curve(
          name: name.isEmpty ? "recipe" : name,
          samples: (curves[name] ?? []).sorted { $0.x < $1.x })
      })
  }
}
