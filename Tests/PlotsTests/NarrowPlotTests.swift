import Plots
import Testing

/// Plots as they are drawn for a phone.
@Suite struct NarrowPlotTests {
  private static let longName = "early exit at layer2.0.shortcut.slice with 24 channels, chosen"

  private static let curves = CurvePlot(
    title: "Encoder size × data size and quality of every system, shapes/test",
    horizontal: Axis(
      "encoder size × bytes per image, KiB² (logarithmic)", .logarithmic, format: Axis.bytes),
    vertical: Axis("accuracy with shared weights on validation images, %", format: Axis.number),
    curves: (0..<3).map { index in
      CurvePlot.Curve(
        name: "\(longName) \(index)",
        samples: [1, 7, 400, 90_000].map {
          CurvePlot.Sample(x: Double($0), y: Double(60 + index), spread: 2, label: "")
        })
    }, reference: CurvePlot.Reference(y: 90, name: "uncompressed"), floor: 10)

  private static let bars = StackedBars(
    title: "Latency over LTE (10 Mbit/s, 40 ms) of every system",
    axis: Axis("ms per image", format: Axis.number),
    parts: ["device and encoder", "uplink", "round trip", "decoder and server", "downlink"],
    bars: [
      StackedBars.Bar(name: longName, values: [1, 2000, 40, 3, 4]),
      StackedBars.Bar(name: "pixels", values: [0, 1, 40, 3, 4]),
    ])

  private static let confusion = ConfusionPlot(
    title: "What is taken for what, % of each class",
    names: (0..<10).map { "a class of long name \($0)" },
    counts: (0..<10).map { row in (0..<10).map { $0 == row ? 9 : 1 } })

  static let plots: [any Plot] = [curves, bars, confusion]

  /// About how wide the letters of a drawing are, in parts of their size.
  private static let letterWidth = 0.56

  @Test(arguments: 0..<3) func everythingLiesInsideAPhone(index: Int) {
    let drawing = Self.plots[index].drawing(.narrow)
    #expect(drawing.width == PlotLayout.narrow.width && drawing.width <= 358)
    for element in drawing.elements {
      switch element {
      case .text(let text, let place, let anchor, let size, _, _, let isVertical):
        let length = Double(text.count) * size * Self.letterWidth
        let before = anchor == .start ? 0 : anchor == .middle ? length / 2 : length
        let (start, extent) =
          isVertical
          ? (drawing.height - place.y - before, drawing.height) : (place.x - before, drawing.width)
        #expect(start >= -1 && start + length <= extent + 8, "\(text)")
        #expect(place.y > 0 && place.y <= drawing.height)
        #expect(size >= 10 || isVertical)
      case .line(let points, _, _, _):
        for point in points {
          #expect(point.x >= 0 && point.x <= drawing.width)
          #expect(point.y >= 0 && point.y <= drawing.height)
        }
      case .rectangle(let corner, let width, let height, _, _):
        #expect(corner.x >= 0 && corner.x + width <= drawing.width)
        #expect(corner.y >= 0 && corner.y + height <= drawing.height)
      case .marker(let center, _, _):
        #expect(center.x > 0 && center.x < drawing.width && center.y < drawing.height)
      }
    }
  }

  /// What is said in a wide drawing is said in a narrow one, wrapped or not.
  @Test func legendsAndTitlesAreComplete() {
    let words = Self.curves.drawing(.narrow).elements.compactMap { element -> String? in
      if case .text(let text, _, _, _, _, _, _) = element { text } else { nil }
    }.joined(separator: " ")
    for part in [
      Self.curves.title, Self.curves.horizontal.title, "\(Self.longName) 2", "uncompressed",
    ] {
      #expect(words.contains(part), "\(part)")
    }
  }

  @Test func labelsOfAnAxisDoNotOverlap() {
    let labels = Self.curves.drawing(.narrow).elements.compactMap {
      element -> (left: Double, right: Double)? in
      guard case .text(let text, let place, .middle, 12, .muted, _, false) = element else {
        return nil
      }
      let half = Double(text.count) * 12 * Self.letterWidth / 2
      return (place.x - half, place.x + half)
    }
    #expect(labels.count >= 2)
    for (one, next) in zip(labels, labels.dropFirst()) { #expect(one.right < next.left) }
  }
}
