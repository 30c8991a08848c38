import Foundation
import Plots
import Testing

@Suite struct CurvePlotTests {
  private func plot(_ samples: [(Double, Double, Double?)], floor: Double? = nil) -> CurvePlot {
    CurvePlot(
      title: "Rate <& quality>", horizontal: Axis("bytes", .logarithmic, format: Axis.bytes),
      vertical: Axis("accuracy, %", format: Axis.number),
      curves: [
        CurvePlot.Curve(
          name: "a & b",
          samples: samples.map {
            CurvePlot.Sample(x: $0.0, y: $0.1, spread: $0.2, label: "\"\($0.0)\"")
          }), CurvePlot.Curve(name: "empty", samples: []),
      ], reference: CurvePlot.Reference(y: 90, name: "uncompressed"), floor: floor)
  }

  private func places(_ drawing: Drawing) -> [Drawing.Point] {
    drawing.elements.compactMap {
      if case .marker(let place, _, let label) = $0, label != nil { place } else { nil }
    }
  }

  private func texts(_ drawing: Drawing) -> [String] {
    drawing.elements.compactMap {
      if case .text(let text, _, _, _, _, _, _) = $0 { text } else { nil }
    }
  }

  @Test func equalRatiosAreEqualDistancesOnALogarithmicAxis() throws {
    let found = places(plot([(10, 50, nil), (100, 60, nil), (1000, 70, nil)]).drawing())
    #expect(found.count == 3)
    #expect(abs((found[1].x - found[0].x) - (found[2].x - found[1].x)) < 1e-9)
    #expect(abs((found[0].y - found[1].y) - (found[1].y - found[2].y)) < 1e-9)
    #expect(found[0].x < found[1].x && found[0].y > found[1].y)
  }

  @Test func axesAreMarkedAtRoundNumbers() {
    let labels = texts(plot([(10, 50, nil), (10_000, 70, nil)]).drawing())
    for label in ["10 B", "30 B", "1 kB", "10 kB", "50", "70", "90"] {
      #expect(labels.contains(label), "\(labels)")
    }
  }

  /// Nothing is more than a whole, though marks at round numbers and spreads would go beyond it.
  @Test(arguments: [[(99.5, 2.0), (42, 1)], [(100, 0), (100, 0)], [(100, 0), (31, 60)]])
  func anAxisOfPerCentsEndsAtAHundred(values: [(Double, Double)]) throws {
    let plot = CurvePlot(
      title: "t", horizontal: Axis("x", format: Axis.number), vertical: .percent("accuracy"),
      curves: [
        CurvePlot.Curve(
          name: "a",
          samples: values.enumerated().map {
            CurvePlot.Sample(
              x: Double($0.offset), y: $0.element.0, spread: $0.element.1, label: "p")
          })
      ])
    let labels = texts(plot.drawing())
    #expect(labels.contains("accuracy, %") && labels.contains("100"))
    for beyond in ["101", "102", "105", "110", "120", "-20"] {
      #expect(!labels.contains(beyond), "\(labels)")
    }
  }

  @Test func allMarksLieInsideThePicture() {
    for samples in [
      [(5.0, 0.0, nil), (5e8, 100.0, nil)], [(7.0, 3.0, nil)], [(7.0, 3.0, 2.0), (7.1, 3.0, nil)],
    ] as [[(Double, Double, Double?)]] {
      let drawing = plot(samples).drawing()
      for place in places(drawing) {
        #expect(place.x > 0 && place.x < drawing.width && place.y > 0 && place.y < drawing.height)
      }
    }
  }

  @Test func aSpreadIsDrawnAsABarOfItsLength() throws {
    let drawing = plot([(10, 50, 5), (100, 60, nil)]).drawing()
    let place = try #require(places(drawing).first)
    let ends = drawing.elements.compactMap { element -> [Drawing.Point]? in
      guard case .line(let points, .series(0), _, _) = element, points.count == 2,
        points[0].x == points[1].x, points[0].x == place.x
      else { return nil }
      return points
    }
    #expect(ends.count == 1)
    let distance = try #require(places(drawing).last).y - place.y
    // Ten percent are that far; the bar reaches five to either side.
    #expect(abs((ends[0][0].y - ends[0][1].y) + distance) < 1e-6)
  }

  @Test func whatIsLeftOutIsSaid() {
    let drawing = plot([(10, 20, nil), (20, 30, nil), (100, 80, nil)], floor: 60).drawing()
    #expect(places(drawing).count == 1)
    #expect(texts(drawing).contains("2 points below 60"))
    #expect(!texts(plot([(10, 80, nil)], floor: 60).drawing()).contains { $0.contains("below") })
  }

