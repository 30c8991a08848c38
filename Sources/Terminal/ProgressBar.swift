/// Shows how far a long task is.
///
/// On a terminal it is one line that is redrawn at most ten times a second. Elsewhere it is plain
/// lines, one whenever ten seconds or a tenth of the task have passed, but at most one a second, and
/// one by ``finish()``.
public final class ProgressBar {
  /// What is counted.
  public enum Unit: Hashable, Sendable {
    /// Things with a name, such as `batches`; the name is shown with their rate.
    case count(String)
    /// Bytes, shown by powers of 1000.
    case bytes
  }

  /// A value that is shown beside the bar, such as the loss.
  public struct Field: Hashable, Sendable {
    /// What it is.
    public var name: String
    /// The value as text.
    public var value: String

    /// Creates a field.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  private static let redrawInterval = Duration.milliseconds(100)
  private static let lineInterval = Duration.seconds(10)
  private static let shortestLineInterval = Duration.seconds(1)

  /// What is done; may be changed, as from epoch to epoch.
  public var label: String

  private let total: Int?
  private let unit: Unit
  private let sink: any TextSink
  private let now: () -> Duration
  private let start: Duration
  private var done: Int
  private var fields: [Field] = []
  private var rate: RateEstimate
  private var lastOutput: Duration?
  private var lastOutputDone: Int
  private var isDrawn = false
  private var isFinished = false

  /// Creates a bar; nothing is drawn before the first update.
  ///
  /// - Parameters:
  ///   - total: how much there is to do; nil if that is not known.
  ///   - done: how much was done before, as by a run that is resumed.
  ///   - now: the time since some fixed moment.
  public init(
    _ label: String, total: Int?, done: Int = 0, unit: Unit = .count(""),
    sink: any TextSink = FileSink.standardError, now: @escaping () -> Duration = ProgressBar.clock()
  ) {
    self.label = label
    self.total = total.map { max($0, 0) }
    self.done = done
    self.unit = unit
    self.sink = sink
    self.now = now
    start = now()
    rate = RateEstimate(time: start, done: done)
    lastOutputDone = done
  }

  /// A clock that starts now and never goes back.
  public static func clock() -> () -> Duration {
    let origin = ContinuousClock.now
    return { origin.duration(to: .now) }
  }

  // MARK: Updates

  /// Shows a new state, unless the last was shown a moment ago.
  ///
  /// - Parameters:
  ///   - done: how much is done, in all.
  ///   - fields: values to show from now on; nil keeps the ones shown.
  public func update(done: Int, fields: [Field]? = nil) {
    guard !isFinished else { return }
    let time = now()
    self.done = done
    if let fields { self.fields = fields }
    rate.update(time: time, done: done)
    // First, since asking a terminal for its size costs more than an update may.
    if let lastOutput, time - lastOutput < ProgressBar.redrawInterval { return }
    let capabilities = sink.capabilities
    if capabilities.isTerminal {
      draw(capabilities, time)
    } else if isLineDue(time) {
      sink.write(parts(time).plainLine + "\n")
      note(time)
    }
  }

  private func isLineDue(_ time: Duration) -> Bool {
    let elapsed = time - (lastOutput ?? start)
    if elapsed >= ProgressBar.lineInterval { return true }
    guard let total, elapsed >= ProgressBar.shortestLineInterval else { return false }
    return Double(done - lastOutputDone) >= Double(total) / 10
  }

  private func note(_ time: Duration) {
    lastOutput = time
    lastOutputDone = done
  }

  private func draw(_ capabilities: TerminalCapabilities, _ time: Duration) {
    sink.write("\r" + parts(time).line(fitting: capabilities) + "\u{1B}[K")
    isDrawn = true
    note(time)
  }

  /// Writes a line above the bar.
  public func write(line: String) {
    let capabilities = sink.capabilities
    let wasDrawn = isDrawn
    sink.write((wasDrawn ? "\r\u{1B}[K" : "") + printable(line) + "\n")
    if wasDrawn, !isFinished { draw(capabilities, now()) }
  }

  /// Shows the last state with the time it took, and ends the line.
  ///
  /// A task that was stopped early keeps the state it reached.
  public func finish() {
    guard !isFinished else { return }
    isFinished = true
    let capabilities = sink.capabilities
    var parts = parts(now())
    parts.remaining = ProgressParts.clockText(now() - start)
    if capabilities.isTerminal {
      sink.write("\r" + parts.line(fitting: capabilities) + "\u{1B}[K\n")
    } else {
      sink.write(parts.plainLine + "\n")
    }
    isDrawn = false
  }

  /// Removes the bar from the terminal without a trace.
  public func clear() {
    if isDrawn { sink.write("\r\u{1B}[K") }
    isDrawn = false
    isFinished = true
  }

  // MARK: Text

  private func parts(_ time: Duration) -> ProgressParts {
    let perSecond = rate.perSecond
    var remaining: String?
    if let total, let perSecond, perSecond > 0, done < total {
      let seconds = Double(total - done) / perSecond
      if seconds < 1e7 { remaining = ProgressParts.clockText(.seconds(seconds)) + " left" }
    }
    let fraction = total.map { $0 == 0 ? 1 : min(max(Double(done) / Double($0), 0), 1) }
    return ProgressParts(
      label: printable(label), fraction: fraction,
      count: ProgressParts.countText(done: done, total: total, unit: unit),
      fields: fields.map { printable("\($0.name) \($0.value)") },
      rate: perSecond.map { ProgressParts.rateText($0, unit: unit) }, remaining: remaining)
  }
}
