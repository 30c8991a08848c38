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
    self.header = header.map(TextTable.line)
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
  /// Nothing is cut off. A table that is too wide has its titles wrapped, then its texts, and is at
  /// last divided into tables below each other that repeat the first column.
  ///
  /// - Parameters:
  ///   - columns: the width that no line exceeds unless a single number does; nil for any.
  ///   - usesUnicode: whether the rule may be drawn with a box character.
  public func rendered(columns: Int? = nil, usesUnicode: Bool = true) -> String {
    guard !header.isEmpty else { return "" }
    let columns = columns ?? .max
    return blocks(columns: columns)
      .map { $0.lines(widths: $0.fittedWidths(columns: columns), usesUnicode) }
      .joined(separator: "\n")
  }

  /// The lines of a table whose columns have widths.
  private func lines(widths: [Int], _ usesUnicode: Bool) -> String {
    let right = header.indices.map(isRightAligned)
    func wrapped(_ cells: [String], indent: Int = 0) -> [[String]] {
      cells.indices.map { column in
        DisplayWidth.of(cells[column]) <= widths[column]
          ? [cells[column]]
          : TextLines.of(
            cells[column], columns: widths[column], indent: right[column] ? 0 : indent)
      }
    }
    func text(_ cells: [[String]], fromBottom: Bool = false) -> String {
      let height = cells.reduce(1) { max($0, $1.count) }
      return (0..<height).map { row in
        var line = ""
        for column in cells.indices {
          let lines = cells[column]
          let index = fromBottom ? row - (height - lines.count) : row
          let cell = lines.indices.contains(index) ? lines[index] : ""
          let padding = String(
            repeating: " ", count: max(0, widths[column] - DisplayWidth.of(cell)))
          line += String(repeating: " ", count: column == 0 ? 0 : TextTable.gap)
          line += right[column] ? padding + cell : cell + padding
        }
        while line.last == " " { line.removeLast() }
        return line + "\n"
      }.joined()
    }
    let rule = widths.map { String(repeating: usesUnicode ? "─" : "-", count: $0) }
      .joined(separator: String(repeating: " ", count: TextTable.gap))
    return text(wrapped(header), fromBottom: true) + rule + "\n"
      + rows.map { text(wrapped($0, indent: TextTable.indent)) }.joined()
  }

  /// Writes the table to a sink, no wider than its lines.
  public func write(to sink: some TextSink) {
    let capabilities = sink.capabilities
    sink.write(
      rendered(
        columns: max(capabilities.columns, TextTable.narrowest),
        usesUnicode: capabilities.showsUnicode))
  }

  /// The width that tables have in a window that is narrower.
  private static let narrowest = 40

  func isRightAligned(_ column: Int) -> Bool {
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
