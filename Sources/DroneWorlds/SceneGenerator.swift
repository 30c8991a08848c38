internal import Tensors

/// Makes up scenes: the same for a seed and an index on every machine.
///
/// Obstacles differ in kind, size, colour and pattern, and scenes in density, light, haze, floor
/// and sky, so that neither a colour nor a brightness tells how far away something is.
public struct SceneGenerator: Hashable, Sendable {
  /// What scenes are like.
  public let options: WorldOptions
  /// What they follow from.
  public let seed: UInt64

  /// Creates a generator.
  ///
  /// - Precondition: the options have no ``WorldOptions/problems()``.
  public init(options: WorldOptions = WorldOptions(), seed: UInt64) {
    let problems = options.problems()
    precondition(problems.isEmpty, "SceneGenerator: \(problems)")
    self.options = options
    self.seed = seed
  }

  /// The scene of an index.
  public func scene(_ index: Int) -> Scene {
    var random = RandomSource(seed: seed, purpose: "drone world", index: index)
    let extent = options.extent
    let start = SIMD2(random.number(-0.1, 0.1) * extent, random.number(-0.1, 0.1) * extent)
    let density = random.number(options.minimumDensity, options.maximumDensity)
    // A scene has a few materials that return, and others that are there once.
    let returning = (0..<4).map { _ in random.material() }
    var obstacles: [Obstacle] = []
    for _ in 0..<Int((density * extent * extent / 100).rounded()) {
      let place = SIMD2(random.number(-0.5, 0.5) * extent, random.number(-0.5, 0.5) * extent)
      let form = form(at: place, &random)
      let material =
        random.uniform() < 0.5 ? returning[Int(random.uniform() * 4)] : random.material()
      guard Footprint.distance(from: start, to: form) >= options.startClearance else { continue }
      obstacles.append(Obstacle(form: form, material: material))
    }
    let wall = random.material()
    obstacles += walls(wall)
    let cloudiness = random.uniform()
    let horizon = Colour(
      hue: random.number(0.5, 0.66), saturation: random.number(0, 0.3),
      value: random.number(0.75, 1))
    return Scene(
      obstacles: obstacles, floor: random.material(saturation: 0.5, scales: 0.5...3),
      sky: Scene.Sky(
        horizon: horizon,
        zenith: Colour(
          hue: random.number(0.55, 0.65), saturation: random.number(0.2, 0.8),
          value: random.number(0.55, 0.95))),
      light: Scene.Light(
        azimuth: random.number(-.pi, .pi), elevation: random.number(0.35, 1.3),
        direct: 0.75 - 0.45 * cloudiness, ambient: 0.3 + 0.3 * cloudiness),
      haze: random.number(0.002, 0.03), extent: extent, start: start)
  }

  private func form(at place: SIMD2<Double>, _ random: inout RandomSource) -> Obstacle.Form {
    let (low, high) = (options.minimumSize, options.maximumSize)
    let size = random.number(low, high)
    let height = random.number(options.minimumHeight, options.maximumHeight)
    let kind = random.uniform()
    switch kind {
    case ..<0.3:
      return .box(
        centre: SIMD3(place.x, place.y, height / 2),
        halfExtents: SIMD3(size, random.number(low, high), height / 2),
        yaw: random.number(-.pi, .pi))
    case ..<0.42:
      // A wall.
      return .box(
        centre: SIMD3(place.x, place.y, height / 2),
        halfExtents: SIMD3(random.number(1, 3) * high, low, height / 2),
        yaw: random.number(-.pi, .pi))
    case ..<0.5:
      // A beam or a block that hangs over the floor.
      let lift = random.number(0, options.altitude + 2)
      return .box(
        centre: SIMD3(place.x, place.y, lift + size / 2),
        halfExtents: SIMD3(size, random.number(low, high), size / 2),
        yaw: random.number(-.pi, .pi))
    case ..<0.8:
      return .cylinder(
        base: SIMD3(place.x, place.y, 0), radius: 0.7 * size, height: height)
    default:
      return .sphere(
        centre: SIMD3(place.x, place.y, random.number(0.5 * size, options.altitude + size)),
        radius: size)
    }
  }

  /// Around the world; their inner sides are its end.
  private func walls(_ material: Material) -> [Obstacle] {
    let (half, thickness) = (options.extent / 2, 0.5)
    let height = max(3, options.altitude + 2 * options.droneRadius)
    return [SIMD2(1.0, 0), SIMD2(-1, 0), SIMD2(0, 1), SIMD2(0, -1)].map { side in
      let centre = side * (half + thickness)
      let isAcross = side.x != 0
      return Obstacle(
        form: .box(
          centre: SIMD3(centre.x, centre.y, height / 2),
          halfExtents: SIMD3(
            isAcross ? thickness : half + 2 * thickness,
            isAcross ? half + 2 * thickness : thickness, height / 2), yaw: 0),
        material: material)
    }
  }
}

extension RandomSource {
  /// A number between two others.
  fileprivate mutating func number(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }

  /// A material of two colours, often of one hue.
  fileprivate mutating func material(
    saturation: Double = 0.9, scales: ClosedRange<Double> = 0.15...1.2
  ) -> Material {
    let hue = uniform()
    let first = Colour(hue: hue, saturation: number(0, saturation), value: number(0.25, 1))
    let second = Colour(
      hue: uniform() < 0.6 ? hue : uniform(), saturation: number(0, saturation),
      value: number(0.15, 1))
    let patterns = Material.Pattern.allCases
    return Material(
      colour: first, secondColour: second, pattern: patterns[Int(uniform() * 4)],
      scale: number(scales.lowerBound, scales.upperBound), phase: uniform())
  }
}
