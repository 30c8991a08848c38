import Files
import Foundation
import Recipes
import Reports
import Terminal

/// What goes to standard output.
enum Output {
  /// Prints tables for people, each below its title.
  static func tables(_ tables: [ReportTable]) {
    for (index, table) in tables.enumerated() {
      if index > 0 { FileSink.standardOutput.write("\n") }
      ReportText.write(table, to: FileSink.standardOutput)
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
      let reason = SystemReason.of(error)
      throw CommandFailure(message: "standard output cannot be written: \(reason)", status: 1)
    }
  }
}
