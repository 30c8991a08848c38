/// Which classes are taken for which.
public struct ConfusionPlot: Sendable {
  /// What the plot shows.
  public var title: String
  /// The names of the classes.
  public var names: [String]
  /// `counts[true][predicted]`.
  public var counts: [[Int]]

  /// Creates a plot.
  ///
  /// - Precondition: as many rows and columns as names.
  public init(title: String, names: [String], counts: [[Int]]) {
    precondition(
      counts.count == names.count && counts.allSatisfy { $0.count == names.count },
      "ConfusionPlot: \(counts.count) rows for \(names.count) classes")
    self.title = title
    self.names = names
    self.counts = counts
  }

  private static let top = 64.0
  private static let side = 520.0
  /// The most classes whose shares are written into their cells.
  private static let written = 12

  /// The plot as a drawing: a row for each true class, shaded by the share that is taken for each.
  public func drawing() -> Drawing {
    let cell = max(10, min(44, ConfusionPlot.side / Double(max(1, names.count))))
    let left = 30 + names.reduce(40) { max($0, Drawing.width(of: $1, size: 12)) }
    let width = left + cell * Double(names.count)
    let base = ConfusionPlot.top + cell * Double(names.count)
    let below = names.reduce(30) { max($0, Drawing.width(of: $1, size: 12)) }
    var drawing = Drawing(
      width: max(width, 20 + Drawing.width(of: title, size: 17)) + 30,
      height: base + below + 44,
      label: "\(title): the share of each true class that is taken for each class")
    drawing.elements.append(.text(title, Drawing.Point(20, 26), size: 16, isBold: true))
    drawing.elements.append(
      .text("rows: true class, columns: answer", Drawing.Point(20, 46), .start, size: 12, .muted))
    for (row, name) in names.enumerated() {
      let y = ConfusionPlot.top + cell * Double(row)
      drawing.elements.append(
        .text(name, Drawing.Point(left - 8, y + cell / 2 + 4), .end, size: 12, .muted))
      let total = counts[row].reduce(0, +)
      for (column, other) in names.enumerated() {
        let share = total == 0 ? 0 : Double(counts[row][column]) / Double(total)
        let corner = Drawing.Point(left + cell * Double(column), y)
        drawing.elements.append(
          .rectangle(
            corner, width: cell - 1, height: cell - 1, .shade(0.04 + 0.66 * share),
            label: "\(name) taken for \(other): \(counts[row][column]) of \(total)"))
        guard names.count <= ConfusionPlot.written, share >= 0.005 else { continue }
        drawing.elements.append(
          .text(
            short(100 * share, decimals: 0),
            Drawing.Point(corner.x + cell / 2 - 0.5, corner.y + cell / 2 + 4), .middle, size: 12))
      }
    }
    for (column, name) in names.enumerated() {
      let x = left + cell * (Double(column) + 0.5) + 4
      drawing.elements.append(
        .text(
          name, Drawing.Point(x, base + 8), .end, size: 12, .muted, isVertical: true))
    }
    return drawing
  }
}
