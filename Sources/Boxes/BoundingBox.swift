/// An upright rectangle in an image, in pixels: edges, not pixel centres, so that a box over the
/// pixels 2 to 4 reaches from 2 to 5.
public struct BoundingBox: Hashable, Codable, Sendable {
  /// The left edge.
  public var left: Float
  /// The upper edge.
  public var top: Float
  /// The right edge.
  public var right: Float
  /// The lower edge.
  public var bottom: Float

  /// Creates a box from its edges.
  public init(left: Float, top: Float, right: Float, bottom: Float) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }

  /// The extent from left to right; negative if the edges are the wrong way round.
  public var width: Float { right - left }

  /// The extent from top to bottom; negative if the edges are the wrong way round.
  public var height: Float { bottom - top }

  /// The area in square pixels; 0 if an extent is not positive.
  public var area: Float { width > 0 && height > 0 ? width * height : 0 }

  /// The part that two boxes share; of area 0 if they share none.
  public func intersection(_ other: BoundingBox) -> BoundingBox {
    BoundingBox(
      left: max(left, other.left), top: max(top, other.top), right: min(right, other.right),
      bottom: min(bottom, other.bottom))
  }

  /// The box with every edge moved inside another, where it is not already.
  public func clamped(to other: BoundingBox) -> BoundingBox {
    BoundingBox(
      left: min(max(left, other.left), other.right), top: min(max(top, other.top), other.bottom),
      right: min(max(right, other.left), other.right),
      bottom: min(max(bottom, other.top), other.bottom))
  }

  /// The area two boxes share over the area they cover together; 0 if neither has an area.
  public func intersectionOverUnion(_ other: BoundingBox) -> Float {
    let shared = intersection(other).area
    let covered = area + other.area - shared
    return covered > 0 ? shared / covered : 0
  }
}
