/// A thing that a drone can see and fly into.
///
/// World coordinates are metres: x and y horizontal, z up from the floor. Angles are radians,
/// counter-clockwise from the x axis as seen from above.
public struct Obstacle: Codable, Hashable, Sendable {
  /// The shape of an obstacle and where it is.
  public enum Form: Codable, Hashable, Sendable {
    /// A box that stands upright, turned by a yaw.
    case box(centre: SIMD3<Double>, halfExtents: SIMD3<Double>, yaw: Double)
    /// An upright cylinder over the middle of its lower end.
    case cylinder(base: SIMD3<Double>, radius: Double, height: Double)
    /// A sphere.
    case sphere(centre: SIMD3<Double>, radius: Double)
  }

  /// Its shape and place.
  public var form: Form
  /// How it looks.
  public var material: Material

  /// Creates an obstacle.
  public init(form: Form, material: Material) {
    self.form = form
    self.material = material
  }
}
