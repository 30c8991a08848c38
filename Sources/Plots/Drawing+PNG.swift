internal import CImages

/// Why a drawing cannot be written as PNG.
public struct DrawingError: Error, Equatable, CustomStringConvertible {
  /// What is wrong.
  public let description: String
}

/// Writing as PNG, on white, with the library's own letters.
extension Drawing {
  /// How many pixels of the finer image, in each direction, become one.
  private static let fineness = 3.0

  /// The drawing as a PNG file.
  ///
  /// - Throws: ``DrawingError`` if there is no memory for it.
  public func png() throws(DrawingError) -> [UInt8] {
    let (width, height) = (Int32(self.width.rounded(.up)), Int32(self.height.rounded(.up)))
    let fineness = Int32(Drawing.fineness)
    guard let fine = gdImageCreateTrueColor(fineness * width, fineness * height) else {
      throw DrawingError(description: "there is no memory for a picture of \(width)×\(height)")
    }
    defer { gdImageDestroy(fine) }
    guard let final = gdImageCreateTrueColor(width, height) else {
      throw DrawingError(description: "there is no memory for a picture of \(width)×\(height)")
    }
    defer { gdImageDestroy(final) }
    gdImageFilledRectangle(
      fine, 0, 0, fineness * width - 1, fineness * height - 1, Int32(Palette.lightGround))
    for element in elements { Drawing.draw(element, on: fine) }
    gdImageCopyResampled(
      final, fine, 0, 0, 0, 0, width, height, fineness * width, fineness * height)
    for element in elements { Drawing.write(element, on: final) }
    return try PixelPicture.png(of: final)
  }

  private static func color(_ ink: Ink) -> Int32 { Int32(Palette.color(ink)) }

  private static func pixel(_ value: Double) -> Int32 {
    Int32(max(-1e6, min(1e6, (fineness * value).rounded())))
  }

  /// Draws everything but text.
  private static func draw(_ element: Element, on image: gdImagePtr) {
    switch element {
    case .line(let points, let ink, let width, let isDashed):
      gdImageSetThickness(image, max(1, pixel(width)))
      for (from, to) in zip(points, points.dropFirst()) {
        for (start, end) in isDashed ? dashes(from, to) : [(from, to)] {
          gdImageLine(
            image, pixel(start.x), pixel(start.y), pixel(end.x), pixel(end.y), color(ink))
        }
      }
      gdImageSetThickness(image, 1)
    case .rectangle(let corner, let width, let height, let ink, _):
      guard width > 0, height > 0 else { return }
      gdImageFilledRectangle(
        image, pixel(corner.x), pixel(corner.y), pixel(corner.x + width) - 1,
        pixel(corner.y + height) - 1, color(ink))
    case .marker(let center, let series, _):
      var points = corners(series: series, around: center, radius: 4.5).map {
        gdPoint(x: pixel($0.x), y: pixel($0.y))
      }
      gdImageFilledPolygon(image, &points, Int32(points.count), color(.series(series)))
    case .text: break
    }
  }

  /// Lines of 5 with gaps of 4 between them.
  private static func dashes(_ from: Point, _ to: Point) -> [(Point, Point)] {
    let (dx, dy) = (to.x - from.x, to.y - from.y)
    let length = (dx * dx + dy * dy).squareRoot()
    guard length > 0 else { return [] }
    return stride(from: 0, to: length, by: 9).map { start in
      let end = min(start + 5, length)
      return (
        Point(from.x + dx * start / length, from.y + dy * start / length),
        Point(from.x + dx * end / length, from.y + dy * end / length)
      )
    }
  }

  /// Draws text.
  private static func write(_ element: Element, on image: gdImagePtr) {
    guard
      case .text(let string, let place, let anchor, let size, let ink, let isBold, let isVertical) =
        element,
      let font = isBold
        ? (size > 14 ? gdFontGetGiant() : gdFontGetMediumBold())
        : (size > 14 ? gdFontGetLarge() : gdFontGetSmall())
    else { return }
    var bytes = latin(string)
    let length = Double(bytes.count - 1) * Double(font.pointee.w)
    let shift =
      switch anchor {
      case .start: 0.0
      case .middle: length / 2
      case .end: length
      }
    // The baseline of these letters is about three quarters down.
    let ascent = Double(font.pointee.h) * 0.78
    if isVertical {
      gdImageStringUp(
        image, font, Int32(place.x - ascent), Int32(place.y + shift), &bytes, color(ink))
    } else {
      gdImageString(
        image, font, Int32(place.x - shift), Int32(place.y - ascent), &bytes, color(ink))
    }
  }

  /// The text in the letters the library has, with a zero at its end.
  private static func latin(_ text: String) -> [UInt8] {
    let known: [Unicode.Scalar: UInt8] = [
      "×": 0xD7, "µ": UInt8(ascii: "u"), "–": UInt8(ascii: "-"), "−": UInt8(ascii: "-"),
      "·": UInt8(ascii: "."),
    ]
    return text.unicodeScalars.map { scalar in
      (0x20..<0x7F).contains(scalar.value)
        ? UInt8(scalar.value) : known[scalar] ?? UInt8(ascii: "?")
    } + [0]
  }
}
