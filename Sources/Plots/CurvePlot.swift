/// Curves over a plane: what is gained for what it costs.
public struct CurvePlot: Sendable {
  /// A point of a curve.
  public struct Sample: Sendable {
    /// Along the horizontal axis.
    public var x: Double
    /// Along the vertical axis.
    public var y: Double
    /// How far the vertical value spreads to either side; nil if it was measured once.
    public var spread: Double?
    /// What the point is, for those who ask.
    public var label: String

    /// Creates a point.
    public init(x: Double, y: Double, spread: Double? = nil, label: String) {
      self.x = x
      self.y = y
      self.spread = spread
      self.label = label
    }
  }

  /// Points that belong together.
  public struct Curve: Sendable {
    /// The name in the legend.
    public var name: String
    /// The points; they are joined in this order, if at all.
    public var samples: [Sample]
    /// Whether a line joins the points.
    public var isJoined: Bool

    /// Creates a curve.
    public init(name: String, samples: [Sample], isJoined: Bool = true) {
      self.name = name
      self.samples = samples
      self.isJoined = isJoined
    }
  }

  /// A value all curves are compared with.
  public struct Reference: Sendable {
    /// Along the vertical axis.
    public var y: Double
    /// The name in the legend.
    public var name: String

    /// Creates a reference.
    public init(y: Double, name: String) {
      self.y = y
      self.name = name
    }
  }

  /// What the plot shows.
  public var title: String
  /// From left to right.
  public var horizontal: Axis
  /// From bottom to top.
  public var vertical: Axis
  /// The curves; one without points keeps its colour from others.
  public var curves: [Curve]
  /// A dashed line across.
  public var reference: Reference?
  /// Points lower than this are left out, which the legend says; nil to keep all.
  public var floor: Double?

  /// Creates a plot.
  public init(
    title: String, horizontal: Axis, vertical: Axis, curves: [Curve], reference: Reference? = nil,
    floor: Double? = nil
  ) {
    self.title = title
    self.horizontal = horizontal
    self.vertical = vertical
    self.curves = curves
    self.reference = reference
    self.floor = floor
  }

  private static let size = (width: 960.0, height: 540.0)
  private static let left = 74.0
  private static let top = 46.0
  private static let bottom = 62.0

  /// The plot as a drawing; without a point, only its title and a remark.
  public func drawing() -> Drawing {
    var drawing = Drawing(
      width: CurvePlot.size.width, height: CurvePlot.size.height, label: accessibleLabel)
    drawing.elements.append(.text(title, Drawing.Point(20, 26), size: 16, isBold: true))
    let shown = curves.map { curve in
      curve.samples.filter { sample in
        (floor.map { sample.y >= $0 } ?? true) && (horizontal.scale == .linear || sample.x > 0)
      }
    }
    let samples = shown.flatMap(\.self)
    guard !samples.isEmpty else {
      drawing.elements.append(
        .text("there is nothing to show", Drawing.Point(20, 60), .start, size: 13, .muted))
      return drawing
    }
    let x = AxisRange(
      samples.map(\.x), scale: horizontal.scale, isWhole: horizontal.isWhole)
    let y = AxisRange(
      samples.flatMap { [$0.y - ($0.spread ?? 0), $0.y + ($0.spread ?? 0)] }
        + (reference.map { [$0.y] } ?? []), scale: vertical.scale)
    let legendWidth = min(
      300.0,
      40
        + (curves.map(\.name) + legendNotes(shown)).reduce(0) {
          max($0, Drawing.width(of: $1, size: 13))
        })
    let right = CurvePlot.size.width - legendWidth - 30
    func place(_ horizontal: Double, _ vertical: Double) -> Drawing.Point {
      Drawing.Point(
        CurvePlot.left + x.position(horizontal) * (right - CurvePlot.left),
        CurvePlot.size.height - CurvePlot.bottom
          - y.position(vertical) * (CurvePlot.size.height - CurvePlot.bottom - CurvePlot.top))
    }
    drawAxes(x, y, right: right, place, into: &drawing)
    if let reference {
      drawing.elements.append(
        .line(
          [place(x.low, reference.y), place(x.high, reference.y)], .muted, width: 1.5,
          isDashed: true))
    }
    for (index, samples) in shown.enumerated() {
      draw(samples, series: index, place, into: &drawing)
    }
    drawLegend(shown, at: right + 20, into: &drawing)
    return drawing
  }

