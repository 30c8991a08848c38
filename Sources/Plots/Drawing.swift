/// A picture of lines, shapes and text, before it is written as SVG or PNG.
///
/// Coordinates are pixels from the upper left corner. Colours are named by what they mean, so that
/// the same drawing can be read on light and on dark ground.
public struct Drawing: Sendable {
  /// A place.
  public struct Point: Hashable, Sendable {
    /// Pixels from the left.
    public var x: Double
    /// Pixels from the top.
    public var y: Double

    /// Creates a place.
    public init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// What a colour means.
  public enum Ink: Hashable, Sendable {
    /// Titles and labels.
    case text
    /// What is less important.
    case muted
    /// The lines that values are read against.
    case grid
    /// A series, by its number; colours repeat after ten, marks after six.
    case series(Int)
    /// How much of something there is, 0 to 1: from the ground to the first series' colour.
    case shade(Double)
  }

  /// Where a text is in relation to its place.
  public enum Anchor: Hashable, Sendable {
    /// To its right.
    case start
    /// Around it.
    case middle
    /// To its left.
    case end
  }

  /// A part of a drawing.
  public enum Element: Hashable, Sendable {
    /// Straight lines from point to point.
    case line([Point], Ink, width: Double, isDashed: Bool = false)
    /// A rectangle, and what it stands for.
    case rectangle(Point, width: Double, height: Double, Ink, label: String? = nil)
    /// The mark of a series at a place, and what it stands for.
    case marker(Point, series: Int, label: String? = nil)
    /// A line of text whose baseline is at a place; a vertical one is read from below.
    case text(
      String, Point, Anchor = .start, size: Double = 13, Ink = .text, isBold: Bool = false,
      isVertical: Bool = false)
  }

  /// Pixels from left to right.
  public let width: Double
  /// Pixels from top to bottom.
  public let height: Double
  /// What the drawing shows, for those who do not see it.
  public let label: String
  /// The parts, later ones over earlier ones.
  public var elements: [Element] = []

  /// Creates an empty drawing.
  public init(width: Double, height: Double, label: String) {
    self.width = width
    self.height = height
    self.label = label
  }

  /// The colour of a series on light ground, as `0xRRGGBB`; where colours begin to repeat they are
  /// lighter.
  public static func color(ofSeries index: Int) -> UInt32 {
    let colour = Palette.color(.series(index))
    guard index >= Palette.light.count else { return colour }
    return [16, 8, 0].reduce(0) { sum, shift in
      sum | ((colour >> shift & 255) + 255) / 2 << shift
    }
  }

  /// How many different marks there are.
  static let markerCount = 6

  /// The corners of a series' mark around a place.
  static func corners(series: Int, around center: Point, radius: Double) -> [Point] {
    // Corners, and the angle of the first in parts of a full turn from the right.
    let shapes: [(corners: Int, turn: Double, scale: Double)] = [
      (24, 0, 1), (4, 0.125, 1.3), (3, 0.75, 1.35), (4, 0, 1.35), (3, 0.25, 1.35), (6, 0, 1.15),
    ]
    let shape = shapes[series % markerCount]
    return (0..<shape.corners).map { corner in
      let angle = 2 * Double.pi * (shape.turn + Double(corner) / Double(shape.corners))
      return Point(
        center.x + radius * shape.scale * cosine(angle),
        center.y + radius * shape.scale * sine(angle))
    }
  }
}
