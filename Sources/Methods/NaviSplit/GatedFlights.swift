internal import DroneWorlds
internal import Foundation
internal import Networks
internal import Splitting
internal import Tensors
internal import Training

/// Drones that see what branches make of their pictures, and fly by a navigator.
///
/// The steps of a frame: the branch that was picked for it gives its depth, the navigator acts on that,
/// the branch of the next frame is picked from what the navigator has observed, and the drones fly.
struct GatedFlights {
  let runner: BranchRunner
  private(set) var pool: EnvironmentPool
  private(set) var choice: [Int]
  /// The frame of its episode that each drone is at.
  private(set) var steps: [Int]

  private var pilot: NavigatorPilot
  private var numbers: [Float]
  private var lastActions: [[Float]]
  /// What each drone does next, once it has looked.
  private(set) var actions: [DroneAction] = []
  private var histories: [FlightHistory]

  /// The numbers of what a gate observes: what the navigator does, its last action and the gate's own.
  static let observationLength = NavigationMemory.observationLength + 3

  /// What drones see, and what was there.
  struct Seen {
    var cells: [[Float]]
    var truth: [[Float]]
  }

  init(
    runner: BranchRunner, navigator: Network, generator: SceneGenerator, rules: DroneRules,
    goals: ClosedRange<Double>, drones: Int
  ) throws {
    try self.init(
      runner: runner, navigator: navigator,
      pool: EnvironmentPool(
        count: drones, generator: generator, goalDistance: goals, rules: rules))
  }

  /// Flies the episodes of a pool, none of which has taken a step.
  init(runner: BranchRunner, navigator: Network, pool: EnvironmentPool) throws {
    self.runner = runner
    self.pool = pool
    let drones = pool.environments.count
    pilot = try NavigatorPilot(navigator)
    pilot.begin(drones)
    // The first frame has the largest branch.
    choice = Array(repeating: runner.parts.count - 1, count: drones)
    numbers = Array(repeating: 1, count: drones)
    lastActions = Array(repeating: [0.5, 0.5], count: drones)
    steps = Array(repeating: 0, count: drones)
    histories = pool.environments.map {
      FlightHistory(episode: $0.episode, goals: pool.goalDistance)
    }
  }

  private var pixels: Tensor<Float> { pool.colours ?? pool.depth }

  /// Looks at the frame by the branches that were picked for it, and lets the navigator act.
  mutating func look() throws -> Seen {
    let depth = try runner.depth(pixels, choice: choice)
    let cells = choice.indices.map { DepthView.cells(depth, at: $0) }
    let truth = choice.indices.map { DepthView.cells(pool.depth, at: $0) }
    actions = pilot.actions(pool.environments, cells: cells)
    lastActions = actions.map {
      [Float($0.forward / DroneAction.longestFlight), Float(($0.turn / .pi + 1) / 2)]
    }
    return Seen(cells: cells, truth: truth)
  }

  /// What each gate observes, once the drones have looked.
  var observations: [[Float]] {
    choice.indices.map { pilot.memories[$0].observation + lastActions[$0] + [numbers[$0]] }
  }

  /// Flies, with the branches that were picked for the frames that come.
  mutating func fly(_ picked: [(branch: Int, number: Float)]) -> [EnvironmentPool.StepResult] {
    let results = pool.step(actions)
    for (index, result) in results.enumerated() {
      if result.outcome.ending != nil {
        pilot.forget(index)
        choice[index] = runner.parts.count - 1
        numbers[index] = 1
        lastActions[index] = [0.5, 0.5]
        steps[index] = 0
        histories[index] = FlightHistory(
          episode: pool.environments[index].episode, goals: pool.goalDistance)
      } else {
        histories[index].actions.append(actions[index])
        choice[index] = picked[index].branch
        numbers[index] = picked[index].number
        steps[index] += 1
      }
    }
    return results
  }

  /// For each drone, how far what each branch makes of the frame it sees now is from the truth: the mean
  /// absolute difference of the cells.
  func errors() throws -> [[Double]] {
    let all = try runner.all(pixels)
    return choice.indices.map { index in
      let truth = DepthView.cells(pool.depth, at: index)
      return all.map { depth in
        let cells = DepthView.cells(depth, at: index)
        return zip(cells, truth).reduce(0) { $0 + abs(Double($1.0 - $1.1)) }
          / Double(truth.count)
      }
    }
  }
}

extension GatedFlights {
  /// Flights under way, to go on with.
  struct Saved: Codable {
    var histories: [FlightHistory]
    var memories: [[Float]]
    var choice: [Int]
    var numbers: [Float]
    var lastActions: [[Float]]
    var steps: [Int]
    var actions: [DroneAction]
  }

  /// The flights as they are.
  var saved: Saved {
    Saved(
      histories: histories, memories: pilot.memories.map(\.observation), choice: choice,
      numbers: numbers, lastActions: lastActions, steps: steps, actions: actions)
  }

