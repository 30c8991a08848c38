internal import Autodiff
internal import Checkpoints
internal import DroneWorlds
public import Networks
internal import Splitting
public import Tensors
public import Training

/// NaviSplit's navigator: an agent that flies a drone to goals by the depth that it sees.
///
/// It learns by TD3 from flights in generated worlds, whose goals move away as they are reached. While
/// it learns it sees the true depth; what it makes of a depth network's is measured with a gate, see
/// ``NaviSplitGate``. Source: WoWMoM 2024, https://arxiv.org/abs/2406.13086.
public struct Navigator: Method {
  /// `navigator`.
  public static let name = "navigator"

  /// What the method does, in one sentence.
  public static let summary = "train an agent that flies to goals by the depth it sees"

  /// `quality`, the share of validation flights that reach their goal, and `loss`, what the flights lack
  /// of it.
  public static let monitors = ["quality", "loss"]

  /// Actor and critics.
  public let network: Network

  /// Nothing.
  public let freezing: Freezing

  /// None: what is seen are distances.
  public var inputTransform: InputTransform { .identity }

  /// None.
  public var parents: [String] { [] }

  private let configuration: NavigatorConfiguration
  private let setting: MethodSetting
  private let worlds: FlightWorlds
  private let session: NavigatorSession

  /// Makes an agent and the worlds it learns in.
  ///
  /// - Throws: ``NaviSplitError/noWorlds(dataset:)``.
  public init(_ configuration: NavigatorConfiguration, _ setting: MethodSetting) throws {
    network = try ActorCritic.network(
      observationLength: NavigationMemory.observationLength, actionLength: 2,
      hidden: configuration.hidden, seed: setting.seed)
    freezing = try Freezing([], of: network)
    worlds = try FlightWorlds(setting.data)
    session = try NavigatorSession(
      configuration, network: network, generator: worlds.generator(.training))
    self.configuration = configuration
    self.setting = setting
  }

  /// Steps of learning; what the scripted pilot shows is flown first.
  public func trainingBatches() throws -> any BatchSource {
    session.demonstrate(worlds.generator(.collection)) { done, total in
      setting.observer.progressed(
        "watching the scripted pilot", unit: "steps", done: done, of: total)
    }
    return try steps()
  }

  private func steps() throws -> any BatchSource {
    StepSource(batchesPerEpoch: configuration.stepsPerEpoch)
  }

  /// Flies and learns; the critics' loss.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    session.step(pass)
  }

  /// What was lived through.
  public func savedState() throws -> MethodState? { try session.saved() }

  /// Takes up what was lived through.
  ///
  /// - Throws: ``NaviSplitError/damagedState(_:)``.
  public func restore(_ state: MethodState) throws { try session.restore(state) }

  /// `quality` and `loss` on validation flights, and the `level` of the goals in training.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    let report = try flights(
      NavigatorPilot(network), .validation, configuration.flight.goals,
      episodes: configuration.validationEpisodes)
    return [
      "quality": report.success, "loss": report.success.map { 1 - $0 }, "reward": report.reward,
      "level": Double(session.level),
    ]
  }

  private func flights(
    _ pilot: any Pilot, _ purpose: FlightWorlds.Purpose, _ goals: ClosedRange<Double>, episodes: Int
  ) throws -> FlightReport {
    TrueDepthFlights(
      generator: worlds.generator(purpose), rules: configuration.flight.rules, goals: goals
    ).report(pilot, episodes: episodes)
  }

  /// Test flights by the distance of their goals, beside a scripted pilot that sees the same depth in
  /// full, and one that flies straight at the goal.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    let camera = worlds.options.camera
    let pilots: [any Pilot] = [
      try NavigatorPilot(network),
      ScriptedPilots(camera: camera, options: worlds.options), StraightPilot(),
    ]
    let distances = [5.0...10.0, 10.0...20.0, 20.0...40.0, configuration.flight.goals]
    var reports: [FlightReport] = []
    let total = pilots.count * distances.count
    for goals in distances {
      for pilot in pilots {
        reports.append(
          try flights(pilot, .test, goals, episodes: configuration.testEpisodes))
        setting.observer.progressed(
          "evaluating", unit: "policies", done: reports.count, of: total)
      }
    }
    var report = EvaluationReport(
      method: Navigator.name, dataset: "drone/test flights",
      samples: configuration.testEpisodes,
      accuracy: reports[reports.count - pilots.count].success,
      network: try ActorCritic.actor(of: network).cost)
    report.flights = reports
    return report
  }

  /// A test flight before its first step, and its rules.
  func begin(episode: Int) throws -> (environment: DroneEnvironment, rules: FlightRules) {
    let rules = configuration.flight
    return (
      DroneEnvironment(
        generator: worlds.generator(.test), episode: episode, goalDistance: rules.goals,
        rules: rules.rules), rules
    )
  }

  /// The actor, which runs on the device.
  public func whole(_ network: Network) throws -> Network { try ActorCritic.actor(of: network) }

  /// None: an agent is no split network.
  ///
  /// - Throws: `SetupError.contradiction`.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    throw SetupError.contradiction(
      "a navigator is no split network; train a gate on it (method: navisplit_gate) and export that"
    )
  }
}
