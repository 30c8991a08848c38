/// Horizontal bars that say what a sum is made of.
public struct StackedBars: Sendable {
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

  private static let width = 960.0
  private static let rowHeight = 20.0
  private static let top = 76.0

  /// The plot as a drawing.
  public func drawing() -> Drawing {
    let height = StackedBars.top + Double(bars.count) * StackedBars.rowHeight + 56
    var drawing = Drawing(
      width: StackedBars.width, height: height,
      label: "\(title): \(axis.title) of "
        + bars.map { "\($0.name) \(axis.format($0.values.reduce(0, +)))" }.joined(separator: ", "))
    drawing.elements.append(.text(title, Drawing.Point(20, 26), size: 16, isBold: true))
    drawLegend(into: &drawing)
    let left =
      26 + min(260, bars.reduce(60) { max($0, Drawing.width(of: $1.name, size: 12)) })
    let right = StackedBars.width - 90
    let range = AxisRange([0] + bars.map { $0.values.reduce(0, +) }, scale: .linear)
    func x(_ value: Double) -> Double { left + range.position(value) * (right - left) }
    let base = StackedBars.top + Double(bars.count) * StackedBars.rowHeight
    for tick in range.ticks {
      drawing.elements.append(
        .line(
          [Drawing.Point(x(tick), StackedBars.top), Drawing.Point(x(tick), base)], .grid, width: 1))
      drawing.elements.append(
        .text(axis.format(tick), Drawing.Point(x(tick), base + 18), .middle, size: 12, .muted))
    }
    drawing.elements.append(
      .text(axis.title, Drawing.Point((left + right) / 2, base + 42), .middle))
    for (row, bar) in bars.enumerated() {
      let y = StackedBars.top + Double(row) * StackedBars.rowHeight
      drawing.elements.append(
        .text(bar.name, Drawing.Point(left - 8, y + 14), .end, size: 12))
      var sum = 0.0
      for (part, value) in bar.values.enumerated() {
        drawing.elements.append(
          .rectangle(
            Drawing.Point(x(sum), y + 3), width: x(sum + value) - x(sum),
            height: StackedBars.rowHeight - 6, .series(part),
            label: "\(bar.name), \(parts[part]): \(axis.format(value))"))
        sum += value
      }
      drawing.elements.append(
        .text(axis.format(sum), Drawing.Point(x(sum) + 6, y + 14), .start, size: 12, .muted))
    }
    return drawing
  }

  private func drawLegend(into drawing: inout Drawing) {
    var left = 20.0
    for (index, part) in parts.enumerated() {
      drawing.elements.append(
        .rectangle(Drawing.Point(left, 44), width: 14, height: 12, .series(index)))
      drawing.elements.append(.text(part, Drawing.Point(left + 20, 55), size: 12))
      left += 20 + Drawing.width(of: part, size: 12) + 26
    }
  }
}
