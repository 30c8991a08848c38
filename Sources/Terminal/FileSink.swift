internal import Glibc

/// A file descriptor as a sink, such as standard error.
public struct FileSink: TextSink, Sendable {
  /// Standard output, for tables.
  public static let standardOutput = FileSink(descriptor: STDOUT_FILENO)
  /// Standard error, for progress and diagnostics.
  public static let standardError = FileSink(descriptor: STDERR_FILENO)

  private let descriptor: Int32

  /// Creates a sink that writes to an open file; the sink does not close it.
  public init(descriptor: Int32) { self.descriptor = descriptor }

  /// Read from the file's kind, the window's size, and the environment: `NO_COLOR` (if not empty),
  /// `TERM=dumb`, `COLUMNS` where there is no window, and the locale's character set.
  public var capabilities: TerminalCapabilities {
    func variable(_ name: String) -> String? {
      guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else {
        return nil
      }
      return value
    }
    let isTerminal = isatty(descriptor) == 1 && variable("TERM") != "dumb"
    let locale = variable("LC_ALL") ?? variable("LC_CTYPE") ?? variable("LANG") ?? ""
    let charset = locale.uppercased()
    return TerminalCapabilities(
      isTerminal: isTerminal,
      columns: isTerminal ? columns : variable("COLUMNS").flatMap(Int.init) ?? 80,
      showsColour: isTerminal && variable("NO_COLOR") == nil,
      showsUnicode: charset.contains("UTF-8") || charset.contains("UTF8"))
  }

  private var columns: Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes text; a closed or full file drops it, since there is nobody to tell.
  public func write(_ text: String) {
    let bytes = Array(text.utf8)
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      offset += count
    }
  }
}
