internal import Foundation

/// A pinhole camera that looks along the horizontal.
public struct Camera: Codable, Hashable, Sendable {
  /// The most pixels along a side of a picture.
  public static let maximumSide = 4096

  /// The columns of a picture.
  public let width: Int
  /// The rows of a picture.
  public let height: Int
  /// The angle between the left and the right edge of the picture, in radians.
  public let fieldOfView: Double

  /// Creates a camera.
  ///
  /// - Precondition: both sides are 1 to ``maximumSide``; the field of view is above 0 and below π.
  public init(width: Int = 128, height: Int = 72, fieldOfView: Double = .pi / 2) {
    let sides = 1...Camera.maximumSide
    precondition(
      sides.contains(width) && sides.contains(height), "Camera: \(width)×\(height) pixels")
    precondition(
      fieldOfView > 0 && fieldOfView < .pi, "Camera: a field of view of \(fieldOfView) radians")
    self.width = width
    self.height = height
    self.fieldOfView = fieldOfView
  }

  /// The pixels of a picture.
  public var pixelCount: Int { width * height }

  /// The pixels from the middle of the picture to where a ray goes one metre aside for each ahead.
  public var focalLength: Double { Double(width) / 2 / tan(fieldOfView / 2) }

  /// How far a column's rays go to the right for each metre ahead, negative to the left.
  public func slopeRight(column: Int) -> Double {
    (Double(column) + 0.5 - Double(width) / 2) / focalLength
  }

  /// How far a row's rays go up for each metre ahead, negative downwards.
  public func slopeUp(row: Int) -> Double {
    (Double(height) / 2 - 0.5 - Double(row)) / focalLength
  }
}
