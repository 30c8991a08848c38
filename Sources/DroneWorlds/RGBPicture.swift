/// A picture as bytes, to draw on.
public struct RGBPicture: Hashable, Sendable {
  /// The columns.
  public let width: Int
  /// The rows.
  public let height: Int
  /// Red, green and blue of 0 to 255: `[height, width, 3]`.
  public private(set) var bytes: [UInt8]

  /// Creates a picture of one colour.
  ///
  /// - Precondition: at least one pixel.
  public init(width: Int, height: Int, ground: UInt32 = 0xFFFFFF) {
    precondition(width >= 1 && height >= 1, "RGBPicture: \(width)×\(height) pixels")
    self.width = width
    self.height = height
    bytes = [UInt8](repeating: 0, count: 3 * width * height)
    fill(x: 0, y: 0, width: width, height: height, ground)
  }

  /// The colour of a pixel as `0xRRGGBB`; what lies outside of the picture cannot be written, and
  /// is black.
  public subscript(x: Int, y: Int) -> UInt32 {
    get {
      guard x >= 0, x < width, y >= 0, y < height else { return 0 }
      let place = 3 * (y * width + x)
      return UInt32(bytes[place]) << 16 | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2])
    }
    set {
      guard x >= 0, x < width, y >= 0, y < height else { return }
      let place = 3 * (y * width + x)
      bytes[place] = UInt8(truncatingIfNeeded: newValue >> 16)
      bytes[place + 1] = UInt8(truncatingIfNeeded: newValue >> 8)
      bytes[place + 2] = UInt8(truncatingIfNeeded: newValue)
    }
  }

  /// Fills a rectangle.
  public mutating func fill(x: Int, y: Int, width: Int, height: Int, _ colour: UInt32) {
    for row in max(0, y)..<max(0, y, min(self.height, y + height)) {
      for column in max(0, x)..<max(0, x, min(self.width, x + width)) {
        self[column, row] = colour
      }
    }
  }

  /// Fills a disc, or a ring if there is an inner radius; coordinates are pixels.
  public mutating func disc(
    x: Double, y: Double, radius: Double, innerRadius: Double = 0, _ colour: UInt32
  ) {
    for row in Int(y - radius - 1)...Int(y + radius + 1) {
      for column in Int(x - radius - 1)...Int(x + radius + 1) {
        let (dx, dy) = (Double(column) - x, Double(row) - y)
        let square = dx * dx + dy * dy
        if square <= radius * radius, square >= innerRadius * innerRadius {
          self[column, row] = colour
        }
      }
    }
  }

  /// Draws a line with round ends; coordinates are pixels.
  public mutating func line(
    from start: SIMD2<Double>, to end: SIMD2<Double>, width: Double, _ colour: UInt32
  ) {
    let way = end - start
    let square = dot(way, way)
    let reach = width / 2
    let low = SIMD2(min(start.x, end.x), min(start.y, end.y)) - SIMD2(repeating: reach + 1)
    let high = SIMD2(max(start.x, end.x), max(start.y, end.y)) + SIMD2(repeating: reach + 1)
    for row in max(0, Int(low.y))..<max(0, Int(low.y), min(height, Int(high.y) + 1)) {
      for column in max(0, Int(low.x))..<max(0, Int(low.x), min(self.width, Int(high.x) + 1)) {
        let place = SIMD2(Double(column), Double(row)) - start
        let along = square > 0 ? min(1, max(0, dot(place, way) / square)) : 0
        if length(place - along * way) <= reach { self[column, row] = colour }
      }
    }
  }

  /// Puts a picture on this one, each of its pixels as a square of so many.
  public mutating func place(_ picture: RGBPicture, x: Int, y: Int, scale: Int = 1) {
    for row in 0..<picture.height {
      for column in 0..<picture.width {
        fill(
          x: x + column * scale, y: y + row * scale, width: scale, height: scale,
          picture[column, row])
      }
    }
  }

  /// Rows of three pixels, the leftmost in the highest bit, for the digits 0 to 9.
  private static let digits: [[UInt8]] = [
    [7, 5, 5, 5, 7], [2, 6, 2, 2, 7], [7, 1, 7, 4, 7], [7, 1, 3, 1, 7], [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7], [7, 4, 7, 5, 7], [7, 1, 2, 2, 2], [7, 5, 7, 5, 7], [7, 5, 7, 1, 7],
  ]

  /// Writes a number with digits of 3×5 pixels, enlarged; one below 0 as 0.
  public mutating func write(_ number: Int, x: Int, y: Int, scale: Int = 2, _ colour: UInt32) {
    var left = x
    for character in String(max(0, number)) {
      guard let digit = character.wholeNumberValue else { continue }
      for (row, line) in RGBPicture.digits[digit].enumerated() {
        for column in 0..<3 where line >> UInt8(2 - column) & 1 == 1 {
          fill(
            x: left + column * scale, y: y + row * scale, width: scale, height: scale, colour)
        }
      }
      left += 4 * scale
    }
  }
}
