internal import Foundation

/// Writes a box as its difference from another, and reads it back: the centre's distance in widths
/// and heights of the other, and the logarithms of the quotients of the extents.
///
/// Source: Ren and others 2015, https://arxiv.org/abs/1506.01497, equation 2.
public struct BoxCoder: Hashable, Codable, Sendable {
  /// What the differences of the centre are multiplied by.
  public var centreWeight: Float
  /// What the logarithms of the extents are multiplied by.
  public var extentWeight: Float

  /// The largest logarithm that is read: a box becomes at most 62.5 times as large.
  public static let largestLogarithm: Float = 4.135_166_6

  /// Creates a coder.
  public init(centreWeight: Float = 1, extentWeight: Float = 1) {
    self.centreWeight = centreWeight
    self.extentWeight = extentWeight
  }

  /// The weights of Fast R-CNN's second stage, 10 and 5, which bring the differences that occur to
  /// a variance of about 1.
  public static let refinement = BoxCoder(centreWeight: 10, extentWeight: 5)

  /// `(x, y, width, height)` of the difference.
  ///
  /// - Precondition: both boxes have an area.
  public func encoded(_ box: BoundingBox, from reference: BoundingBox) -> SIMD4<Float> {
    precondition(box.area > 0 && reference.area > 0, "BoxCoder: a box without an area")
    return SIMD4(
      centreWeight * (box.left + box.right - reference.left - reference.right)
        / (2 * reference.width),
      centreWeight * (box.top + box.bottom - reference.top - reference.bottom)
        / (2 * reference.height),
      extentWeight * log(box.width / reference.width),
      extentWeight * log(box.height / reference.height))
  }

  /// The box that differs from another as written, not cut at any edge.
  public func decoded(_ difference: SIMD4<Float>, from reference: BoundingBox) -> BoundingBox {
    let limit = BoxCoder.largestLogarithm
    let centreX =
      (reference.left + reference.right) / 2 + difference.x / centreWeight * reference.width
    let centreY =
      (reference.top + reference.bottom) / 2 + difference.y / centreWeight * reference.height
    let halfWidth = reference.width * exp(min(difference.z / extentWeight, limit)) / 2
    let halfHeight = reference.height * exp(min(difference.w / extentWeight, limit)) / 2
    return BoundingBox(
      left: centreX - halfWidth, top: centreY - halfHeight, right: centreX + halfWidth,
      bottom: centreY + halfHeight)
  }
}
