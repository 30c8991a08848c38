internal import CKernels
internal import Foundation

/// A scene in the form that rays are cast in; made once, seen from many places.
public struct PreparedScene: Sendable {
  private let obstacles: [raycast_obstacle]
  private let surroundings: raycast_surroundings

  /// Prepares a scene.
  public init(_ scene: Scene) {
    obstacles = scene.obstacles.map(PreparedScene.obstacle)
    let sun = SIMD3<Float>(scene.light.direction)
    var surroundings = raycast_surroundings()
    surroundings.floor = PreparedScene.material(scene.floor)
    surroundings.horizon = PreparedScene.triple(scene.sky.horizon.vector)
    surroundings.zenith = PreparedScene.triple(scene.sky.zenith.vector)
    surroundings.sun = PreparedScene.triple(sun)
    surroundings.ambient = Float(scene.light.ambient)
    surroundings.direct = Float(scene.light.direct)
    surroundings.haze = Float(scene.haze)
    self.surroundings = surroundings
  }

  /// The scene as the kernel takes it; valid during the call.
  func withScene(_ body: (UnsafePointer<raycast_scene>) -> Void) {
    obstacles.withUnsafeBufferPointer { obstacles in
      var scene = raycast_scene(
        obstacles: obstacles.baseAddress, count: obstacles.count, around: surroundings)
      body(&scene)
    }
  }

  private static func obstacle(_ obstacle: Obstacle) -> raycast_obstacle {
    var result = raycast_obstacle()
    result.material = material(obstacle.material)
    var middle: SIMD3<Double>
    var half: SIMD3<Double>
    var angle = 0.0
    switch obstacle.form {
    case .box(let centre, let halfExtents, let yaw):
      result.form = Int32(RAYCAST_BOX)
      (middle, half, angle) = (centre, halfExtents, yaw)
    case .cylinder(let base, let radius, let height):
      result.form = Int32(RAYCAST_CYLINDER)
      middle = base + SIMD3(0, 0, height / 2)
      half = SIMD3(radius, radius, height / 2)
    case .sphere(let centre, let radius):
      result.form = Int32(RAYCAST_SPHERE)
      middle = centre
      half = SIMD3(repeating: radius)
    }
    (result.x, result.y, result.z) = (middle.x, middle.y, middle.z)
    result.half = triple(SIMD3<Float>(half))
    result.cosine = Float(cos(angle))
    result.sine = Float(sin(angle))
    return result
  }

  private static func material(_ material: Material) -> raycast_material {
    var result = raycast_material()
    result.first = triple(material.colour.vector)
    result.second = triple(material.secondColour.vector)
    switch material.pattern {
    case .plain: result.pattern = Int32(RAYCAST_PLAIN)
    case .checker: result.pattern = Int32(RAYCAST_CHECKER)
    case .stripes: result.pattern = Int32(RAYCAST_STRIPES)
    case .noise: result.pattern = Int32(RAYCAST_NOISE)
    }
    result.scale = Float(material.scale)
    // Large enough to tell patterns apart, and no whole number, whose edges would fall on those of
    // things.
    result.phase = Float(17.31 * material.phase + 0.37)
    let angle = 2 * Double.pi * material.phase
    result.along = triple(
      SIMD3<Float>(SIMD3(cos(angle), sin(angle), 1) / Double(2).squareRoot()))
    return result
  }

  private static func triple(_ vector: SIMD3<Float>) -> (Float, Float, Float) {
    (vector.x, vector.y, vector.z)
  }
}
