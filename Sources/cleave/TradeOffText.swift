import Recipes
import Splitting
import Terminal
import Training

/// Lays the report of a benchmark out for people.
enum TradeOffText {
  static func write(_ report: TradeOffReport, to sink: FileSink) {
    sink.write("\n\(report.dataset): \(report.remark)\n\n")
    write(report.systemTable, to: sink)
    sink.write("\n")
    write(report.timeTable, to: sink)
    for (index, link) in report.links.enumerated() {
      sink.write("\n\(link.name): \(link.link.rate), round trip \(link.link.roundTripTime)\n\n")
      write(report.linkTable(index), to: sink)
    }
  }

  private static func write(_ table: TradeOffReport.Table, to sink: FileSink) {
    var text = TextTable(
      header: table.header,
      alignments: table.header.indices.map { $0 == 0 ? .left : .right })
    for row in table.rows { text.append(row) }
    text.write(to: sink)
  }
}
