/// A table of text: lines of cells between commas, semicolons or tabs, quoted where need be.
///
/// RFC 4180, with the separator that the header has, and any line ends.
struct DelimitedTable {
  /// A row and the line of the file that it begins in, from 1.
  struct Row {
    var line: Int
    var cells: [String]
  }

  /// The names of the columns.
  let header: [String]
  /// The rows below the header; lines without text are passed over.
  let rows: [Row]

  /// Reads a table.
  ///
  /// - Parameter file: what errors call it.
  /// - Throws: ``DatasetError/malformed(file:what:expected:found:)`` for a quote that does not end,
  ///   or a row of another length than the header.
  init(_ text: String, file: String) throws(DatasetError) {
    var text = text[...]
    var firstLine = text.prefix { !$0.isNewline }
    let separators: [Character] = [",", ";", "\t"]
    var separator = separators.first { firstLine.contains($0) } ?? ","
    // Spreadsheets may say in a line of its own what separates cells.
    if let match = firstLine.wholeMatch(of: /(?i)sep=(.)/), let given = match.1.first {
      separator = given
      text = text.dropFirst(firstLine.count).drop(while: \.isNewline)
      firstLine = text.prefix { !$0.isNewline }
    }
    var all = try DelimitedTable.rows(of: text, separator, file: file)
    header = all.isEmpty ? [] : all.removeFirst().cells
    for row in all where row.cells.count != header.count {
      throw .malformed(
        file: file, what: "line \(row.line)", expected: "\(header.count) columns",
        found: "\(row.cells.count)")
    }
    rows = all
  }

  private static func rows(
    of text: Substring, _ separator: Character, file: String
  ) throws(DatasetError) -> [Row] {
    var rows: [Row] = []
    var row = Row(line: 1, cells: [])
    var cell = ""
    var line = 1
    var isQuoted = false
    var wasQuoted = false
    func ended(_ cell: String) -> String { wasQuoted ? cell : String(cell.trimmed) }
    func finish() {
      row.cells.append(ended(cell))
      if row.cells != [""] { rows.append(row) }
      cell = ""
      wasQuoted = false
    }
    var characters = text.makeIterator()
    var next = characters.next()
    while let character = next {
      next = characters.next()
      if isQuoted {
        if character == "\"" {
          // Two quotes within quotes are one.
          if next == "\"" {
            cell.append("\"")
            next = characters.next()
          } else {
            isQuoted = false
          }
        } else {
          cell.append(character)
          if character.isNewline { line += 1 }
        }
      } else if character == "\"", cell.allSatisfy(\.isWhitespace) {
        (isQuoted, wasQuoted, cell) = (true, true, "")
      } else if character == separator {
        row.cells.append(ended(cell))
        (cell, wasQuoted) = ("", false)
      } else if character.isNewline {
        finish()
        line += 1
        row = Row(line: line, cells: [])
      } else if !wasQuoted || !character.isWhitespace {
        cell.append(character)
      }
    }
    guard !isQuoted else {
      throw .malformed(
        file: file, what: "line \(row.line)", expected: "a quote that ends", found: "none")
    }
    finish()
    return rows
  }
}
