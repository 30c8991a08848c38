/// Fitting a table to the lines of a terminal.
///
/// Titles are wrapped first, then long texts; what is still too wide is divided into tables one
/// below the other, each with the first column. Numbers are never broken.
extension TextTable {
  /// The spaces between columns.
  static let gap = 2
  /// The spaces before a further line of a text.
  static let indent = 2
  /// The columns below which a text is not narrowed for others' sake, if it has as many.
  private static let narrowestText = 20
  /// The columns that a text keeps in any case, if it has as many.
  private static let leastText = 12
  /// The columns up to which a cell among numbers is not wrapped, such as a mean and its interval.
  private static let widestNumber = 32

  /// The table, or parts of it below each other, each with the first column.
  func blocks(columns: Int) -> [TextTable] {
    guard header.count > 2, widths(columns: columns) == nil else { return [self] }
    var blocks: [TextTable] = []
    var block = [0]
    for column in 1..<header.count {
      if block.count > 1, part(block + [column]).widths(columns: columns) == nil {
        blocks.append(part(block))
        block = [0]
      }
      block.append(column)
    }
    return blocks + [part(block)]
  }

  /// The widths of the columns at which the table fits, or else the least it can have.
  func fittedWidths(columns: Int) -> [Int] {
    if let widths = widths(columns: columns) { return widths }
    var widths = header.indices.map(leastWidth)
    // Texts have what the numbers leave.
    for column in widths.indices.reversed() where !isRightAligned(column) {
      let excess = widths.reduce(0, +) + TextTable.gap * (widths.count - 1) - columns
      widths[column] = max(min(widths[column], TextTable.leastText), widths[column] - excess)
    }
    return widths
  }

  /// The widths of the columns; nil if the table does not fit.
  private func widths(columns: Int) -> [Int]? {
    let available = columns - TextTable.gap * (header.count - 1)
    let natural = header.indices.map(naturalWidth)
    if natural.reduce(0, +) <= available { return natural }
    var widths = header.indices.map { max(cellWidth($0), TextLines.leastWidth(of: header[$0])) }
    var excess = widths.reduce(0, +) - available
    if excess <= 0 {
      // What is left goes to titles that then need one line only.
      for column in widths.indices where natural[column] - widths[column] <= -excess {
        excess += natural[column] - widths[column]
        widths[column] = natural[column]
      }
      return widths
    }
    let least = header.indices.map(leastWidth)
    guard least.reduce(0, +) <= available else { return nil }
    for _ in 0..<excess {
      let widest = widths.indices.filter { widths[$0] > least[$0] }.max { widths[$0] < widths[$1] }
      guard let widest else { break }
      widths[widest] -= 1
    }
    return widths
  }

  private func part(_ columns: [Int]) -> TextTable {
    var part = TextTable(
      header: columns.map { header[$0] },
      alignments: columns.map { isRightAligned($0) ? .right : .left })
    for row in rows { part.append(columns.map { row[$0] }) }
    return part
  }

  private func cellWidth(_ column: Int) -> Int {
    rows.reduce(0) { max($0, DisplayWidth.of($1[column])) }
  }

  private func naturalWidth(_ column: Int) -> Int {
    max(DisplayWidth.of(header[column]), cellWidth(column))
  }

  /// The width below which a column would break numbers, or texts into too many lines.
  private func leastWidth(_ column: Int) -> Int {
    let title = TextLines.leastWidth(of: header[column])
    let isRight = isRightAligned(column)
    return rows.reduce(title) { least, row in
      let width = DisplayWidth.of(row[column])
      if isRight, width <= TextTable.widestNumber { return max(least, width) }
      let words = TextLines.leastWidth(of: row[column]) + TextTable.indent
      return max(least, min(width, max(words, TextTable.narrowestText)))
    }
  }
}
