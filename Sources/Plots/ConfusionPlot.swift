/// Which classes are taken for which.
public struct ConfusionPlot: Plot {
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

  private static let side = 520.0
  /// The most classes whose shares are written into their cells.
  private static let written = 12
  /// The most classes that have room on a narrow page; with more the wide picture is made smaller.
  private static let narrowClasses = 20

  /// The plot as a drawing: a row for each true class, shaded by the share that is taken for each.
  public func drawing(_ layout: PlotLayout) -> Drawing {
    let layout = names.count <= ConfusionPlot.narrowClasses ? layout : .wide
    let longest = names.reduce(0) { max($0, Drawing.width(of: $1, size: 12)) }
    let room = layout == .wide ? longest : min(longest, 110)
    let left = layout == .wide ? 30 + max(40, room) : 12 + max(20, room)
    let side = layout == .wide ? ConfusionPlot.side : layout.width - left - 2
    let cell = max(10, min(44, side / Double(max(1, names.count))))
    let top = layout.titleEnd(title) + 38
    let base = top + cell * Double(names.count)
    let titleWidth = Drawing.width(of: title, size: 17)
    let wideWidth = max(left + cell * Double(names.count), 20 + titleWidth) + 30
    var drawing = Drawing(
      width: layout == .wide ? wideWidth : layout.width, height: base + max(30, room) + 44,
      label: "\(title): the share of each true class that is taken for each class")
    let line = layout.draw(title: title, into: &drawing)
    drawing.elements.append(
      .text(
        "rows: true class, columns: answer", Drawing.Point(layout.margin, line + 20), .start,
        size: 12, .muted))
    func shortened(_ name: String) -> String {
      let letters = Int((room / Drawing.width(of: "m", size: 12)).rounded())
      return name.count <= letters ? name : name.prefix(max(1, letters - 1)) + "…"
    }
    for (row, name) in names.enumerated() {
      let y = top + cell * Double(row)
      drawing.elements.append(
        .text(
          shortened(name), Drawing.Point(left - 8, y + cell / 2 + 4), .end, size: 12, .muted))
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
          shortened(name), Drawing.Point(x, base + 8), .end, size: 12, .muted, isVertical: true))
    }
    return drawing
  }
}
