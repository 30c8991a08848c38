import Reports
import Splitting
import Synchronization
import Terminal
import Training

/// Shows progress on standard error: a bar for each task, a line for each epoch.
final class ConsoleObserver: TrainingObserver {
  /// The bar on the screen and the task it belongs to.
  ///
  /// `@unchecked Sendable`: it is only touched inside the mutex that holds it.
  private struct Screen: @unchecked Sendable {
    var task = ""
    var bar: ProgressBar?
    var began = ContinuousClock.now
  }

  private let screen = Mutex(Screen())

  func progressed(_ task: String, unit: String, done: Int, of total: Int) {
    screen.withLock { screen in
      if screen.task != task {
        screen.bar?.clear()
        screen.task = task
        screen.bar = ProgressBar(task, total: total, unit: .count(unit))
      }
      screen.bar?.update(done: done)
      if done >= total {
        screen.bar?.clear()
        screen.bar = nil
        screen.task = ""
      }
    }
  }

  func stepped(_ progress: StepProgress) {
    Interruption.savesFirst()
    screen.withLock { screen in
      let task = "epoch \(progress.epoch + 1)/\(progress.epochs)"
      if screen.task != task {
        screen.bar?.clear()
        screen.task = task
        screen.bar = ProgressBar(
          task, total: progress.batches, done: progress.batch - 1, unit: .count("batches"))
      }
      screen.bar?.update(
        done: progress.batch,
        fields: [ProgressBar.Field("loss", rounded(progress.loss, 4))]
          + progress.fields.map { ProgressBar.Field($0.name, $0.value) })
    }
  }

  func finishedEpoch(_ record: EpochRecord) {
    screen.withLock { screen in
      screen.bar?.clear()
      screen.bar = nil
      screen.task = ""
    }
    let metrics = record.validation.values.sorted { $0.key < $1.key }
      .map { "\($0.key) \(text($0.value, ofMetric: $0.key))" }.joined(separator: ", ")
    FileSink.standardError.write(
      "epoch \(record.epoch): loss \(rounded(record.trainLoss, 4)); validation \(metrics); "
        + "\(TimeSpan.seconds(max(0, record.seconds)))\(record.isBest ? " (best)" : "")\n")
  }

  func noted(_ message: String) {
    screen.withLock { screen in
      screen.bar?.clear()
      screen.bar = nil
      screen.task = ""
      Diagnostic(.note, message).write(to: FileSink.standardError)
    }
  }

  /// Takes a bar off the screen, before something else is printed.
  func finish() {
    screen.withLock { screen in
      screen.bar?.clear()
      screen.bar = nil
    }
  }
}
