extension CurvePlot {
  /// The rectangle that the axes enclose, and the room beside or below it.
  private struct Frame {
    var left: Double
    var right: Double
    var top: Double
    var base: Double
    /// Where the legend begins.
    var legend: Drawing.Point
  }

  /// A line of the legend.
  private struct Entry {
    /// The series, or nil for the reference and remarks.
    var series: Int?
    var isJoined = false
    var isDashed = false
    var lines: [String]
  }

  private static let lineHeight = 22.0
  private static let wrappedLineHeight = 16.0
  /// The room of a mark before a name in the legend.
  private static let markWidth = 32.0

  /// The plot as a drawing; without a point, only its title and a remark.
  public func drawing(_ layout: PlotLayout) -> Drawing {
    let shown = curves.map { curve in
      curve.samples.filter { sample in
        (floor.map { sample.y >= $0 } ?? true) && (horizontal.scale == .linear || sample.x > 0)
      }
    }
    let samples = shown.flatMap(\.self)
    let legend = legend(shown, layout)
    let frame = frame(layout, legend)
    var drawing = Drawing(
      width: layout.width, height: height(layout, frame, legend), label: accessibleLabel)
    let title = layout.draw(title: title, into: &drawing)
    guard !samples.isEmpty else {
      drawing.elements.append(
        .text(
          "there is nothing to show", Drawing.Point(layout.margin, title + 34), .start, size: 13,
          .muted))
      return drawing
    }
    let x = AxisRange(
      samples.map(\.x), scale: horizontal.scale, isWhole: horizontal.isWhole,
      bounds: horizontal.bounds)
    let y = AxisRange(
      samples.flatMap { sample in
        [sample.y] + [-1.0, 1].map { vertical.clamped(sample.y + $0 * (sample.spread ?? 0)) }
      } + (reference.map { [$0.y] } ?? []), scale: vertical.scale, isWhole: vertical.isWhole,
      bounds: vertical.bounds)
    func place(_ horizontal: Double, _ vertical: Double) -> Drawing.Point {
      Drawing.Point(
        frame.left + x.position(horizontal) * (frame.right - frame.left),
        frame.base - y.position(vertical) * (frame.base - frame.top))
    }
    drawAxes(x, y, frame, layout, place, into: &drawing)
    if let reference {
      drawing.elements.append(
        .line(
          [place(x.low, reference.y), place(x.high, reference.y)], .muted, width: 1.5,
          isDashed: true))
    }
    for (index, samples) in shown.enumerated() {
      draw(samples, series: index, place, into: &drawing)
    }
    draw(legend, at: frame.legend, into: &drawing)
    return drawing
  }

  private var accessibleLabel: String {
    "\(title): \(vertical.title) against \(horizontal.title), for "
      + curves.filter { !$0.samples.isEmpty }.map(\.name).joined(separator: ", ")
  }

  // MARK: - Layout

  private func frame(_ layout: PlotLayout, _ legend: [Entry]) -> Frame {
    let top = layout.titleEnd(title) + 20
    switch layout {
    case .wide:
      let widest = legend.flatMap(\.lines).reduce(0) {
        max($0, Drawing.width(of: $1, size: 13))
      }
      let right = layout.width - min(300, widest + 40) - 30
      return Frame(
        left: 74, right: right, top: top, base: 478, legend: Drawing.Point(right + 20, top + 12))
    case .narrow:
      let base = top + 240
      let titles = horizontalTitle(layout).count
      return Frame(
        left: 58, right: layout.width - 14, top: top, base: base,
        legend: Drawing.Point(
          layout.margin, base + 54 + CurvePlot.wrappedLineHeight * Double(titles)))
    }
  }

  private func height(_ layout: PlotLayout, _ frame: Frame, _ legend: [Entry]) -> Double {
    let below = legend.reduce(frame.legend.y) { $0 + CurvePlot.height(of: $1) }
    return layout == .wide ? max(540, below) : below
  }

  private static func height(of entry: Entry) -> Double {
    lineHeight + wrappedLineHeight * Double(entry.lines.count - 1)
  }

  private func horizontalTitle(_ layout: PlotLayout) -> [String] {
    layout == .wide
      ? [horizontal.title] : Drawing.lines(of: horizontal.title, width: layout.width - 72, size: 13)
  }

