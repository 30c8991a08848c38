import Terminal

/// Keeps what is written.
final class CapturingSink: TextSink {
  var capabilities: TerminalCapabilities
  private(set) var text = ""
  private(set) var writes: [String] = []

  init(
    isTerminal: Bool = true, columns: Int = 100, showsColour: Bool = false,
    showsUnicode: Bool = true
  ) {
    capabilities = TerminalCapabilities(
      isTerminal: isTerminal, columns: columns, showsColour: showsColour,
      showsUnicode: showsUnicode)
  }

  func write(_ text: String) {
    self.text += text
    writes.append(text)
  }
}

/// A clock that a test moves, in whole milliseconds so that intervals are exact.
final class ManualClock {
  var milliseconds = 0
  var now: () -> Duration { { .milliseconds(self.milliseconds) } }
}
