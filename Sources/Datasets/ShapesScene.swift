internal import Foundation

/// The geometry and light of one scene.
///
/// The room's axes: x to the right, y up, z towards the viewer; the floor is y = 0 and the object
/// stands on the origin. Letters: o a ray's origin, d its direction, t the distance along it,
/// n a surface's normal.
struct ShapesScene {
  /// Where a ray ends.
  struct Hit {
    var surface: ShapesSurface
    /// Tells the flat faces of the room apart, so that corners count as edges.
    var part: UInt8
    var distance: Float
    var normal: SIMD3<Float>
  }

  /// A ray's colour, and a number that differs between surfaces and between light and shadow.
  struct Sample {
    var colour: SIMD3<Float>
    var face: UInt8
  }

  private static let cameraDistance: Float = 5
  private static let cameraHeight: Float = 2.3
  private static let lookHeight: Float = 0.95
  /// Half the width of the picture at distance 1.
  private static let fieldOfView: Float = 0.4
  private static let backWall: Float = -2.6
  private static let sideWall: Float = 2.6
  private static let light = normalize(SIMD3<Float>(-0.45, 0.85, 0.75))

  private let form: ShapeFactors.Form
  /// Half the object's width.
  private let radius: Float
  private let eye: SIMD3<Float>
  private let right: SIMD3<Float>
  private let up: SIMD3<Float>
  private let forward: SIMD3<Float>
  private let floorColour: SIMD3<Float>
  private let wallColour: SIMD3<Float>
  private let objectColour: SIMD3<Float>

  init(_ factors: ShapeFactors) {
    form = factors.form
    radius = 0.5 + 0.4 * Float(factors[.scale]) / 7
    let angle = Float(ShapeFactors.degrees(factors[.orientation]) * Double.pi / 180)
    eye = SIMD3(
      sin(angle) * ShapesScene.cameraDistance, ShapesScene.cameraHeight,
      cos(angle) * ShapesScene.cameraDistance)
    forward = normalize(SIMD3(0, ShapesScene.lookHeight, 0) - eye)
    right = normalize(cross(forward, SIMD3(0, 1, 0)))
    up = cross(right, forward)
    floorColour = colour(hue: factors[.floorHue])
    wallColour = colour(hue: factors[.wallHue])
    objectColour = colour(hue: factors[.objectHue])
  }

  /// The direction of the ray through a place in the picture, −1 to 1 from left to right and from
  /// top to bottom.
  func direction(x: Float, y: Float) -> SIMD3<Float> {
    normalize(forward + ShapesScene.fieldOfView * (x * right - y * up))
  }

  /// The first thing a ray from the camera meets.
  func trace(_ d: SIMD3<Float>) -> Hit {
    let room = traceRoom(d)
    guard let (t, n) = intersectObject(eye, d), t < room.distance else { return room }
    return Hit(surface: .object, part: 0, distance: t, normal: n)
  }

  /// The colour a ray through a place in the picture brings back.
  func sample(x: Float, y: Float) -> Sample {
    let d = direction(x: x, y: y)
    let hit = trace(d)
    let point = eye + hit.distance * d
    let facing = max(0, dot(hit.normal, ShapesScene.light))
    // The object is convex: what faces the light is lit.
    let shadowed =
      hit.surface != .object
      && intersectObject(point + 1e-3 * hit.normal, ShapesScene.light) != nil
    let base: SIMD3<Float>
    switch hit.surface {
    case .floor: base = floorColour
    case .wall: base = wallColour
    case .object: base = objectColour
    }
    var colour = base * (0.42 + (shadowed ? 0 : 0.58 * facing))
    if hit.surface == .object {
      let half = normalize(ShapesScene.light - d)
      let highlight = max(0, dot(hit.normal, half))
      let power4 = highlight * highlight * highlight * highlight
      let power16 = power4 * power4 * power4 * power4
      colour += SIMD3(repeating: 0.25 * power16 * power16)
    }
    let face = hit.surface.rawValue * 16 + hit.part * 2 + (shadowed ? 1 : 0)
    return Sample(colour: colour, face: face)
  }

  private func traceRoom(_ d: SIMD3<Float>) -> Hit {
    var nearest = Hit(
      surface: .wall, part: 0, distance: (ShapesScene.backWall - eye.z) / min(d.z, -1e-6),
      normal: SIMD3(0, 0, 1))
    if d.y < 0, -eye.y / d.y < nearest.distance {
      nearest = Hit(surface: .floor, part: 0, distance: -eye.y / d.y, normal: SIMD3(0, 1, 0))
    }
    if d.x != 0 {
      let t = (copysign(ShapesScene.sideWall, d.x) - eye.x) / d.x
      if t > 0, t < nearest.distance {
        nearest = Hit(
          surface: .wall, part: d.x > 0 ? 1 : 2, distance: t,
          normal: SIMD3(d.x > 0 ? -1 : 1, 0, 0))
      }
    }
    return nearest
  }

