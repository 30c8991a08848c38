/// A message to the person at the terminal: `error: …`, `warning: …`, `note: …`.
public struct Diagnostic: Hashable, Sendable {
  /// How bad it is.
  public enum Severity: String, Sendable {
    /// What was asked for was not done.
    case error
    /// It was done, but perhaps not as meant.
    case warning
    /// Something worth knowing.
    case note

    /// The colour of the word: bold and red, yellow, or cyan.
    fileprivate var colour: String {
      switch self {
      case .error: "\u{1B}[1;31m"
      case .warning: "\u{1B}[1;33m"
      case .note: "\u{1B}[1;36m"
      }
    }
  }

  /// How bad it is.
  public var severity: Severity
  /// What to say; may have several lines.
  public var message: String

  /// Creates a message.
  public init(_ severity: Severity, _ message: String) {
    self.severity = severity
    self.message = message
  }

  /// Writes the message and a line break, in colour where the sink shows it.
  public func write(to sink: some TextSink) {
    let word = severity.rawValue + ":"
    let indent = String(repeating: " ", count: word.count + 1)
    let lines = printable(message).split(separator: "\n", omittingEmptySubsequences: false)
    let head =
      sink.capabilities.showsColour ? severity.colour + word + "\u{1B}[0m" : word
    sink.write("\(head) \(lines.joined(separator: "\n" + indent))\n")
  }
}

/// A text whose control characters cannot do anything to a terminal: names of files and what is
/// read from them appear in messages.
func printable(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control where scalar != "\n" && scalar != "\t": result.append("\u{FFFD}")
    default: result.append(scalar)
    }
  }
  return String(result)
}
