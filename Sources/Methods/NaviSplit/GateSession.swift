internal import Autodiff
internal import DroneWorlds
internal import Files
internal import Foundation
internal import Networks
internal import Splitting
internal import Tensors
internal import Training

/// The flights that a gate learns from.
final class GateSession {
  private let configuration: NaviSplitGateConfiguration
  private let runner: BranchRunner
  private let navigator: Network
  private let generator: SceneGenerator
  private let seed: UInt64

  /// Learns by TD3, if the gate does.
  private let learner: TD3Learner?
  private var flights: GatedFlights?

  /// What was observed before a frame, and the error of every branch on it.
  private var frames: [(observation: [Float], errors: [Double])] = []

  init(
    _ configuration: NaviSplitGateConfiguration, network: Network, runner: BranchRunner,
    navigator: Network, generator: SceneGenerator, seed: UInt64
  ) throws {
    self.configuration = configuration
    self.runner = runner
    self.navigator = navigator
    self.generator = generator
    self.seed = seed
    learner =
      configuration.training == .td3
      ? try TD3Learner(
        network, configuration: configuration.td3,
        observationLength: GatedFlights.observationLength, actionLength: 1) : nil
  }

  /// What a frame of each branch costs.
  private var prices: [Double] { configuration.prices(runner, weight: configuration.weight) }

  /// A step of learning.
  func step(_ pass: TrainingPass) throws -> Double {
    guard let learner else { return learnFromFrames(pass) }
    for repetition in 0..<configuration.td3.stepsBeforeLearning {
      try fly(learner, pass, repetition)
    }
    return learner.learn(pass)
  }

  // MARK: - TD3

  private func begin(drones: Int) throws -> GatedFlights {
    try GatedFlights(
      runner: runner, navigator: navigator, generator: generator,
      rules: configuration.flight.rules, goals: configuration.flight.goals, drones: drones)
  }

  private var observed: [[Float]] = []

  private func fly(_ learner: TD3Learner, _ pass: TrainingPass, _ repetition: Int) throws {
    var flights = try flights ?? begin(drones: configuration.td3.agents)
    let count = flights.choice.count
    if observed.isEmpty {
      _ = try flights.look()
      observed = flights.observations
    }
    var random = RandomSource(seed: pass.seed, purpose: "exploration", index: repetition)
    let numbers: [Float]
    if learner.replay.count < configuration.td3.warmUp {
      numbers = (0..<count).map { _ in Float(2 * random.uniform() - 1) }
    } else {
      let length = GatedFlights.observationLength
      numbers = learner.act(Tensor([count, length], observed.flatMap { $0 }), pass).scalars.map {
        min(1, max(-1, $0 + Float(configuration.td3.explorationNoise * random.normal())))
      }
    }
    let picked = numbers.map { number in
      (branch: configuration.mapping.branch(number, of: runner.parts.count), number: number)
    }
    let results = flights.fly(picked)
    _ = try flights.look()
    let next = flights.observations
    let prices = prices
    for (index, result) in results.enumerated() where result.outcome.ending != .timeout {
      let isOver = result.outcome.ending != nil
      learner.replay.append(
        ReplayBuffer.Transition(
          observation: observed[index], action: [numbers[index]],
          reward: Float(
            configuration.worth(
              of: result.outcome.reward, ending: result.outcome.ending,
              price: prices[picked[index].branch])),
          next: isOver ? observed[index] : next[index], isTerminal: isOver))
    }
    observed = next
    self.flights = flights
  }

  // MARK: - Frames

  /// Flies with branches picked at random and tries every branch on every frame.
  func collect(_ progress: (_ done: Int, _ total: Int) -> Void) throws {
    guard frames.isEmpty else { return }
    let drones = 16
    var flights = try begin(drones: drones)
    var random = RandomSource(seed: seed, purpose: "collecting frames")
    let count = runner.parts.count
    while frames.count < configuration.frames {
      _ = try flights.look()
      let observations = flights.observations
      let picked = (0..<drones).map { _ in
        let branch = random.index(below: count)
        return (branch: branch, number: gateNumber(branch, of: count))
      }
      let results = flights.fly(picked)
      let errors = try flights.errors()
      // The first frame of an episode is nobody's choice.
      for (index, result) in results.enumerated() where result.outcome.ending == nil {
        frames.append((observations[index], errors[index]))
      }
      progress(min(frames.count, configuration.frames), configuration.frames)
    }
  }

  private func learnFromFrames(_ pass: TrainingPass) -> Double {
    guard !frames.isEmpty else { return 0 }
    var random = RandomSource(seed: pass.seed, purpose: "frames")
    let rows = (0..<configuration.td3.batchSize).map { _ in random.index(below: frames.count) }
    let count = runner.parts.count
    let logits = pass(
      Tensor(
        [rows.count, GatedFlights.observationLength], rows.flatMap { frames[$0].observation }))[0]
    let prices = prices
    let costs = rows.map { row in zip(frames[row].errors, prices).map { $0 + $1 } }
    let loss: Variable<Float>
    if configuration.training == .supervised {
      let labels = costs.map { cost in Int32(cost.firstIndex(of: cost.min() ?? 0) ?? 0) }
      loss = Variable.apply(CrossEntropy(labels: labels), [logits])
    } else {
      let expected =
        Variable.apply(Softmax(axis: -1), [logits])
        * Variable(Tensor([rows.count, count], costs.flatMap { $0.map(Float.init) }))
      // Costs are a few hundredths.
      loss = Variable.apply(Sum(), [expected]) * (100 / Double(rows.count))
    }
    loss.backward()
    return Double(loss.value.item)
  }

  // MARK: - Saving

  private struct Document: Codable {
    var numbers: [String: Int]
    var flights: GatedFlights.Saved?
    var observed: [[Float]]
  }

  /// What was learned from, and the flights under way; nil for a gate that learns from frames, which
  /// are collected again, the same.
  func saved() throws -> MethodState? {
    guard let learner else { return nil }
    let (tensors, numbers) = learner.saved()
    let document = Document(numbers: numbers, flights: flights?.saved, observed: observed)
    return MethodState(
      tensors: tensors,
      document: String(decoding: try JSONEncoder().encode(document), as: UTF8.self))
  }

  func restore(_ state: MethodState) throws {
    let document: Document
    do {
      document = try JSONDecoder().decode(Document.self, from: Data(state.document.utf8))
    } catch { throw NaviSplitError.damagedState(DecodingFlaw.words(error)) }
    let agents = configuration.td3.agents
    let length = GatedFlights.observationLength
    guard let learner,
      document.observed.isEmpty
        || (document.observed.count == agents
          && document.observed.allSatisfy { $0.count == length }),
      learner.restore(state.tensors, document.numbers)
    else { throw NaviSplitError.damagedState("it is of another gate") }
    observed = document.observed
    flights = nil
    guard let saved = document.flights else { return }
    var flights = try begin(drones: agents)
    guard flights.restore(saved, generator: generator, rules: configuration.flight.rules) else {
      throw NaviSplitError.damagedState("its flights are of other branches or agents")
    }
    self.flights = flights
  }
}