  /// Where a ray from outside enters the object.
  private func intersectObject(
    _ o: SIMD3<Float>, _ d: SIMD3<Float>
  ) -> (Float, SIMD3<Float>)? {
    switch form {
    case .cube: intersectBox(o, d, half: radius * 0.86)
    case .sphere: intersectSphere(o, d, centre: SIMD3(0, radius, 0), radius: radius)
    case .cylinder: intersectCylinder(o, d, radius: radius * 0.9, 0, 2 * radius * 0.9)
    case .capsule: intersectCapsule(o, d)
    }
  }

  private func intersectBox(
    _ o: SIMD3<Float>, _ d: SIMD3<Float>, half: Float
  ) -> (Float, SIMD3<Float>)? {
    let low = SIMD3<Float>(-half, 0, -half)
    let high = SIMD3<Float>(half, 2 * half, half)
    var enter = -Float.infinity
    var leave = Float.infinity
    var normal = SIMD3<Float>.zero
    for axis in 0..<3 {
      if d[axis] == 0 {
        if o[axis] < low[axis] || o[axis] > high[axis] { return nil }
        continue
      }
      let a = (low[axis] - o[axis]) / d[axis]
      let b = (high[axis] - o[axis]) / d[axis]
      if min(a, b) > enter {
        enter = min(a, b)
        normal = .zero
        normal[axis] = d[axis] > 0 ? -1 : 1
      }
      leave = min(leave, max(a, b))
    }
    return enter > 0 && enter < leave ? (enter, normal) : nil
  }

  private func intersectSphere(
    _ o: SIMD3<Float>, _ d: SIMD3<Float>, centre: SIMD3<Float>, radius: Float
  ) -> (Float, SIMD3<Float>)? {
    let offset = o - centre
    let b = dot(offset, d)
    let discriminant = b * b - dot(offset, offset) + radius * radius
    guard discriminant > 0 else { return nil }
    let t = -b - discriminant.squareRoot()
    return t > 0 ? (t, (offset + t * d) / radius) : nil
  }

  /// An upright cylinder between two heights, closed above; it is never seen from below.
  private func intersectCylinder(
    _ o: SIMD3<Float>, _ d: SIMD3<Float>, radius: Float, _ bottom: Float, _ top: Float,
    closed: Bool = true
  ) -> (Float, SIMD3<Float>)? {
    if closed, d.y < 0, o.y > top {
      let t = (top - o.y) / d.y
      let x = o.x + t * d.x
      let z = o.z + t * d.z
      if x * x + z * z <= radius * radius { return (t, SIMD3(0, 1, 0)) }
    }
    let a = d.x * d.x + d.z * d.z
    let b = o.x * d.x + o.z * d.z
    let discriminant = b * b - a * (o.x * o.x + o.z * o.z - radius * radius)
    guard a > 0, discriminant > 0 else { return nil }
    let t = (-b - discriminant.squareRoot()) / a
    let y = o.y + t * d.y
    guard t > 0, y >= bottom, y <= top else { return nil }
    return (t, SIMD3(o.x + t * d.x, 0, o.z + t * d.z) / radius)
  }

  private func intersectCapsule(
    _ o: SIMD3<Float>, _ d: SIMD3<Float>
  ) -> (Float, SIMD3<Float>)? {
    let width = radius * 0.62
    let top = 2 * radius * 1.15 - width
    let candidates = [
      intersectCylinder(o, d, radius: width, width, top, closed: false),
      intersectSphere(o, d, centre: SIMD3(0, width, 0), radius: width),
      intersectSphere(o, d, centre: SIMD3(0, top, 0), radius: width),
    ]
    return candidates.compactMap { $0 }.min { $0.0 < $1.0 }
  }
}

/// One of ten saturated colours around the circle of hues.
private func colour(hue: Int) -> SIMD3<Float> {
  let position = Float(hue) / 10 * 6
  let saturation: Float = 0.82
  let ramps = SIMD3(
    abs(position - 3) - 1, 2 - abs(position - 2), 2 - abs(position - 4)
  ).clamped(lowerBound: .zero, upperBound: .one)
  return SIMD3(repeating: 1 - saturation) + saturation * ramps
}

private func dot(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float { (a * b).sum() }

private func cross(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> SIMD3<Float> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

private func normalize(_ a: SIMD3<Float>) -> SIMD3<Float> { a / dot(a, a).squareRoot() }
