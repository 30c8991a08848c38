/// Where text for people goes.
public protocol TextSink {
  /// What the reader's end can show; asked for anew each time, since windows change their size.
  var capabilities: TerminalCapabilities { get }

  /// Writes text as it is; what cannot be written is dropped.
  func write(_ text: String)
}

/// What the reader's end of a sink can show.
public struct TerminalCapabilities: Hashable, Sendable {
  /// Whether lines can be redrawn.
  public var isTerminal: Bool
  /// How many columns a line has.
  public var columns: Int
  /// Whether text may be coloured.
  public var showsColour: Bool
  /// Whether there is more than ASCII.
  public var showsUnicode: Bool

  /// Creates a description.
  public init(isTerminal: Bool, columns: Int, showsColour: Bool, showsUnicode: Bool) {
    self.isTerminal = isTerminal
    self.columns = columns
    self.showsColour = showsColour
    self.showsUnicode = showsUnicode
  }
}

extension TextSink {
  /// Writes sentences as lines that end between words, and a line break.
  public func writeParagraph(_ text: String) {
    let lines = TextLines.of(printable(text), columns: max(capabilities.columns, 40))
    write(lines.joined(separator: "\n") + "\n")
  }
}
