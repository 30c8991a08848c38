internal import Foundation

/// What an obstacle keeps the middle of a drone out of, at the height it flies.
///
/// A sphere of radius r at height h touches an obstacle whose nearest point is Δz above or below
/// its middle when it is √(r² − Δz²) away in the horizontal: so an upright box becomes a rectangle
/// with round corners, a cylinder a disc. A sphere of radius R whose middle is Δz away becomes a
/// disc of √((R + r)² − Δz²). All are exact, and a straight flight meets each in closed form.
struct Footprint: Hashable, Sendable {
  /// Half the sides of the rectangle; zero for a disc.
  let half: SIMD2<Double>
  /// How far the outline is from the rectangle, metres.
  let rounding: Double
  private let centre: SIMD2<Double>
  private let cosine: Double
  private let sine: Double

  /// The footprint of an obstacle; nil if the drone flies clear of it above or below.
  init?(_ form: Obstacle.Form, altitude: Double, droneRadius: Double) {
    func reach(from low: Double, to high: Double) -> Double? {
      let gap = max(0, low - altitude, altitude - high)
      return gap < droneRadius ? (droneRadius * droneRadius - gap * gap).squareRoot() : nil
    }
    switch form {
    case .box(let middle, let extents, let yaw):
      guard let reach = reach(from: middle.z - extents.z, to: middle.z + extents.z) else {
        return nil
      }
      self.init(
        centre: SIMD2(middle.x, middle.y), half: SIMD2(extents.x, extents.y), yaw: yaw,
        rounding: reach)
    case .cylinder(let base, let radius, let height):
      guard let reach = reach(from: base.z, to: base.z + height) else { return nil }
      self.init(centre: SIMD2(base.x, base.y), half: .zero, yaw: 0, rounding: radius + reach)
    case .sphere(let middle, let radius):
      let (sum, gap) = (radius + droneRadius, middle.z - altitude)
      guard abs(gap) < sum else { return nil }
      self.init(
        centre: SIMD2(middle.x, middle.y), half: .zero, yaw: 0,
        rounding: (sum * sum - gap * gap).squareRoot())
    }
  }

  private init(centre: SIMD2<Double>, half: SIMD2<Double>, yaw: Double, rounding: Double) {
    self.centre = centre
    self.half = half
    self.rounding = rounding
    cosine = cos(yaw)
    sine = sin(yaw)
  }

  /// A vector in the frame of the rectangle.
  private func turned(_ vector: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2(vector.x * cosine + vector.y * sine, vector.y * cosine - vector.x * sine)
  }

  /// The distance from a place to the outline in metres, negative inside a disc, and no more than
  /// −`rounding` inside the rectangle.
  func distance(from place: SIMD2<Double>) -> Double {
    let local = turned(place - centre)
    let beyond = SIMD2(max(0, abs(local.x) - half.x), max(0, abs(local.y) - half.y))
    return length(beyond) - rounding
  }

  /// The corners of an upright rectangle around the outline, and a margin in metres beyond.
  func bounds(margin: Double) -> (low: SIMD2<Double>, high: SIMD2<Double>) {
    let reach =
      SIMD2(
        half.x * abs(cosine) + half.y * abs(sine), half.x * abs(sine) + half.y * abs(cosine))
      + SIMD2(repeating: rounding + margin)
    return (centre - reach, centre + reach)
  }

  /// How far a flight from a place in a direction of length 1 goes before it is inside; nil if that
  /// is further than a limit.
  func contact(
    from place: SIMD2<Double>, along direction: SIMD2<Double>, within limit: Double
  ) -> Double? {
    let p = turned(place - centre)
    let d = turned(direction)
    // Most obstacles are nowhere near.
    let bound = length(half) + rounding
    let (ahead, square) = (-dot(p, d), dot(p, p))
    guard ahead > -bound, square - ahead * ahead < bound * bound, ahead - bound < limit else {
      return nil
    }
    if distance(from: place) < 0 { return ahead > 0 ? 0 : nil }
    var nearest = Double.infinity
    if half == .zero {
      nearest = Footprint.entry(of: p, d, disc: .zero, radius: rounding) ?? .infinity
    } else {
      // The rounded rectangle is the union of two rectangles and four discs.
      for wider in [SIMD2(half.x + rounding, half.y), SIMD2(half.x, half.y + rounding)] {
        if let t = Footprint.entry(of: p, d, rectangle: wider) { nearest = min(nearest, t) }
      }
      for corner in [
        half, SIMD2(-half.x, half.y), SIMD2(half.x, -half.y), SIMD2(-half.x, -half.y),
      ] {
        if let t = Footprint.entry(of: p, d, disc: corner, radius: rounding) {
          nearest = min(nearest, t)
        }
      }
    }
    return nearest <= limit ? nearest : nil
  }

