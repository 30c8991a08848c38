internal import Foundation

/// Where a drone is, and where it looks.
public struct Pose: Codable, Hashable, Sendable {
  /// Its place in the world, in metres.
  public var position: SIMD3<Double>
  /// Its heading, in radians counter-clockwise from the x axis.
  public var yaw: Double

  /// Creates a pose.
  public init(position: SIMD3<Double>, yaw: Double) {
    self.position = position
    self.yaw = yaw
  }

  /// The direction it looks in, in the horizontal, of length 1.
  public var heading: SIMD2<Double> { SIMD2(cos(yaw), sin(yaw)) }

  /// Its place on the map.
  var ground: SIMD2<Double> { SIMD2(position.x, position.y) }

  /// An angle as the same one from −π to π.
  static func wrapped(_ angle: Double) -> Double { remainder(angle, 2 * .pi) }
}
