import Reports
import Splitting
import Terminal
import Training

/// Lays reports out for people.
enum ReportText {
  /// The headline of a report, its tables and its remarks.
  static func write(_ report: EvaluationReport, to sink: FileSink) {
    sink.write("\n\(report.headline)\n")
    for table in report.tables {
      sink.write("\n")
      write(table, to: sink)
    }
    for remark in report.remarks { sink.write("\n\(remark)\n") }
  }

  /// What sending costs: its tables, each below its title.
  static func write(_ report: TradeOffReport, to sink: FileSink) {
    sink.write("\n\(report.dataset): \(report.remark)\n\n")
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
  static func write(_ table: ReportTable, to sink: FileSink) {
    if let title = table.title { sink.write("\(title)\n\(table.rows.isEmpty ? "" : "\n")") }
    guard !table.rows.isEmpty else { return }
    var text = TextTable(
      header: table.header,
      alignments: table.header.indices.map { table.textColumns.contains($0) ? .left : .right })
    for row in table.rows { text.append(row) }
    text.write(to: sink)
    if let note = table.note { sink.write("\n\(note)\n") }
  }
}