  @Test func aPlotWithoutPointsSaysSo() {
    #expect(texts(plot([]).drawing()).contains("there is nothing to show"))
    #expect(texts(plot([(0, 5, nil)]).drawing()).contains("there is nothing to show"))
  }

  /// An XML parser reads it, text and all.
  @Test(arguments: [true, false]) func theSVGIsWellFormed(isStandalone: Bool) {
    let svg = plot([(10, 50, 5), (100, 60, nil)]).drawing().svg(isStandalone: isStandalone)
    let reader = Reader()
    #expect(reader.read(svg))
    #expect(reader.text.contains("a & b"))
    #expect(reader.text.contains("Rate <& quality>"))
    #expect(reader.text.contains("\"10.0\""))
    #expect(reader.elements.contains("style") == isStandalone)
    // Nothing is loaded from anywhere.
    #expect(!svg.replacing("http://www.w3.org/2000/svg", with: "").contains("http"))
    #expect(!reader.elements.contains("script") && !reader.elements.contains("image"))
  }

  @Test func controlCharactersDoNotBreakTheSVG() {
    var drawing = Drawing(width: 10, height: 10, label: "a\u{0}\u{1f}b\u{ffff}")
    drawing.elements = [.text("<\u{8}>'\"&", Drawing.Point(1, 1))]
    #expect(Reader().read(drawing.svg(isStandalone: true)))
  }

  @Test func thePNGHasTheSizeOfTheDrawing() throws {
    let drawing = plot([(10, 50, 5), (100, 60, nil)]).drawing()
    let bytes = try drawing.png()
    #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    func extent(_ offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    #expect(extent(16) == Int(drawing.width) && extent(20) == Int(drawing.height))
  }

  @Test func barsAreAsLongAsTheirSums() {
    let bars = StackedBars(
      title: "t", axis: Axis("ms", format: Axis.number), parts: ["a", "b"],
      bars: [
        StackedBars.Bar(name: "x", values: [1, 3]), StackedBars.Bar(name: "y", values: [2, 0]),
      ])
    let drawing = bars.drawing()
    let parts = drawing.elements.compactMap { element -> (x: Double, width: Double)? in
      guard case .rectangle(let corner, let width, _, _, let label) = element, label != nil else {
        return nil
      }
      return (corner.x, width)
    }
    #expect(parts.count == 4)
    #expect(abs(parts[1].width - 3 * parts[0].width) < 1e-9)
    #expect(abs(parts[2].width - 2 * parts[0].width) < 1e-9)
    #expect(parts[3].width == 0)
    #expect(abs(parts[0].x + parts[0].width - parts[1].x) < 1e-9)
    #expect(drawing.label.contains("x 4") && drawing.label.contains("y 2"))
    #expect(Reader().read(drawing.svg(isStandalone: false)))
  }
}

/// Reads XML, remembers its elements and text, and whether it was well-formed.
///
/// Only what drawings use: elements, quoted attributes, the five named entities.
private final class Reader {
  var elements: Set<String> = []
  var text = ""

  func read(_ document: String) -> Bool {
    var open: [String] = []
    var rest = Substring(document)
    while let start = rest.firstIndex(where: { $0 == "<" || $0 == "&" || $0 == ">" }) {
      text += rest[..<start]
      if rest[start] == ">" { return false }
      if rest[start] == "&" {
        guard let entity = entity(&rest, at: start) else { return false }
        text += entity
        continue
      }
      guard let end = rest[start...].firstIndex(of: ">") else { return false }
      var tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.first == "/" {
        guard open.popLast() == String(tag.dropFirst()) else { return false }
        continue
      }
      let closes = tag.last == "/"
      if closes { tag = tag.dropLast() }
      let name = String(tag.prefix { $0 != " " })
      elements.insert(name)
      guard
        tag.dropFirst(name.count).wholeMatch(of: /(\s[\w:-]+="[^"<]*")*\s*/) != nil
      else { return false }
      if !closes { open.append(name) }
    }
    text += rest
    return open.isEmpty
      && !document.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" }
  }

  private func entity(_ rest: inout Substring, at start: String.Index) -> String? {
    for (name, value) in [
      ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"),
    ] where rest[start...].hasPrefix(name) {
      rest = rest[start...].dropFirst(name.count)
      return value
    }
    return nil
  }
}
