public import Terminal

extension ReportTable {
  /// The table as a terminal shows it, without title and note.
  public var text: TextTable {
    var text = TextTable(
      header: header,
      alignments: header.indices.map { textColumns.contains($0) ? .left : .right })
    for row in rows { text.append(row) }
    return text
  }
}
