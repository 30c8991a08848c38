/// Breaks text into lines of a terminal, between words and never inside a number.
package enum TextLines {
  /// The widest word that is not divided to save room.
  private static let longestWord = 24

  /// The lines of a text, none wider than a number of columns unless a number alone is.
  ///
  /// - Parameter indent: the spaces before every line but the first.
  package static func of(_ text: String, columns: Int, indent: Int = 0) -> [String] {
    let indent = min(indent, max(0, columns - 1))
    var lines: [String] = []
    var line = ""
    func room() -> Int { max(1, columns - (lines.isEmpty ? 0 : indent)) }
    for word in words(text) {
      if line.isEmpty {
        line = word
      } else if DisplayWidth.of(line) + 1 + DisplayWidth.of(word) <= room() {
        line += " " + word
      } else {
        lines.append(line)
        line = word
      }
      while DisplayWidth.of(line) > room(), let parts = divided(line, columns: room()) {
        lines.append(parts.head)
        line = parts.tail
      }
    }
    lines.append(line)
    let space = String(repeating: " ", count: indent)
    return lines.enumerated().map { $0 == 0 ? $1 : space + $1 }
  }

  /// The columns that the widest part of a text needs if it is broken wherever it may be.
  static func leastWidth(of text: String) -> Int {
    words(text).reduce(0) { least, word in
      let width = DisplayWidth.of(word)
      guard width > longestWord else { return max(least, width) }
      return max(least, parts(of: word).reduce(longestWord) { max($0, DisplayWidth.of($1)) })
    }
  }

  // MARK: - Words

  /// The parts of a text between which a line may end: words, a number together with its unit, and
  /// what stands in brackets.
  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    var depth = 0
    for token in text.split(separator: " ") {
      if let last = words.last, depth > 0 || belongs(token, to: last) {
        words[words.count - 1] = last + " " + token
      } else {
        words.append(String(token))
      }
      depth = max(0, depth + token.reduce(0) { $0 + ($1 == "[" ? 1 : $1 == "]" ? -1 : 0) })
    }
    return words.isEmpty ? [""] : words
  }

  /// Whether a word is part of what is before it: the unit of a number, or the number of a sign.
  private static func belongs(_ word: Substring, to previous: String) -> Bool {
    let last = previous.split(separator: " ").last ?? ""
    if isSign(last) || word == "%" || isSign(word) && word != "+" { return true }
    guard let first = last.first, first.isNumber || isSign("\(first)"),
      last.last?.isNumber ?? false
    else { return false }
    return word.count <= 6 && !(word.first?.isNumber ?? true) && word != "+"
  }

  private static func isSign(_ word: some StringProtocol) -> Bool {
    word.count == 1 && "±×–−+-<>≤≥≈~=".contains(word)
  }

  // MARK: - Parts of words

  /// A word in two, the first part as long as fits; nil if it has no place to divide it at.
  private static func divided(_ word: String, columns: Int) -> (head: String, tail: String)? {
    let parts = parts(of: word)
    var head = ""
    for part in parts {
      if DisplayWidth.of(head) + DisplayWidth.of(part) > columns { break }
      head += part
    }
    if head.isEmpty {
      // Not even its first part fits: anywhere, as long as no number is torn.
      let letters = Array(parts[0])
      let fit = DisplayWidth.prefix(parts[0], columns: columns).count
      let end = (1..<max(1, letters.count)).last { $0 <= fit && !isInsideNumber(letters, $0) }
      guard let end else {
        return parts.count > 1 ? (parts[0], String(word.dropFirst(parts[0].count))) : nil
      }
      head = String(letters[..<end])
    }
    let tail = String(word.dropFirst(head.count).drop { $0 == " " })
    return tail.isEmpty ? nil : (head, tail)
  }

  /// The parts of a path or a long name: each ends with what separates it from the next.
  private static func parts(of word: String) -> [String] {
    let letters = Array(word)
    var parts: [String] = []
    var part = ""
    for (index, letter) in letters.enumerated() {
      part.append(letter)
      guard "/\\_-.,;:→|& ".contains(letter), index > 0, index + 1 < letters.count,
        !(letters[index - 1].isNumber && letters[index + 1].isNumber),
        !isInsideNumber(letters, index + 1)
      else { continue }
      parts.append(part)
      part = ""
    }
    if !part.isEmpty { parts.append(part) }
    return parts
  }

  /// Whether a number goes on over a place between two letters.
  private static func isInsideNumber(_ letters: [Character], _ place: Int) -> Bool {
    func isPart(_ letter: Character) -> Bool { letter.isNumber || ".,+-−±% ".contains(letter) }
    return isPart(letters[place - 1]) && isPart(letters[place])
  }
}
