internal import Foundation
internal import Tensors

/// A drone on its way to a goal through a scene.
///
/// A value: a copy goes on by itself, and shares what does not change. An episode follows from the
/// seed of the world and its number alone.
///
/// Collisions are exact: at the height of flight every obstacle keeps the drone's middle out of a
/// disc or a rectangle with round corners, and a straight flight meets those in closed form.
public struct DroneEnvironment: Sendable {
  /// What the world is like.
  public var options: WorldOptions { generator.options }
  /// The rules of the episode.
  public let rules: DroneRules
  /// The number of the episode.
  public let episode: Int
  /// The scene.
  public let scene: Scene
  /// The scene, ready to be rendered.
  public let prepared: PreparedScene
  /// Where the drone began.
  public let start: Pose
  /// Where it is to go, in metres on the map.
  public let goal: SIMD2<Double>
  /// Where it is.
  public private(set) var pose: Pose
  /// The steps it has made.
  public private(set) var stepCount = 0
  /// How far it has flown, in metres.
  public private(set) var pathLength = 0.0
  /// Why the episode is over; nil while it goes on.
  public private(set) var ending: EpisodeEnding?

  private let generator: SceneGenerator
  private let footprints: [Footprint]

  /// Begins an episode.
  ///
  /// The goal is at a random bearing, and can be reached, though seldom in a straight line. Where
  /// no place at the wanted distance can be reached, it is at the nearest distance that has one.
  ///
  /// - Parameters:
  ///   - generator: makes the scene, whose index is the episode's number.
  ///   - episode: the number of the episode.
  ///   - goalDistance: how far away the goal is, in metres along the straight line.
  ///   - rules: the rules of the episode.
  /// - Precondition: the distances are above 0.
  public init(
    generator: SceneGenerator, episode: Int, goalDistance: ClosedRange<Double>,
    rules: DroneRules = DroneRules()
  ) {
    self.init(
      generator: generator, episode: episode, scene: generator.scene(episode),
      goalDistance: goalDistance, goal: nil, rules: rules)
  }

  /// Begins an episode in a scene of one's own.
  ///
  /// - Parameters:
  ///   - scene: the scene; the drone begins at its start.
  ///   - goal: where to go, in metres on the map; whether it can be reached is not looked at.
  ///   - options: the height and size of the drone, and its camera.
  ///   - rules: the rules of the episode.
  public init(
    scene: Scene, goal: SIMD2<Double>, options: WorldOptions = WorldOptions(),
    rules: DroneRules = DroneRules()
  ) {
    self.init(
      generator: SceneGenerator(options: options, seed: 0), episode: 0, scene: scene,
      goalDistance: 1...1, goal: goal, rules: rules)
  }

  /// Begins an episode in a scene, with a goal at a distance of a range if none is given.
  package init(
    generator: SceneGenerator, episode: Int, scene: Scene, goalDistance: ClosedRange<Double>,
    goal: SIMD2<Double>? = nil, rules: DroneRules = DroneRules()
  ) {
    precondition(goalDistance.lowerBound > 0, "DroneEnvironment: a goal at \(goalDistance) m")
    let options = generator.options
    self.generator = generator
    self.rules = rules
    self.episode = episode
    self.scene = scene
    prepared = PreparedScene(scene)
    footprints = scene.obstacles.compactMap {
      Footprint($0.form, altitude: options.altitude, droneRadius: options.droneRadius)
    }
    var random = RandomSource(seed: generator.seed, purpose: "drone episode", index: episode)
    start = Pose(
      position: SIMD3(scene.start.x, scene.start.y, options.altitude),
      yaw: (2 * random.uniform() - 1) * .pi)
    pose = start
    self.goal =
      goal
      ?? DroneEnvironment.goal(
        from: scene.start, distance: goalDistance,
        ground: ReachableGround(
          from: scene.start, footprints: footprints,
          half: scene.extent / 2 - options.droneRadius,
          // Room to go around what is before or behind the goal.
          reach: goalDistance.upperBound + 10), &random)
  }

