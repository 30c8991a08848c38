/// A table of text with aligned columns; numbers stand at the right of theirs.
public struct TextTable: Hashable, Sendable {
  /// Where the cells of a column stand.
  public enum Alignment: Hashable, Sendable {
    /// At the left.
    case left
    /// At the right.
    case right
    /// At the right if every cell is a number, with or without a unit, else at the left.
    case automatic
  }

  /// The titles of the columns.
  public let header: [String]
  /// The alignment of each column.
  public let alignments: [Alignment]
  /// The rows from top to bottom, each with a cell for every column.
  public private(set) var rows: [[String]] = []

  /// Creates a table without rows.
  ///
  /// - Parameter alignments: of the first columns; the others are automatic.
  public init(header: [String], alignments: [Alignment] = []) {
    self.header = header
    self.alignments = (0..<header.count).map {
      alignments.indices.contains($0) ? alignments[$0] : .automatic
    }
  }

  /// Adds a row at the bottom; missing cells are empty.
  ///
  /// - Precondition: no more cells than columns.
  public mutating func append(_ row: [String]) {
    precondition(
      row.count <= header.count, "TextTable: \(row.count) cells, \(header.count) columns")
    // A cell is one line, or else the columns after it could not be aligned.
    rows.append((0..<header.count).map { row.indices.contains($0) ? TextTable.line(row[$0]) : "" })
  }

  private static func line(_ text: String) -> String {
    String(printable(text).map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }

  /// The table as lines: header, rule, rows.
  ///
  /// Nothing is cut off, however wide it gets.
  ///
  /// - Parameter usesUnicode: whether the rule may be drawn with a box character.
  public func rendered(usesUnicode: Bool = true) -> String {
    guard !header.isEmpty else { return "" }
    let titles = header.map(TextTable.line)
    let widths = titles.indices.map { column in
      ([titles] + rows).reduce(0) { max($0, DisplayWidth.of($1[column])) }
    }
    let right = titles.indices.map(isRightAligned)
    func text(_ cells: [String]) -> String {
      var line = ""
      for column in cells.indices {
        let padding = String(
          repeating: " ", count: widths[column] - DisplayWidth.of(cells[column]))
        line += (column == 0 ? "" : "  ")
        line += right[column] ? padding + cells[column] : cells[column] + padding
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }
    let rule = widths.map { String(repeating: usesUnicode ? "─" : "-", count: $0) }
      .joined(separator: "  ")
    return text(titles) + rule + "\n" + rows.map(text).joined()
  }

  /// Writes the table to a sink.
  public func write(to sink: some TextSink) {
    sink.write(rendered(usesUnicode: sink.capabilities.showsUnicode))
  }

  private func isRightAligned(_ column: Int) -> Bool {
    switch alignments[column] {
    case .left: return false
    case .right: return true
    case .automatic:
      let cells = rows.map { $0[column] }.filter { !["", "-", "–", "—", "?"].contains($0) }
      return !cells.isEmpty && cells.allSatisfy(TextTable.isNumber)
    }
  }

  /// Whether a text is a number such as `-3`, `443,264`, `87.3 %`, `64 MiB`, or `92.1 ± 0.4`.
  static func isNumber(_ text: String) -> Bool {
    var rest = Substring(text)
    if let sign = rest.first, "+-−<>~".contains(sign) { rest.removeFirst() }
    guard let first = rest.first, first.isNumber else { return false }
    rest = rest.drop { $0.isNumber || ".,±+-−% ".contains($0) }
    // What remains is one unit: letters, or a power of ten and what follows it.
    return rest.allSatisfy { $0.isLetter || "/%²³".contains($0) }
      || (rest.first == "e" && rest.dropFirst().allSatisfy { $0.isNumber || "+-".contains($0) })
  }
}
