internal import Plots
internal import Tasks
public import Training

/// Tables and pages of one subject measured on several data sets.
extension RunEvaluation {
  /// Name of the subject, and the data that it was trained on.
  public var headline: String {
    guard let trainedOn else { return subject }
    let user = trainedOn.userClasses.map {
      ", the user's classes (\($0.joined(separator: ", ")))"
    }
    // The digest behind the number of images is for machines.
    let dataset = trainedOn.dataset.map { name in
      let parts = name.split(separator: ":")
      guard parts.count == 3, let count = Int(parts[1]) else { return name }
      return "\(parts[0]) (\(grouped(count)) images)"
    }
    return "\(subject), trained on \(dataset ?? "images that it does not name")\(user ?? "")"
  }

  /// A row for each data set: quality, its controls, bytes, and the fidelity where there are no labels.
  public var table: ReportTable {
    let reports = rows.compactMap(\.report)
    var controls: [String] = []
    for name in reports.flatMap(\.comparisons).map(\.name) where !controls.contains(name) {
      controls.append(name)
    }
    if controls.count < 2 { controls = [] }
    let figures = rows.compactMap(\.fidelity)
    var metrics: [FidelityColumn] = []
    for task in figures.flatMap(\.tasks) {
      for metric in task.metrics {
        let column = FidelityColumn(task: task.task, metric: metric.name)
        if !metrics.contains(column) { metrics.append(column) }
      }
    }
    let hasTasks = Set(metrics.map(\.task)).count > 1
    let quality = Set(reports.map(\.qualityName))
    var table = ReportTable(
      header: ["measured on", "images"]
        + (reports.isEmpty ? [] : [quality.count == 1 ? quality.first ?? "" : "quality"])
        + controls + ["bytes up"] + metrics.map { $0.title(namesTask: hasTasks) })
    for row in rows {
      var cells = [row.name, grouped(row.measuredOn.samples)]
      if !reports.isEmpty { cells.append(row.report?.qualityText ?? "") }
      cells += controls.map { name in
        row.report.map { report in
          percent(report.comparisons.first { $0.name == name }?.userAccuracy)
        } ?? ""
      }
      cells.append((row.report?.bytesUp ?? row.fidelity?.meanBytes).map { grouped($0) } ?? "")
      cells += metrics.map { column in
        row.fidelity.flatMap { column.value(in: $0) }.map { rounded($0, 4) } ?? ""
      }
      table.rows.append(cells)
    }
    table.note = note(
      hasControls: !controls.isEmpty, hasFidelity: metrics.contains { $0.metric == "agreement" })
    return table
  }

  private func note(hasControls: Bool, hasFidelity: Bool) -> String? {
    var notes: [String] = []
    if hasControls {
      notes.append("accuracies are those of the user's classes, if there is a user")
    }
    if hasFidelity {
      notes.append(
        "without labels, answers are compared with those of the uncut network: agreement is the share "
          + "of images with the same most probable class, the divergence is in nats")
    }
    return notes.isEmpty ? nil : notes.joined(separator: "; ")
  }

  /// The data that each row was measured on.
  public var dataTable: ReportTable {
    var table = ReportTable(
      header: ["measured on", "part", "images", "labels", "user's classes", "from"],
      textColumns: [0, 1, 3, 4, 5])
    for row in rows {
      let data = row.measuredOn
      table.rows.append([
        row.name, data.part.rawValue, grouped(data.samples), data.isLabelled ? "yes" : "none",
        data.userClasses?.joined(separator: ", ") ?? "all",
        data.isOwn ? "what it was trained with" : data.path ?? data.dataset,
      ])
    }
    return table
  }

  /// Remarks on the matching of classes and on the data.
  public var remarks: [String] {
    rows.flatMap { row in row.measuredOn.remarks.map { "\(row.name): \($0)" } }
  }

  /// A page with the table and everything that was measured on each data set.
  public var page: String {
    var body = "<h1>\(Drawing.escaped(headline))</h1>\n"
    body += HTMLPage.table(table) + "<h2>Data</h2>\n" + HTMLPage.table(dataTable)
    for remark in remarks { body += "<p>\(Drawing.escaped(remark))</p>\n" }
    for row in rows {
      guard let report = row.report else { continue }
      body += "<h2>\(Drawing.escaped(row.name))</h2>\n<p>\(Drawing.escaped(report.headline))</p>\n"
      for remark in report.remarks { body += "<p>\(Drawing.escaped(remark))</p>\n" }
      body += report.tables.map(HTMLPage.table).joined()
      body += report.plots.map(HTMLPage.figure).joined()
    }
    return HTMLPage(title: subject, body: body).text
  }
}

/// A figure of one task's fidelity.
private struct FidelityColumn: Equatable {
  let task: String
  let metric: String

  func title(namesTask: Bool) -> String {
    (namesTask ? "\(task) " : "") + metric.replacing("_", with: " ")
  }

  func value(in report: FidelityReport) -> Double? {
    report.tasks.first { $0.task == task }?.metrics.first { $0.name == metric }?.value
  }
}

extension EvaluationReport {
  /// Name of the first figure.
  fileprivate var qualityName: String {
    guard let tasks else { return "accuracy" }
    guard tasks.count == 1 else { return tasks.map(\.task).joined(separator: " / ") }
    return tasks[0].judged?.name.replacing("_", with: " ") ?? "quality"
  }

  /// The first figure of every task, or the accuracy.
  fileprivate var qualityText: String {
    guard let tasks else { return percent(accuracy) }
    return tasks.map { result in result.judged.map { text($0.value, $0.scale) } ?? notDefined }
      .joined(separator: " / ")
  }

  /// Bytes sent for an image, on average.
  fileprivate var bytesUp: Double? {
    split.map { $0.stream?.mean ?? Double($0.uplinkBytes) }
  }
}