  // MARK: - Axes

  private func drawAxes(
    _ x: AxisRange, _ y: AxisRange, _ frame: Frame, _ layout: PlotLayout,
    _ place: (Double, Double) -> Drawing.Point, into drawing: inout Drawing
  ) {
    for tick in y.ticks {
      let point = place(x.low, tick)
      drawing.elements.append(.line([point, Drawing.Point(frame.right, point.y)], .grid, width: 1))
      drawing.elements.append(
        .text(
          vertical.format(tick), Drawing.Point(point.x - 8, point.y + 4), .end, size: 12, .muted))
    }
    for tick in x.ticks {
      let point = place(tick, y.low)
      drawing.elements.append(.line([Drawing.Point(point.x, frame.top), point], .grid, width: 1))
    }
    for tick in x.labelled(horizontal.format, from: frame.left, to: frame.right) {
      drawing.elements.append(
        .text(
          horizontal.format(tick), Drawing.Point(place(tick, y.low).x, frame.base + 19), .middle,
          size: 12, .muted))
    }
    drawing.elements.append(
      .line(
        [
          Drawing.Point(frame.left, frame.top), Drawing.Point(frame.left, frame.base),
          Drawing.Point(frame.right, frame.base),
        ], .muted, width: 1.2))
    for (index, line) in horizontalTitle(layout).enumerated() {
      let y = frame.base + 44 + CurvePlot.wrappedLineHeight * Double(index)
      drawing.elements.append(
        .text(line, Drawing.Point((frame.left + frame.right) / 2, y), .middle))
    }
    let room = frame.base - frame.top
    let size = min(13, 13 * room / max(1, Drawing.width(of: vertical.title, size: 13)))
    drawing.elements.append(
      .text(
        vertical.title, Drawing.Point(layout == .wide ? 22 : 14, (frame.top + frame.base) / 2),
        .middle, size: size, isVertical: true))
  }

  // MARK: - Curves

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
        let (low, high) = (
          place(sample.x, vertical.clamped(sample.y - spread)),
          place(sample.x, vertical.clamped(sample.y + spread))
        )
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

  // MARK: - Legend

  private func legend(_ shown: [[Sample]], _ layout: PlotLayout) -> [Entry] {
    func lines(_ text: String) -> [String] {
      let room = layout == .wide ? 262 : layout.width - 2 * layout.margin - CurvePlot.markWidth
      return Drawing.lines(of: text, width: room, size: 13)
    }
    var entries = curves.indices.filter { !shown[$0].isEmpty }.map {
      Entry(series: $0, isJoined: curves[$0].isJoined, lines: lines(curves[$0].name))
    }
    if let reference { entries.append(Entry(isDashed: true, lines: lines(reference.name))) }
    let hidden =
      curves.reduce(0) { $0 + $1.samples.count } - shown.reduce(0) { $0 + $1.count }
    if let floor, hidden > 0 {
      let text = "\(hidden) point\(hidden == 1 ? "" : "s") below \(vertical.format(floor))"
      entries.append(Entry(lines: lines(text)))
    }
    return entries
  }

  private func draw(_ legend: [Entry], at corner: Drawing.Point, into drawing: inout Drawing) {
    var line = corner.y
    for entry in legend {
      let mark = [Drawing.Point(corner.x, line - 4), Drawing.Point(corner.x + 24, line - 4)]
      if let series = entry.series {
        if entry.isJoined { drawing.elements.append(.line(mark, .series(series), width: 2)) }
        drawing.elements.append(.marker(Drawing.Point(corner.x + 12, line - 4), series: series))
      } else if entry.isDashed {
        drawing.elements.append(.line(mark, .muted, width: 1.5, isDashed: true))
      }
      for (index, text) in entry.lines.enumerated() {
        let place = Drawing.Point(
          corner.x + CurvePlot.markWidth, line + CurvePlot.wrappedLineHeight * Double(index))
        drawing.elements.append(
          .text(text, place, .start, size: 13, entry.series == nil ? .muted : .text))
      }
      line += CurvePlot.height(of: entry)
    }
  }
}
