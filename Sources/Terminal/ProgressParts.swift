/// What a progress line is made of, and how much of it fits.
struct ProgressParts {
  private static let shortestBar = 8
  private static let longestBar = 40

  var label: String
  /// From 0 to 1; nil if it is not known how much there is to do.
  var fraction: Double?
  var count: String
  var fields: [String]
  var rate: String?
  var remaining: String?

  /// Rounded down, so that 100 % means that all is done.
  private var percent: String? {
    fraction.map { fraction in
      let text = "\(Int(fraction * 100))"
      return String(repeating: " ", count: 3 - text.count) + text + " %"
    }
  }

  private var texts: [String] {
    [count] + fields + [rate, remaining].compactMap(\.self)
  }

  /// Everything but the bar.
  var plainLine: String {
    ([label, percent].compactMap(\.self).filter { !$0.isEmpty } + texts).joined(separator: "  ")
  }

  /// A line that leaves the last column free, so that no terminal wraps it.
  ///
  /// What does not fit is left out: the bar gets shorter first, then rate, count, bar, time left
  /// and fields go, the last field first.
  func line(fitting capabilities: TerminalCapabilities) -> String {
    let columns = max(capabilities.columns - 1, 1)
    var parts = self
    var hasBar = fraction != nil
    let omissions: [(inout ProgressParts, inout Bool) -> Void] =
      [
        { parts, _ in parts.rate = nil },
        { parts, _ in parts.count = "" },
        { _, hasBar in hasBar = false },
        { parts, _ in parts.remaining = nil },
      ] + fields.map { _ in { parts, _ in parts.fields.removeLast() } }
    for step in 0...omissions.count {
      if step > 0 { omissions[step - 1](&parts, &hasBar) }
      if let line = parts.line(columns, hasBar: hasBar, usesUnicode: capabilities.showsUnicode) {
        return line
      }
    }
    return DisplayWidth.prefix(parts.plainLine, columns: columns)
  }

  /// The line with these parts; nil if it is too long.
  private func line(_ columns: Int, hasBar: Bool, usesUnicode: Bool) -> String? {
    let head = label.isEmpty ? "" : label + " "
    let tail = ([percent].compactMap(\.self) + texts).filter { !$0.isEmpty }
      .joined(separator: "  ")
    let rest = DisplayWidth.of(head) + DisplayWidth.of(tail)
    guard hasBar, let fraction else { return rest <= columns ? head + tail : nil }
    // Two ends and a space belong to the bar.
    let width = min(columns - rest - 3, ProgressParts.longestBar)
    guard width >= ProgressParts.shortestBar else { return nil }
    return head + ProgressParts.bar(fraction, width: width, usesUnicode: usesUnicode) + " " + tail
  }

  /// A bar with its two ends, filled to an eighth of a column.
  static func bar(_ fraction: Double, width: Int, usesUnicode: Bool) -> String {
    guard usesUnicode else {
      let full = Int(fraction * Double(width))
      return "[" + String(repeating: "#", count: full)
        + String(repeating: " ", count: width - full) + "]"
    }
    let eighths = Int(fraction * Double(width * 8))
    let blocks = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let partial = blocks[eighths % 8]
    let filled = String(repeating: "█", count: eighths / 8) + partial
    return "▕" + filled + String(repeating: " ", count: width - filled.count) + "▏"
  }

  // MARK: Numbers

  static func countText(done: Int, total: Int?, unit: ProgressBar.Unit) -> String {
    switch unit {
    case .count: return total.map { "\(done)/\($0)" } ?? "\(done)"
    case .bytes:
      guard let total else { return scaled(Double(done)) + "B" }
      return scaled(Double(done)) + "B/" + scaled(Double(total)) + "B"
    }
  }

  static func rateText(_ perSecond: Double, unit: ProgressBar.Unit) -> String {
    switch unit {
    case .bytes: return scaled(perSecond) + "B/s"
    case .count(let name):
      // What takes long is counted by the minute or the hour, not as none a second.
      let (value, per) =
        switch perSecond {
        case 0, 0.095...: (perSecond, "s")
        case (0.95 / 60)...: (perSecond * 60, "min")
        default: (perSecond * 3600, "h")
        }
      var number = scaled(value)
      if number.last == " " { number.removeLast() }
      return number + (name.isEmpty ? "" : " " + name) + "/" + per
    }
  }

  /// Three digits, a space, and a prefix from k to T if it is large: `12.3 k`.
  private static func scaled(_ value: Double) -> String {
    var value = value
    var prefix = ""
    for next in ["k", "M", "G", "T"] where value >= 999.5 {
      value /= 1000
      prefix = next
    }
    let decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
    let scale = [1.0, 10, 100][decimals]
    let rounded = (value * scale).rounded() / scale
    let text = Int64(exactly: rounded).map { "\($0)" } ?? "\(rounded)"
    return text + " " + prefix
  }

  /// `0:07`, `12:34`, `1:02:03`, `2 d 03:04`.
  static func clockText(_ duration: Duration) -> String {
    let seconds = max(0, Int((duration / .seconds(1)).rounded()))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (minutes, hours, days) = (seconds / 60 % 60, seconds / 3600 % 24, seconds / 86400)
    if days > 0 { return "\(days) d \(two(hours)):\(two(minutes))" }
    if hours > 0 { return "\(hours):\(two(minutes)):\(two(seconds % 60))" }
    return "\(minutes):\(two(seconds % 60))"
  }
}