  /// Where a ray from outside enters a disc.
  static func entry(
    of place: SIMD2<Double>, _ direction: SIMD2<Double>, disc: SIMD2<Double>, radius: Double
  ) -> Double? {
    let offset = place - disc
    let ahead = -dot(offset, direction)
    let rest = ahead * ahead - dot(offset, offset) + radius * radius
    guard ahead > 0, rest > 0 else { return nil }
    return max(0, ahead - rest.squareRoot())
  }

  /// Where a ray from outside enters a rectangle around the origin.
  private static func entry(
    of place: SIMD2<Double>, _ direction: SIMD2<Double>, rectangle half: SIMD2<Double>
  ) -> Double? {
    var (enter, leave) = (-Double.infinity, Double.infinity)
    for axis in 0..<2 {
      if direction[axis] == 0 {
        guard abs(place[axis]) < half[axis] else { return nil }
        continue
      }
      let a = (-half[axis] - place[axis]) / direction[axis]
      let b = (half[axis] - place[axis]) / direction[axis]
      enter = max(enter, min(a, b))
      leave = min(leave, max(a, b))
    }
    return enter < leave && leave > 0 ? max(0, enter) : nil
  }

  /// What is seen of an obstacle in a map: its outline at a height, or, with enough slack, at the
  /// height nearest to that; nil if it is farther away than the slack, in metres.
  init?(sliceOf form: Obstacle.Form, at height: Double, slack: Double) {
    switch form {
    case .box(let centre, let extents, let yaw):
      guard abs(centre.z - height) <= extents.z + slack else { return nil }
      self.init(
        centre: SIMD2(centre.x, centre.y), half: SIMD2(extents.x, extents.y), yaw: yaw, rounding: 0)
    case .cylinder(let base, let radius, let tall):
      guard height >= base.z - slack, height <= base.z + tall + slack else { return nil }
      self.init(centre: SIMD2(base.x, base.y), half: .zero, yaw: 0, rounding: radius)
    case .sphere(let centre, let radius):
      let gap = abs(centre.z - height)
      guard gap <= radius + slack else { return nil }
      let reach = gap < radius ? (radius * radius - gap * gap).squareRoot() : radius
      self.init(
        centre: SIMD2(centre.x, centre.y), half: .zero, yaw: 0,
        rounding: slack > 0 ? radius : reach)
    }
  }

  /// Whether a place is inside the outline or on it.
  func contains(_ place: SIMD2<Double>) -> Bool { distance(from: place) <= 0 }

  /// The horizontal distance from a place to what an obstacle covers at any height, in metres.
  static func distance(from place: SIMD2<Double>, to form: Obstacle.Form) -> Double {
    let outline =
      switch form {
      case .box(let centre, let extents, let yaw):
        Footprint(
          centre: SIMD2(centre.x, centre.y), half: SIMD2(extents.x, extents.y), yaw: yaw,
          rounding: 0)
      case .cylinder(let base, let radius, _):
        Footprint(centre: SIMD2(base.x, base.y), half: .zero, yaw: 0, rounding: radius)
      case .sphere(let centre, let radius):
        Footprint(centre: SIMD2(centre.x, centre.y), half: .zero, yaw: 0, rounding: radius)
      }
    return outline.distance(from: place)
  }
}

func dot(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> Double { (a * b).sum() }
func length(_ a: SIMD2<Double>) -> Double { dot(a, a).squareRoot() }
