internal import Autodiff
internal import Checkpoints
internal import DroneWorlds
public import Networks
internal import Splitting
public import Tensors
public import Training

/// NaviSplit's gate: from what the navigator observes, the branch that the next frame is sent by.
///
/// It learns by TD3 from what flights are worth less what branches cost, or from frames on which every
/// branch was tried: from the best of them, or by the expected error and price under its
/// probabilities. Navigator and branches never change. Source: WoWMoM 2024,
/// https://arxiv.org/abs/2406.13086; the two alternatives are the toolkit's own.
public struct NaviSplitGate: Method {
  /// `navisplit_gate`.
  public static let name = "navisplit_gate"

  /// What the method does, in one sentence.
  public static let summary = "train a gate that picks the branch of a drone's next frame"

  /// `quality`, what validation flights are worth on average, and `loss`, what is learned by.
  public static let monitors = ["quality", "loss"]

  /// Actor and critics, or a perceptron to the logits of the branches.
  public let network: Network

  /// Nothing.
  public let freezing: Freezing

  /// What pixels go through before the branches.
  public var inputTransform: InputTransform { runner.inputTransform }

  /// The branches' and the navigator's checkpoints.
  public var parents: [String] { [configuration.branches, configuration.navigator] }

  private let configuration: NaviSplitGateConfiguration
  private let setting: MethodSetting
  private let worlds: FlightWorlds
  private let runner: BranchRunner
  private let navigator: Network
  private let session: GateSession

  /// Reads branches and navigator, and makes a gate.
  ///
  /// - Throws: what keeps a checkpoint from being read, or ``NaviSplitError``.
  public init(_ configuration: NaviSplitGateConfiguration, _ setting: MethodSetting) throws {
    worlds = try FlightWorlds(setting.data)
    runner = try BranchRunner(
      checkpoint: configuration.branches, quantizer: configuration.quantizer)
    navigator = try Checkpoint.read(configuration.navigator).network
    let length = navigator.inputs.first { $0.name == "observation" }?.shape
    guard length == [NavigationMemory.observationLength],
      (try? ActorCritic.actor(of: navigator))?.outputShape == [2]
    else {
      throw NaviSplitError.checkpoint(
        file: configuration.navigator, expected: "navigator (method: navigator)")
    }
    let observations = GatedFlights.observationLength
    if configuration.training == .td3 {
      network = try ActorCritic.network(
        observationLength: observations, actionLength: 1, hidden: configuration.hidden,
        seed: setting.seed)
    } else {
      network = try NaviSplitGate.perceptron(
        observations, configuration.hidden, runner.parts.count, seed: setting.seed)
    }
    freezing = try Freezing([], of: network)
    self.configuration = configuration
    self.setting = setting
    session = try GateSession(
      configuration, network: network, runner: runner, navigator: navigator,
      generator: worlds.generator(.collection), seed: setting.seed)
  }

  private static func perceptron(
    _ inputs: Int, _ hidden: [Int], _ outputs: Int, seed: UInt64
  ) throws -> Network {
    var builder = NetworkBuilder(input: "observation", shape: [inputs])
    var (value, length) = ("observation", inputs)
    for (index, width) in hidden.enumerated() {
      value = builder.add("gate.fc\(index + 1)", LinearLayer(length, width), after: value)
      value = builder.add("gate.relu\(index + 1)", ActivationLayer(.relu), after: value)
      length = width
    }
    value = builder.add(
      "gate.fc\(hidden.count + 1)", LinearLayer(length, outputs), after: value)
    var network = try builder.network(name: "gate", outputs: [value])
    network.initializeParameters(seed: seed)
    return network
  }

  // MARK: - Training

  /// Steps of learning; gates that learn from frames collect them first.
  public func trainingBatches() throws -> any BatchSource {
    if configuration.training != .td3 {
      try session.collect { done, total in
        setting.observer.progressed(
          "trying every branch", unit: "frames", done: done, of: total)
      }
    }
    return StepSource(batchesPerEpoch: configuration.stepsPerEpoch)
  }

