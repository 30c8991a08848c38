import ArgumentParser
import Checkpoints
import Datasets
import Files
import Foundation
import Networks
import Recipes
import Terminal
import Training

/// What ends a command: a message and an exit status.
struct CommandFailure: Error {
  let message: String
  let status: Int32

  /// The failure that an error means to a person.
  init(_ error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure
    case let problems as RecipeProblems:
      message = "\(problems)"
      status = 2
    case let error as TrainingError:
      message = "\(error)"
      if case .interrupted = error { status = 130 } else { status = 1 }
    default:
      message = SystemReason.message(of: error)
      status = 1
    }
  }

  init(message: String, status: Int32) {
    self.message = message
    self.status = status
  }

  /// The failure of what only a build with gRPC can.
  static var needsGRPC: CommandFailure {
    CommandFailure(
      message: "this build has no gRPC, which this needs: build it with "
        + "`swift build -c release --traits GRPC`", status: 1)
  }

  /// Writes the message where people read.
  func report() {
    let severity: Diagnostic.Severity = status == 130 ? .note : .error
    Diagnostic(severity, message).write(to: FileSink.standardError)
  }

  /// Writes the parser's message, an error with usage below it.
  static func reportUsage(_ text: String) {
    let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    let first = lines.first ?? ""
    let message = first.hasPrefix("Error: ") ? first.dropFirst("Error: ".count) : first
    Diagnostic(.error, String(message)).write(to: FileSink.standardError)
    if lines.count > 1 { FileSink.standardError.write("\(lines[1])\n") }
  }
}

extension ParsableCommand {
  /// Runs a body and turns what it throws into a message and an exit status.
  func reporting(_ body: () throws -> Void) throws {
    do { try body() } catch { throw CommandFailure(error) }
  }
}

/// Ends the process.
func endProcess(status: Int32) -> Never { exit(status) }
