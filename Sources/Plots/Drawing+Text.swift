extension Drawing {
  /// About how wide a text is, in pixels.
  static func width(of text: String, size: Double) -> Double { Double(text.count) * size * 0.56 }

  /// A text as lines that are not wider than some pixels, broken between words or else in a word.
  static func lines(of text: String, width: Double, size: Double) -> [String] {
    let room = max(1, Int(width / (size * 0.56)))
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if line.isEmpty {
        line = String(word)
      } else if line.count + 1 + word.count <= room {
        line += " " + word
      } else {
        lines.append(line)
        line = String(word)
      }
      while line.count > room {
        lines.append(String(line.prefix(room)))
        line = String(line.dropFirst(room))
      }
    }
    return line.isEmpty && !lines.isEmpty ? lines : lines + [line]
  }
}
