import ArgumentParser
import Terminal
import Training

extension ParsableCommand {
  /// Runs what several processes do together; what ends one of them ends all.
  func together(_ processes: any ProcessGroup, _ body: () throws -> Void) throws {
    do {
      try body()
      processes.leave()
    } catch  where processes.count > 1 {
      let failure = CommandFailure(error)
      switch error as? TrainingError {
      // All of them have ended in the same place.
      case .endedElsewhere: break
      case .interrupted: if processes.isFirst { failure.report() }
      default:
        let message =
          processes.isFirst
          ? failure.message
          : "process \(processes.rank + 1) of \(processes.count): \(failure.message)"
        Diagnostic(.error, message).write(to: FileSink.standardError)
        // The others may wait for this one.
        processes.abort(status: failure.status)
      }
      processes.leave()
      endProcess(status: failure.status)
    }
  }
}
