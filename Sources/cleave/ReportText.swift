import Reports
import Splitting
import Terminal
import Training

/// Lays reports out for people.
enum ReportText {
  /// The headline of a report, its tables and its remarks.
  static func write(_ report: EvaluationReport, to sink: FileSink) {
    sink.write("\n")
    sink.writeParagraph(report.headline)
    for table in report.tables {
      sink.write("\n")
      write(table, to: sink)
    }
    for remark in report.remarks {
      sink.write("\n")
      sink.writeParagraph(remark)
    }
  }

  /// Writes the tables of several data sets; of one, everything.
  static func write(_ evaluation: RunEvaluation, to sink: FileSink) {
    sink.write("\n")
    sink.writeParagraph(evaluation.headline)
    sink.write("\n")
    write(evaluation.table, to: sink)
    sink.write("\n")
    write(evaluation.dataTable, to: sink)
    for remark in evaluation.remarks {
      sink.write("\n")
      sink.writeParagraph(remark)
    }
    if evaluation.rows.count == 1, let report = evaluation.rows[0].report {
      write(report, to: sink)
    }
  }

  /// What sending costs: its tables, each below its title.
  static func write(_ report: TradeOffReport, to sink: FileSink) {
    sink.write("\n")
    sink.writeParagraph("\(report.dataset): \(report.remark)")
    sink.write("\n")
    write(report.systemTable, to: sink)
    sink.write("\n")
    write(report.timeTable, to: sink)
    for (index, link) in report.links.enumerated() {
      sink.write("\n\(link.name): \(link.link.rate), round trip \(link.link.roundTripTime)\n\n")
      write(report.linkTable(index), to: sink)
    }
    for note in report.notes ?? [] { sink.write("\n\(note)\n") }
  }

  /// A table with its title above and its note below; of one without rows only that.
  static func write(_ table: ReportTable, to sink: some TextSink) {
    if let title = table.title {
      sink.writeParagraph(title)
      if !table.rows.isEmpty { sink.write("\n") }
    }
    guard !table.rows.isEmpty else { return }
    table.text.write(to: sink)
    if let note = table.note {
      sink.write("\n")
      sink.writeParagraph(note)
    }
  }
}
