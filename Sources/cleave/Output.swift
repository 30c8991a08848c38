import Foundation
import Recipes

/// What programs read on standard output.
enum Output {
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
