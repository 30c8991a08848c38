import Foundation
import Recipes
import Sweeps
import Terminal

/// What goes to standard output.
enum Output {
  /// Prints tables for people, each below its title; of one without rows only that.
  static func tables(_ tables: [SweepTable]) {
    let sink = FileSink.standardOutput
    for (index, table) in tables.enumerated() {
      sink.write("\(index == 0 ? "" : "\n")\(table.title)\n")
      if table.rows.isEmpty { continue }
      sink.write("\n")
      var text = TextTable(
        header: table.header,
        alignments: table.header.indices.map { $0 == 0 ? .left : .right })
      for row in table.rows { text.append(row) }
      text.write(to: sink)
    }
  }

  /// Prints a value as one JSON object.
  ///
  /// - Throws: `CommandFailure` if standard output takes no more.
  static func json(_ value: some Encodable) throws {
    let text = try Experiment.json(value) + "\n"
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      let reason = String(cString: strerror(errno))
      throw CommandFailure(message: "standard output cannot be written: \(reason)", status: 1)
    }
  }
}