  /// A place that can be reached, at a distance of a range.
  private static func goal(
    from start: SIMD2<Double>, distance range: ClosedRange<Double>, ground: ReachableGround,
    _ random: inout RandomSource
  ) -> SIMD2<Double> {
    func place(_ distance: Double) -> SIMD2<Double> {
      let bearing = 2 * Double.pi * random.uniform()
      return start + distance * SIMD2(cos(bearing), sin(bearing))
    }
    for _ in 0..<256 {
      let width = range.upperBound - range.lowerBound
      let candidate = place(range.lowerBound + width * random.uniform())
      if ground.contains(candidate) { return candidate }
    }
    // A range that lies beyond the walls, or a start that is shut in.
    var distance = range.lowerBound
    while distance > 0.5 {
      for _ in 0..<64 {
        let candidate = place(distance)
        if ground.contains(candidate) { return candidate }
      }
      distance -= 0.5
    }
    return start
  }

  /// The episode after this one, with goals at a distance of a range in metres.
  public func next(
    goalDistance: ClosedRange<Double>, skipping count: Int = 1
  ) -> DroneEnvironment {
    DroneEnvironment(
      generator: generator, episode: episode + count, goalDistance: goalDistance, rules: rules)
  }

  /// The distance to the goal in metres, along the straight line.
  public var goalDistance: Double { length(goal - pose.ground) }

  /// The bearing of the goal from the heading, −π to π radians, to the left above 0.
  public var goalBearing: Double {
    let way = goal - pose.ground
    return Pose.wrapped(atan2(way.y, way.x) - pose.yaw)
  }

  /// The distance from the start to the goal in metres, along the straight line.
  public var straightDistance: Double { length(goal - start.ground) }

  /// How far the drone can fly from where it is before it touches something or the end of the
  /// world, in metres.
  ///
  /// - Parameters:
  ///   - turn: the direction from the heading, in radians counter-clockwise.
  ///   - limit: how far to look, in metres.
  /// - Returns: the distance; the limit if nothing is touched before.
  public func freeDistance(turn: Double, limit: Double) -> Double {
    contact(along: Pose(position: pose.position, yaw: pose.yaw + turn).heading, limit) ?? limit
  }

  private func contact(along direction: SIMD2<Double>, _ limit: Double) -> Double? {
    let place = pose.ground
    var nearest = Double.infinity
    let half = scene.extent / 2 - options.droneRadius
    for axis in 0..<2 where direction[axis] != 0 {
      let way = ((direction[axis] > 0 ? half : -half) - place[axis]) / direction[axis]
      nearest = min(nearest, max(0, way))
    }
    for footprint in footprints {
      let bound = min(limit, nearest)
      if let way = footprint.contact(from: place, along: direction, within: bound) {
        nearest = min(nearest, way)
      }
    }
    return nearest <= limit ? nearest : nil
  }

  /// Turns, then flies ahead until the way is flown, the goal is reached or something is touched.
  ///
  /// The goal is reached where the way comes within its radius; the drone stays there, as it stays
  /// where it touches something.
  ///
  /// - Precondition: the episode is not over.
  @discardableResult
  public mutating func step(_ action: DroneAction) -> StepOutcome {
    precondition(ending == nil, "DroneEnvironment: a step after the end of the episode")
    let action = action.limited
    let before = goalDistance
    pose.yaw = Pose.wrapped(pose.yaw + action.turn)
    let heading = pose.heading
    var distance = action.forward
    if let way = contact(along: heading, distance), distance > 0 {
      distance = way
      ending = .collision
    }
    let arrival =
      before <= rules.goalRadius
      ? 0
      : Footprint.entry(of: pose.ground, heading, disc: goal, radius: rules.goalRadius)
    if let arrival, arrival <= distance {
      distance = arrival
      ending = .goal
    }
    pose.position += distance * SIMD3(heading.x, heading.y, 0)
    pathLength += distance
    stepCount += 1
    if ending == nil, stepCount >= rules.maximumSteps { ending = .timeout }
    return StepOutcome(
      reward: rules.rewards.reward(
        ending: ending, distance: distance, progress: before - goalDistance), distance: distance,
      ending: ending)
  }
}