  /// Goes on with flights.
  ///
  /// - Returns: whether they are as many as there are here, and of the same branches.
  mutating func restore(
    _ saved: Saved, generator: SceneGenerator, rules: DroneRules
  ) -> Bool {
    let count = choice.count
    guard saved.histories.count == count, saved.histories.allSatisfy(\.isValid),
      saved.memories.count == count,
      saved.memories.allSatisfy({ $0.count == NavigationMemory.observationLength }),
      saved.choice.count == count, saved.choice.allSatisfy(runner.parts.indices.contains),
      saved.numbers.count == count, saved.steps.count == count, saved.actions.count == count,
      saved.lastActions.count == count, saved.lastActions.allSatisfy({ $0.count == 2 })
    else { return false }
    histories = saved.histories
    pool = EnvironmentPool(
      histories.map { $0.environment(generator, rules: rules) }, goalDistance: pool.goalDistance)
    pilot.restore(saved.memories)
    choice = saved.choice
    numbers = saved.numbers
    lastActions = saved.lastActions
    steps = saved.steps
    actions = saved.actions
    return true
  }
}

/// Measures a gate over episodes.
struct GateEvaluation {
  let runner: BranchRunner
  let navigator: Network
  let generator: SceneGenerator
  let rules: DroneRules
  let goals: ClosedRange<Double>
  let link: Link
  /// By how much the link's rate varies from frame to frame, and what with.
  let rateVariation: Double
  let seed: UInt64
  /// What the parts of each branch take; nil where nobody asks for the latency.
  let times: [BranchRunner.Times]?

  /// The most drones at a time.
  private static let drones = 16
  /// What is sent down: an action in two numbers.
  private static let answerBytes = 8

  /// Flies the first episodes of the worlds.
  ///
  /// - Parameter observer: told how far it is; nobody if nil.
  func report(
    _ gate: any Gate, episodes: Int, observer: (any TrainingObserver)? = nil
  ) throws -> FlightReport {
    var gate = gate
    let count = min(GateEvaluation.drones, episodes)
    var flights = try GatedFlights(
      runner: runner, navigator: navigator, generator: generator, rules: rules, goals: goals,
      drones: count)
    var counter = FlightCounter(policy: gate.name, goals: goals, branches: runner.parts.count)
    while counter.episodes < episodes {
      let seen = try flights.look()
      let before = flights.pool.environments
      let frames = before.indices.map {
        GateFrame(episode: before[$0].episode, step: flights.steps[$0], errors: nil)
      }
      for index in before.indices where before[index].episode < episodes {
        let branch = flights.choice[index]
        counter.frame(
          branch: branch, bytes: runner.parts[branch].bytes,
          latency: times.map {
            latency($0[branch], bytes: runner.parts[branch].bytes, frames[index])
          }, seen: seen.cells[index], truth: seen.truth[index])
      }
      let observations = flights.observations
      let results: [EnvironmentPool.StepResult]
      if gate.knowsErrors {
        // What comes is only known once it is there: the drones fly, and the branch is picked then.
        results = flights.fly(frames.map { _ in (runner.parts.count - 1, 1) })
        let errors = try flights.errors()
        let told = frames.indices.map {
          GateFrame(episode: frames[$0].episode, step: frames[$0].step, errors: errors[$0])
        }
        flights.pick(gate.choose(observations, frames: told), except: results)
      } else {
        results = flights.fly(gate.choose(observations, frames: frames))
      }
      for (index, result) in results.enumerated() where result.episode < episodes {
        counter.step(
          episode: result.episode, result.outcome, straight: before[index].straightDistance,
          goalRadius: rules.goalRadius)
      }
      observer?.progressed(
        "flying by \(gate.name)", unit: "flights", done: min(counter.episodes, episodes),
        of: episodes)
    }
    return counter.finishedReport()
  }

  /// The time from a picture to an action under the rate the link has in that frame, the same for every
  /// gate.
  private func latency(
    _ times: BranchRunner.Times, bytes: Int, _ frame: GateFrame
  ) -> Double {
    var random = RandomSource(
      seed: seed, purpose: "link rate", index: frame.episode << 20 + frame.step)
    let factor = exp(
      (2 * random.uniform() - 1) * log(rateVariation))
    let uplink = link.uplinkTime(for: bytes).seconds / factor
    let answer = link.downlinkTime(for: GateEvaluation.answerBytes).seconds / factor
    return times.device.seconds + uplink + link.roundTripTime.seconds + times.server.seconds
      + answer
  }
}

extension GatedFlights {
  /// Picks the branches of the frames that are there now, but of those that begin an episode.
  mutating func pick(
    _ picked: [(branch: Int, number: Float)], except results: [EnvironmentPool.StepResult]
  ) {
    for (index, result) in results.enumerated() where result.outcome.ending == nil {
      choice[index] = picked[index].branch
      numbers[index] = picked[index].number
    }
  }
}