  /// Flies and learns, or learns from collected frames.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    try session.step(pass)
  }

  /// What was lived through.
  public func savedState() throws -> MethodState? { try session.saved() }

  /// Takes up what was lived through.
  ///
  /// - Throws: ``NaviSplitError/damagedState(_:)``.
  public func restore(_ state: MethodState) throws { try session.restore(state) }

  private func gate(_ network: Network, name: String) throws -> LearnedGate {
    let isActor = configuration.training == .td3
    return LearnedGate(
      name: name, count: runner.parts.count, mapping: isActor ? configuration.mapping : nil,
      network: Head(try deployed(network)))
  }

  /// The trained gate.
  func learned(_ network: Network) throws -> any Gate { try gate(network, name: "gate") }

  /// The navigator that it picks branches for.
  var navigatorNetwork: Network { navigator }

  /// A test flight before its first step, the branches, and its rules.
  func begin(
    episode: Int
  ) throws -> (environment: DroneEnvironment, runner: BranchRunner, rules: FlightRules) {
    let rules = configuration.flight
    return (
      DroneEnvironment(
        generator: worlds.generator(.test), episode: episode, goalDistance: rules.goals,
        rules: rules.rules), runner, rules
    )
  }

  private func deployed(_ network: Network) throws -> Network {
    configuration.training == .td3 ? try ActorCritic.actor(of: network) : network
  }

  private func evaluation(
    _ purpose: FlightWorlds.Purpose, times: [BranchRunner.Times]? = nil
  ) -> GateEvaluation {
    GateEvaluation(
      runner: runner, navigator: navigator, generator: worlds.generator(purpose),
      rules: configuration.flight.rules, goals: configuration.flight.goals, link: setting.link,
      rateVariation: configuration.rateVariation, seed: 0, times: times)
  }

  /// `quality` and `loss` on validation flights, and what they are made of.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    let report = try evaluation(.validation).report(
      gate(network, name: "gate"), episodes: configuration.validationEpisodes)
    let prices = configuration.prices(runner, weight: configuration.weight)
    let price = zip(report.shares ?? [], prices).reduce(0) { $0 + $1.0 * $1.1 }
    // The price is a flight's for TD3, a frame's otherwise, where the error stands in for the reward.
    let worth: Double? =
      if configuration.training == .td3 {
        report.reward.flatMap { reward in report.steps.map { reward - price * $0 } }
      } else {
        report.cellError.map { -($0 + price) }
      }
    return [
      "quality": worth, "loss": worth.map { -$0 }, "success": report.success,
      "bytes": report.bytesPerFrame, "depth_error": report.depthError,
    ]
  }

  // MARK: - Evaluation

  /// The gate on test flights, beside every branch alone, mixtures of neighbours at random, one with the
  /// gate's own shares, and an oracle that is told the error of every branch beforehand.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    let evaluation = evaluation(.test, times: runner.times())
    let episodes = configuration.testEpisodes
    let count = runner.parts.count
    func fly(_ gate: any Gate) throws -> FlightReport {
      try evaluation.report(gate, episodes: episodes, observer: setting.observer)
    }
    let learned = try fly(gate(network, name: "gate, \(configuration.training.rawValue)"))
    var reports = [learned]
    reports.append(
      try fly(
        RandomGate(
          name: "random, the gate's shares", shares: NaviSplitGate.chosenShares(learned),
          seed: 1)))
    for (index, part) in runner.parts.enumerated() {
      reports.append(
        try fly(StaticGate(name: part.branch.name, branch: index, count: count)))
    }
    for index in 0..<count - 1 {
      var shares = [Double](repeating: 0, count: count)
      shares[index] = 0.5
      shares[index + 1] = 0.5
      reports.append(
        try fly(
          RandomGate(
            name: "random, \(runner.parts[index].branch.name) and "
              + "\(runner.parts[index + 1].branch.name)", shares: shares, seed: 2)))
    }
    reports.append(
      try fly(
        OracleGate(prices: configuration.prices(runner, weight: configuration.oracleWeight))))
    setting.observer.progressed("evaluating", unit: "policies", done: 1, of: 1)
    var report = EvaluationReport(
      method: NaviSplitGate.name, dataset: "drone/test flights", samples: episodes,
      accuracy: learned.success, network: try deployed(network).cost)
    report.flights = reports
    return report
  }

  /// The shares of the branches among the frames that were somebody's choice: all but the first of each
  /// flight, which has the largest branch.
  private static func chosenShares(_ report: FlightReport) -> [Double] {
    guard let shares = report.shares, let steps = report.steps, steps > 1 else {
      return report.shares ?? []
    }
    let first = 1 / steps
    return shares.enumerated().map { index, share in
      max(0, (share - (index == shares.count - 1 ? first : 0)) / (1 - first))
    }
  }

  /// The gate alone, which runs on the device.
  public func whole(_ network: Network) throws -> Network { try deployed(network) }

  /// The parts of the largest branch, which every flight begins with.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    let part = runner.parts[runner.parts.count - 1]
    return (part.device.network, part.server.network)
  }

  /// None: what a frame sends depends on the flight, see ``evaluate(_:)``.
  public func systems(_ network: Network) throws -> [any SplitSystem] { [] }

  /// The branches, the navigator and the gate, with how observations are made.
  public func decisions(_ network: Network) throws -> DeviceDecisions {
    let observation: [String: Double] = [
      "steps": Double(NavigationMemory.steps), "grid_rows": Double(NavigationMemory.grid.rows),
      "grid_columns": Double(NavigationMemory.grid.columns),
      "far_goal_metres": NavigationMemory.farGoal,
      "longest_flight_metres": DroneAction.longestFlight,
    ]
    let isActor = configuration.training == .td3
    return DeviceDecisions(
      branches: runner.parts.map {
        DeviceDecisions.Branch(
          name: $0.branch.name, device: $0.device.network, server: $0.server.network,
          quantizer: configuration.quantizer.steps)
      },
      policies: [
        PolicyNetwork(
          name: "navigator", network: try ActorCritic.actor(of: navigator),
          settings: observation,
          facts: [
            "observation":
              "the last steps, the oldest first, each the least depth of every cell as a "
              + "share of the far limit, goal distance over far_goal_metres up to 1, goal bearing "
              + "over pi; until there are enough steps, the first stands for those before it",
            "action": "metres forward, (a0 + 1) / 2 of the longest flight; turn, a1 times pi",
          ]),
        PolicyNetwork(
          name: "gate", network: try deployed(network), settings: observation,
          facts: [
            "observation":
              "the navigator's, its action (metres over the longest flight, half a turn "
              + "and half of it over pi), and the number of the branch that this frame was sent by",
            "decision": isActor
              ? "\(configuration.mapping.rawValue): one number from -1 to 1"
              : "argmax: a logit for each branch",
            "first_branch": "the last one, whose number is 1",
          ]),
      ])
  }
}