  private var accessibleLabel: String {
    "\(title): \(vertical.title) against \(horizontal.title), for "
      + curves.filter { !$0.samples.isEmpty }.map(\.name).joined(separator: ", ")
  }

  private func drawAxes(
    _ x: AxisRange, _ y: AxisRange, right: Double,
    _ place: (Double, Double) -> Drawing.Point, into drawing: inout Drawing
  ) {
    let base = CurvePlot.size.height - CurvePlot.bottom
    for tick in y.ticks {
      let point = place(x.low, tick)
      drawing.elements.append(
        .line([point, Drawing.Point(right, point.y)], .grid, width: 1))
      drawing.elements.append(
        .text(
          vertical.format(tick), Drawing.Point(point.x - 8, point.y + 4), .end, size: 12, .muted))
    }
    for tick in x.ticks {
      let point = place(tick, y.low)
      drawing.elements.append(
        .line([Drawing.Point(point.x, CurvePlot.top), point], .grid, width: 1))
      drawing.elements.append(
        .text(
          horizontal.format(tick), Drawing.Point(point.x, base + 19), .middle, size: 12, .muted))
    }
    drawing.elements.append(
      .line(
        [
          Drawing.Point(CurvePlot.left, CurvePlot.top), Drawing.Point(CurvePlot.left, base),
          Drawing.Point(right, base),
        ], .muted, width: 1.2))
    drawing.elements.append(
      .text(horizontal.title, Drawing.Point((CurvePlot.left + right) / 2, base + 44), .middle))
    drawing.elements.append(
      .text(
        vertical.title, Drawing.Point(22, (CurvePlot.top + base) / 2), .middle, isVertical: true))
  }

  private func draw(
    _ samples: [Sample], series: Int, _ place: (Double, Double) -> Drawing.Point,
    into drawing: inout Drawing
  ) {
    if samples.count > 1, curves[series].isJoined {
      drawing.elements.append(
        .line(samples.map { place($0.x, $0.y) }, .series(series), width: 2))
    }
    for sample in samples {
      if let spread = sample.spread, spread > 0 {
        let (low, high) = (place(sample.x, sample.y - spread), place(sample.x, sample.y + spread))
        drawing.elements.append(.line([low, high], .series(series), width: 1.5))
        for end in [low, high] {
          drawing.elements.append(
            .line(
              [Drawing.Point(end.x - 4, end.y), Drawing.Point(end.x + 4, end.y)],
              .series(series), width: 1.5))
        }
      }
      drawing.elements.append(
        .marker(place(sample.x, sample.y), series: series, label: sample.label))
    }
  }

  /// What the legend says beside the names of the curves.
  private func legendNotes(_ shown: [[Sample]]) -> [String] {
    var notes: [String] = []
    if let reference { notes.append(reference.name) }
    let hidden =
      curves.reduce(0) { $0 + $1.samples.count } - shown.reduce(0) { $0 + $1.count }
    if let floor, hidden > 0 {
      notes.append("\(hidden) point\(hidden == 1 ? "" : "s") below \(vertical.format(floor))")
    }
    return notes
  }

  private func drawLegend(_ shown: [[Sample]], at left: Double, into drawing: inout Drawing) {
    var line = CurvePlot.top + 12
    for (index, curve) in curves.enumerated() where !shown[index].isEmpty {
      if curve.isJoined {
        drawing.elements.append(
          .line(
            [Drawing.Point(left, line - 4), Drawing.Point(left + 24, line - 4)], .series(index),
            width: 2))
      }
      drawing.elements.append(.marker(Drawing.Point(left + 12, line - 4), series: index))
      drawing.elements.append(.text(curve.name, Drawing.Point(left + 32, line)))
      line += 22
    }
    for (index, note) in legendNotes(shown).enumerated() {
      if index == 0, reference != nil {
        drawing.elements.append(
          .line(
            [Drawing.Point(left, line - 4), Drawing.Point(left + 24, line - 4)], .muted,
            width: 1.5, isDashed: true))
      }
      drawing.elements.append(
        .text(note, Drawing.Point(left + 32, line), .start, size: 13, .muted))
      line += 22
    }
  }
}
