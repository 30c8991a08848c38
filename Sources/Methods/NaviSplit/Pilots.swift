internal import DroneWorlds
internal import Networks
internal import Splitting
internal import Tensors
internal import Training

/// What decides where several drones fly.
protocol Pilot {
  /// What reports call it.
  var name: String { get }

  /// Prepares for a number of drones.
  mutating func begin(_ count: Int)

  /// Forgets a drone's episode.
  mutating func forget(_ index: Int)

  /// What each drone does.
  ///
  /// - Parameters:
  ///   - depth: shares of the far limit, `[drones, height, width, 1]`.
  ///   - farLimit: in metres.
  mutating func actions(
    _ environments: [DroneEnvironment], depth: Tensor<Float>, farLimit: Double
  ) -> [DroneAction]
}

/// A trained navigator.
struct NavigatorPilot: Pilot {
  let name = "navigator"
  private let actor: Head
  private(set) var memories: [NavigationMemory] = []

  init(_ network: Network) throws { actor = Head(try ActorCritic.actor(of: network)) }

  mutating func begin(_ count: Int) {
    memories = Array(repeating: NavigationMemory(), count: count)
  }

  mutating func forget(_ index: Int) { memories[index].forget() }

  /// Takes up what was remembered of each drone's episode.
  mutating func restore(_ observations: [[Float]]) {
    for index in memories.indices { memories[index].restore(observations[index]) }
  }

  mutating func actions(
    _ environments: [DroneEnvironment], depth: Tensor<Float>, farLimit: Double
  ) -> [DroneAction] {
    actions(
      environments, cells: environments.indices.map { DepthView.cells(depth, at: $0) })
  }

  /// What each drone does by the cells it sees.
  mutating func actions(_ environments: [DroneEnvironment], cells: [[Float]]) -> [DroneAction] {
    for (index, environment) in environments.enumerated() {
      memories[index].see(
        cells[index], goalDistance: environment.goalDistance,
        goalBearing: environment.goalBearing)
    }
    let numbers = actor(
      Tensor(
        [environments.count, NavigationMemory.observationLength],
        memories.flatMap(\.observation))
    ).scalars
    return environments.indices.map { NavigationMemory.action(numbers[2 * $0..<2 * $0 + 2]) }
  }
}

/// The baseline that sees the true depth in full and follows rules.
struct ScriptedPilots: Pilot {
  let name = "scripted pilot"
  let camera: Camera
  let options: WorldOptions
  private var pilots: [ScriptedPilot] = []

  init(camera: Camera, options: WorldOptions) {
    self.camera = camera
    self.options = options
  }

  mutating func begin(_ count: Int) {
    pilots = Array(repeating: ScriptedPilot(droneRadius: options.droneRadius), count: count)
  }

  mutating func forget(_ index: Int) {
    pilots[index] = ScriptedPilot(droneRadius: options.droneRadius)
  }

  mutating func actions(
    _ environments: [DroneEnvironment], depth: Tensor<Float>, farLimit: Double
  ) -> [DroneAction] {
    let size = camera.pixelCount
    let metres = depth.scalars.map { $0 * Float(farLimit) }
    return environments.indices.map { index in
      metres.withUnsafeBufferPointer { metres in
        pilots[index].action(
          in: environments[index],
          depth: UnsafeBufferPointer(rebasing: metres[index * size..<(index + 1) * size]))
      }
    }
  }
}

/// The baseline that sees nothing.
struct StraightPilot: Pilot {
  let name = "straight at the goal"

  mutating func begin(_ count: Int) {}
  mutating func forget(_ index: Int) {}

  mutating func actions(
    _ environments: [DroneEnvironment], depth: Tensor<Float>, farLimit: Double
  ) -> [DroneAction] {
    environments.map {
      DroneAction(forward: $0.goalDistance, turn: $0.goalBearing).limited
    }
  }
}

/// Flights of drones that see the true depth.
struct TrueDepthFlights {
  let generator: SceneGenerator
  let rules: DroneRules
  let goals: ClosedRange<Double>

  /// The most drones at a time.
  private static let drones = 16

  /// Flies the first episodes of the worlds.
  func report(_ pilot: any Pilot, episodes: Int) -> FlightReport {
    var pilot = pilot
    let count = min(TrueDepthFlights.drones, episodes)
    var pool = EnvironmentPool(
      count: count, generator: generator, goalDistance: goals, rules: rules, content: .depth)
    var counter = FlightCounter(policy: pilot.name, goals: goals)
    pilot.begin(count)
    while counter.episodes < episodes {
      let before = pool.environments
      let actions = pilot.actions(
        before, depth: pool.depth, farLimit: generator.options.farLimit)
      for (index, result) in pool.step(actions).enumerated() {
        if result.episode < episodes {
          counter.step(
            episode: result.episode, result.outcome, straight: before[index].straightDistance,
            goalRadius: rules.goalRadius)
        }
        if result.outcome.ending != nil { pilot.forget(index) }
      }
    }
    return counter.finishedReport()
  }
}
