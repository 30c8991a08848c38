/// Horizontal bars that say what a sum is made of.
public struct StackedBars: Plot {
  /// A bar.
  public struct Bar: Sendable {
    /// What it is of.
    public var name: String
    /// The value of each part, none negative.
    public var values: [Double]

    /// Creates a bar.
    public init(name: String, values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  /// What the plot shows.
  public var title: String
  /// Along the bars.
  public var axis: Axis
  /// The names of the parts, in their order from the left.
  public var parts: [String]
  /// The bars from top to bottom.
  public var bars: [Bar]

  /// Creates a plot.
  ///
  /// - Precondition: each bar has as many values as there are parts.
  public init(title: String, axis: Axis, parts: [String], bars: [Bar]) {
    precondition(bars.allSatisfy { $0.values.count == parts.count }, "StackedBars: parts")
    self.title = title
    self.axis = axis
    self.parts = parts
    self.bars = bars
  }

  private static let partHeight = 20.0

  /// The plot as a drawing.
  ///
  /// A wide one has the names of the bars at their left, a narrow one above them.
  public func drawing(_ layout: PlotLayout) -> Drawing {
    let legend = legend(layout)
    let top = layout.titleEnd(title) + 30 + 20 * Double(legend.rows)
    let names = bars.map {
      Drawing.lines(of: $0.name, width: layout.width - 2 * layout.margin, size: 12)
    }
    let nameHeight = layout == .wide ? 0 : 16 * Double(names.map(\.count).max() ?? 1)
    let rowHeight = StackedBars.partHeight + nameHeight
    let base = top + Double(bars.count) * rowHeight
    var drawing = Drawing(
      width: layout.width, height: base + 56,
      label: "\(title): \(axis.title) of "
        + bars.map { "\($0.name) \(axis.format($0.values.reduce(0, +)))" }.joined(separator: ", "))
    let title = layout.draw(title: title, into: &drawing)
    for part in legend.parts {
      let y = title + 18 + 20 * Double(part.row)
      drawing.elements.append(
        .rectangle(Drawing.Point(part.left, y), width: 14, height: 12, .series(part.index)))
      drawing.elements.append(
        .text(parts[part.index], Drawing.Point(part.left + 20, y + 11), size: 12))
    }
    let range = AxisRange(
      [0] + bars.map { $0.values.reduce(0, +) }, scale: .linear, bounds: axis.bounds)
    let (left, right) = sides(layout)
    func x(_ value: Double) -> Double { left + range.position(value) * (right - left) }
    for tick in range.ticks {
      drawing.elements.append(
        .line([Drawing.Point(x(tick), top), Drawing.Point(x(tick), base)], .grid, width: 1))
    }
    for tick in range.labelled(axis.format, from: left, to: right) {
      drawing.elements.append(
        .text(axis.format(tick), Drawing.Point(x(tick), base + 18), .middle, size: 12, .muted))
    }
    drawing.elements.append(
      .text(axis.title, Drawing.Point((left + right) / 2, base + 42), .middle))
    for (row, bar) in bars.enumerated() {
      let y = top + Double(row) * rowHeight + (rowHeight - StackedBars.partHeight)
      if layout == .wide {
        drawing.elements.append(
          .text(bar.name, Drawing.Point(left - 8, y + 14), .end, size: 12))
      } else {
        for (index, line) in names[row].reversed().enumerated() {
          drawing.elements.append(
            .text(line, Drawing.Point(layout.margin, y - 16 * Double(index)), size: 12))
        }
      }
      var sum = 0.0
      for (part, value) in bar.values.enumerated() {
        drawing.elements.append(
          .rectangle(
            Drawing.Point(x(sum), y + 3), width: x(sum + value) - x(sum),
            height: StackedBars.partHeight - 6, .series(part),
            label: "\(bar.name), \(parts[part]): \(axis.format(value))"))
        sum += value
      }
      drawing.elements.append(
        .text(axis.format(sum), Drawing.Point(x(sum) + 6, y + 14), .start, size: 12, .muted))
    }
    return drawing
  }

  /// Where bars begin, and where the longest may end before its sum.
  private func sides(_ layout: PlotLayout) -> (left: Double, right: Double) {
    let sums = bars.reduce(0) {
      max($0, Drawing.width(of: axis.format($1.values.reduce(0, +)), size: 12))
    }
    switch layout {
    case .wide:
      let names = bars.reduce(60) { max($0, Drawing.width(of: $1.name, size: 12)) }
      return (26 + min(260, names), layout.width - max(90, sums + 12))
    case .narrow: return (layout.margin + 12, layout.width - sums - 12)
    }
  }

  /// The places of the parts' names, beside each other as long as they fit.
  private func legend(
    _ layout: PlotLayout
  ) -> (parts: [(index: Int, left: Double, row: Int)], rows: Int) {
    var places: [(index: Int, left: Double, row: Int)] = []
    var (left, row) = (layout.margin, 0)
    for (index, part) in parts.enumerated() {
      let width = 20 + Drawing.width(of: part, size: 12)
      if left > layout.margin, left + width > layout.width - layout.margin {
        (left, row) = (layout.margin, row + 1)
      }
      places.append((index, left, row))
      left += width + 26
    }
    return (places, row + 1)
  }
}
