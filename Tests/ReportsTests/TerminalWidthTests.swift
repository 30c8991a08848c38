import Foundation
import Reports
import Terminal
import Testing
import Training

/// Reports with more columns and longer names than most, as a terminal of 80 columns shows them.
@Suite struct TerminalWidthTests {
  private static let name = "early exit at layer2.0.shortcut.slice with a bottleneck of 24 channels"

  private static let tasks = #"""
    [{"task": "shape_of_the_object_in_the_middle", "kind": "multi_label", "samples": 12345,
      "missing": 1234, "metrics": [{"name": "mean_average_precision_at_half_overlap",
      "value": 0.98765, "is_higher_better": true}]}]
    """#

  private static let point = #"""
    {"name": "chosen", "threshold": 0.98765, "accuracy": 0.9137, "exit_shares": [0.3, 0.2, 0.1],
     "bytes": 12345.6, "device_macs": 123456789, "server_macs": 987654321,
     "latency": "1234.5 ms", "energy": "123.4 mJ"}
    """#

  private static let report = #"""
    {"method": "m", "dataset": "d/test", "samples": 4, "accuracy": 0.75, "macs": 1200,
     "parameters": 34,
     "comparisons": [
       {"name": "\#(name)", "user_accuracy": 0.98765, "other_accuracy": 0},
       {"name": "original, masked", "user_accuracy": 0.5}],
     "per_class": [{"name": "\#(name)", "samples": 123456, "accuracy": 1}],
     "tasks": \#(tasks),
     "conflicts": [{"first": "\#(name)", "second": "b", "mean_cosine": -0.1234,
       "conflicting_share": 0.51, "samples": 10000}],
     "flights": [{"policy": "\#(name)", "goal_distance": [10, 30], "episodes": 1000,
       "success": 0.9137, "collisions": 0.05, "timeouts": 0.0363, "path_success": 0.8123,
       "steps": 41.25, "reward": 3, "reached": [], "bytes_per_frame": 1234.5,
       "bytes_per_episode": 50923, "depth_error": 0.12345, "determination": 0.9123,
       "shares": [0.333, 0.333, 0.334], "latency": "123.4 ms"}],
     "exits": {"rule": "max_softmax", "curve": [\#(point)], "named": [\#(point)], "exits": [
       {"edge": "layer2.0.shortcut.slice", "place": "device", "temperature": 1.234,
        "accuracy": 0.9137, "calibration_error_before": 0.1234, "calibration_error": 0.0123,
        "macs": 1234567, "bytes": 123456}]},
     "bit_errors": [{"system": "\#(name)", "bytes": 1234, "ratio": 32.5, "points": [
       \#((0..<8).map { #"{"rate": 0.00\#($0), "accuracy": 0.9137, "deviation": 0.0123, "#
         + #""draws": 3, "lost": 0}"# }.joined(separator: ","))]}],
     "codecs": [{"name": "\#(name)", "is_chosen": true, "accuracy": 0.9137,
       "mean_bytes": 12345.6, "p50_bytes": 12340, "p99_bytes": 14321.5, "ratio": 12.34,
       "table_bytes": 123456, "tasks": \#(tasks)}]}
    """#

  private static func system(_ name: String) -> String {
    let quality = #"""
      {"task": "orientation", "metric": "mean_average_precision", "others": {},
       "value": {"mean": 0.91375, "deviation": 0.00123}, "relative_drop": 0.0123}
      """#
    return #"""
      {"name": "\#(name)", "family": "f", "seeds": 3, "encoder_bytes": 123456,
       "device_macs": 123456789, "server_macs": 987654321,
       "bytes_per_sample": {"mean": 12345.6, "p50": 12340, "p99": 14321},
       "estimated_bytes": 12300, "sent_share": 1, "encoder_times_data_kib2": 1234.5,
       "qualities": [\#(quality), \#(quality), \#(quality)], "device_time": "1.5 ms",
       "encode_time": "20 µs", "decode_time": "30 µs", "server_time": "2.5 ms", "links": []}
      """#
  }

  private static let tradeOff = #"""
    {"dataset": "d/test", "samples": 10000, "timed_samples": 100, "timing_threads": 1,
     "reference": "fp32", "links": [], "systems": [\#(system("fp32")), \#(system(name))]}
    """#

  private static func tables() throws -> [ReportTable] {
    let decoder = JSONDecoder()
    let report = try decoder.decode(EvaluationReport.self, from: Data(report.utf8))
    let tradeOff = try decoder.decode(TradeOffReport.self, from: Data(tradeOff.utf8))
    return report.tables + [tradeOff.systemTable, tradeOff.timeTable]
  }

  @Test func everyTableFitsEightyColumnsAndKeepsItsNumbersWhole() throws {
    let tables = try Self.tables()
    #expect(tables.count >= 10)
    for table in tables {
      let lines = table.text.rendered(columns: 80).split(separator: "\n")
      for line in lines { #expect(line.count <= 80, "\(line)") }
      for row in table.rows {
        for (column, cell) in row.enumerated() where !table.textColumns.contains(column) {
          #expect(lines.contains { $0.contains(cell) }, "\(cell) in\n\(table.header)")
        }
      }
    }
  }

  @Test func aTableThatFitsIsTheSameAtAnyWidth() throws {
    for table in try Self.tables() {
      #expect(table.text.rendered(columns: 10_000) == table.text.rendered())
    }
  }
}
