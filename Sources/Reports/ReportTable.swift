/// A table of a report: what terminals, pages and Markdown show.
public struct ReportTable: Hashable, Sendable {
  /// What it shows; nil if its columns say so.
  public var title: String?
  /// The titles of the columns.
  public var header: [String]
  /// The rows from top to bottom.
  public var rows: [[String]]
  /// What has to be known to read it.
  public var note: String?
  /// The columns of words, which begin at their left; others are numbers.
  public var textColumns: Set<Int>

  /// Creates a table.
  public init(
    title: String? = nil, header: [String], rows: [[String]] = [], note: String? = nil,
    textColumns: Set<Int> = [0]
  ) {
    self.title = title
    self.header = header
    self.rows = rows
    self.note = note
    self.textColumns = textColumns
  }

  /// The table in Markdown, its title before it and its note below.
  public var markdown: String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
    }
    return (title.map { "\($0)\n\n" } ?? "") + line(header)
      + "|" + header.map { _ in "---|" }.joined() + "\n" + rows.map(line).joined()
      + (note.map { "\n\($0)\n" } ?? "")
  }

  /// The table without a column.
  func without(_ title: String) -> ReportTable {
    guard let column = header.firstIndex(of: title) else { return self }
    var table = self
    table.header.remove(at: column)
    table.rows = rows.map { row in row.indices.filter { $0 != column }.map { row[$0] } }
    table.textColumns = Set(textColumns.map { $0 > column ? $0 - 1 : $0 })
    return table
  }
}
