import DroneWorlds
import Foundation

/// The geometry of scenes by the book, in Double and in the world's frame: the twin that the
/// renderer and collisions are compared with.
struct NaiveWorld {
  let scene: Scene

  /// What the ray through the middle of a pixel meets first, and its planar depth in metres.
  func cast(_ camera: Camera, _ pose: Pose, row: Int, column: Int) -> (depth: Double, what: Int32) {
    let focal = Double(camera.width) / (2 * tan(camera.fieldOfView / 2))
    let right = (Double(column) + 0.5 - Double(camera.width) / 2) / focal
    let up = (Double(camera.height) / 2 - Double(row) - 0.5) / focal
    let d = SIMD3(
      cos(pose.yaw) + right * sin(pose.yaw), sin(pose.yaw) - right * cos(pose.yaw), up)
    var nearest = (depth: Double.infinity, what: SceneRenderer.sky)
    if d.z < 0 { nearest = (-pose.position.z / d.z, SceneRenderer.floor) }
    for (index, obstacle) in scene.obstacles.enumerated() {
      if let t = NaiveWorld.meet(obstacle.form, pose.position, d), t < nearest.depth {
        nearest = (t, Int32(index))
      }
    }
    return nearest
  }

  private static func meet(
    _ form: Obstacle.Form, _ o: SIMD3<Double>, _ d: SIMD3<Double>
  ) -> Double? {
    switch form {
    case .sphere(let centre, let radius):
      return roots(o - centre, d, radius)
    case .cylinder(let base, let radius, let height):
      let flat = SIMD3(1.0, 1, 0)
      var candidates: [Double] = []
      if let t = roots((o - base) * flat, d * flat, radius) {
        let z = o.z + t * d.z
        if z >= base.z, z <= base.z + height { candidates.append(t) }
      }
      for level in [base.z, base.z + height] where d.z != 0 {
        let t = (level - o.z) / d.z
        let across = (o + t * d - base) * flat
        if t > 0, (across * across).sum() <= radius * radius { candidates.append(t) }
      }
      return candidates.min()
    case .box(let centre, let half, let yaw):
      let (p, q) = (turned(o - centre, by: -yaw), turned(d, by: -yaw))
      var candidates: [Double] = []
      for axis in 0..<3 where q[axis] != 0 {
        for face in [-half[axis], half[axis]] {
          let t = (face - p[axis]) / q[axis]
          let hit = p + t * q
          let isInside = (0..<3).allSatisfy { $0 == axis || abs(hit[$0]) <= half[$0] }
          if t > 0, isInside { candidates.append(t) }
        }
      }
      return candidates.min()
    }
  }

  /// The smaller solution of |o + t d| = radius, if it is above 0.
  private static func roots(
    _ o: SIMD3<Double>, _ d: SIMD3<Double>, _ radius: Double
  ) -> Double? {
    let (a, b, c) = ((d * d).sum(), 2 * (o * d).sum(), (o * o).sum() - radius * radius)
    let rest = b * b - 4 * a * c
    guard rest > 0 else { return nil }
    let t = (-b - rest.squareRoot()) / (2 * a)
    return t > 0 ? t : nil
  }

  private static func turned(_ v: SIMD3<Double>, by angle: Double) -> SIMD3<Double> {
    SIMD3(v.x * cos(angle) - v.y * sin(angle), v.x * sin(angle) + v.y * cos(angle), v.z)
  }

  /// The distance from a place to the nearest surface of anything, the end of the world included.
  func distance(from place: SIMD3<Double>) -> Double {
    let edge = scene.extent / 2 - max(abs(place.x), abs(place.y))
    return scene.obstacles.reduce(edge) { min($0, NaiveWorld.distance(place, $1.form)) }
  }

  private static func distance(_ place: SIMD3<Double>, _ form: Obstacle.Form) -> Double {
    func size(_ v: SIMD3<Double>) -> Double { (v * v).sum().squareRoot() }
    switch form {
    case .sphere(let centre, let radius): return size(place - centre) - radius
    case .cylinder(let base, let radius, let height):
      let across = size((place - base) * SIMD3(1, 1, 0)) - radius
      let above = max(base.z - place.z, place.z - base.z - height)
      return size(SIMD3(max(0, across), max(0, above), 0))
    case .box(let centre, let half, let yaw):
      let local = turned(place - centre, by: -yaw)
      return size(
        SIMD3(
          max(0, abs(local.x) - half.x), max(0, abs(local.y) - half.y),
          max(0, abs(local.z) - half.z)))
    }
  }
}

/// Worlds for tests.
enum Worlds {
  static let grey = Material(colour: Colour(red: 0.5, green: 0.5, blue: 0.5))

  /// A scene of one's own on a plain floor, seen without haze.
  static func scene(
    _ forms: [Obstacle.Form], material: Material = grey, haze: Double = 0, extent: Double = 60
  ) -> Scene {
    Scene(
      obstacles: forms.map { Obstacle(form: $0, material: material) },
      floor: Material(colour: Colour(red: 0.2, green: 0.4, blue: 0.2)),
      sky: Scene.Sky(
        horizon: Colour(red: 0.9, green: 0.9, blue: 1),
        zenith: Colour(red: 0.2, green: 0.4, blue: 1)),
      light: Scene.Light(azimuth: 0, elevation: 0.5, direct: 0.5, ambient: 0.5), haze: haze,
      extent: extent)
  }
}
