public import DroneWorlds
public import Networks
public import Training

/// A method whose result flies: one of its flights can be looked at.
public protocol FlyingMethod: Method {
  /// Flies one of the test flights that ``evaluate(_:)`` measures.
  ///
  /// - Parameter episode: its number, from 0.
  /// - Throws: what keeps it from being flown.
  func flight(_ network: Network, episode: Int) throws -> Flight
}

/// A flight as it can be drawn.
public struct Flight: Sendable {
  /// The world, with the drone where it begins.
  public let environment: DroneEnvironment
  /// What happened; the tag of a step is the branch it was seen by.
  public let record: EpisodeRecord
  /// The branches by their tags; empty if there are none.
  public let branches: [String]
}

extension Navigator: FlyingMethod {
  /// Flies by the true depth.
  public func flight(_ network: Network, episode: Int) throws -> Flight {
    var pilot = try NavigatorPilot(network)
    pilot.begin(1)
    let (environment, rules) = try begin(episode: episode)
    var pool = EnvironmentPool(
      [environment], goalDistance: rules.goals, content: .depth)
    var record = EpisodeRecord(environment)
    while record.ending == nil {
      let action = pilot.actions(
        pool.environments, depth: pool.depth, farLimit: environment.options.farLimit)[0]
      let result = pool.step([action])[0]
      record.append(action, outcome: result.outcome, pose: result.pose)
    }
    return Flight(environment: environment, record: record, branches: [])
  }
}

extension NaviSplitGate: FlyingMethod {
  /// Flies by what the gate's branches see.
  public func flight(_ network: Network, episode: Int) throws -> Flight {
    var gate = try learned(network)
    let (environment, runner, rules) = try begin(episode: episode)
    var flights = try GatedFlights(
      runner: runner, navigator: navigatorNetwork,
      pool: EnvironmentPool([environment], goalDistance: rules.goals))
    var record = EpisodeRecord(environment)
    while record.ending == nil {
      _ = try flights.look()
      let branch = flights.choice[0]
      let action = flights.actions[0]
      let picked = gate.choose(
        flights.observations, frames: [GateFrame(episode: episode, step: flights.steps[0])])
      let result = flights.fly(picked)[0]
      record.append(
        action, outcome: result.outcome, pose: result.pose, tag: branch,
        bytesSent: runner.parts[branch].bytes)
    }
    return Flight(
      environment: environment, record: record, branches: runner.parts.map(\.branch.name))
  }
}
