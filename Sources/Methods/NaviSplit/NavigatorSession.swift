internal import DroneWorlds
internal import Files
internal import Foundation
internal import Networks
internal import Tensors
internal import Training

/// The flights that a navigator learns from: several drones that see the true depth.
final class NavigatorSession {
  let learner: TD3Learner

  private let configuration: NavigatorConfiguration
  private let generator: SceneGenerator
  private var pool: EnvironmentPool
  private var memories: [NavigationMemory]
  private var curriculum: GoalCurriculum
  /// What each drone's episode began with, and what it has done in it.
  private var histories: [FlightHistory]

  init(_ configuration: NavigatorConfiguration, network: Network, generator: SceneGenerator) throws
  {
    self.configuration = configuration
    self.generator = generator
    learner = try TD3Learner(
      network, configuration: configuration.td3,
      observationLength: NavigationMemory.observationLength, actionLength: 2)
    curriculum = GoalCurriculum(
      maximumDistance: max(10, configuration.flight.goalDistance[1]),
      threshold: configuration.promotion)
    let agents = configuration.td3.agents
    pool = EnvironmentPool(
      count: agents, generator: generator, goalDistance: curriculum.goalDistance,
      rules: configuration.flight.rules, content: .depth)
    memories = Array(repeating: NavigationMemory(), count: agents)
    let goals = curriculum.goalDistance
    histories = (0..<agents).map { FlightHistory(episode: $0, goals: goals) }
    for index in 0..<agents { see(index) }
  }

  private func see(_ index: Int) {
    let environment = pool.environments[index]
    memories[index].see(
      DepthView.cells(pool.depth, at: index), goalDistance: environment.goalDistance,
      goalBearing: environment.goalBearing)
  }

  /// Lets the scripted pilot fly to goals at all distances, for what can be learned from it.
  ///
  /// What it does follows from the worlds alone, so that it need not be saved.
  func demonstrate(
    _ worlds: SceneGenerator, _ progress: (_ done: Int, _ total: Int) -> Void
  ) {
    let total = configuration.td3.demonstrations
    guard total > 0, learner.demonstrations == nil else { return }
    var buffer = ReplayBuffer(
      capacity: total, observationLength: NavigationMemory.observationLength, actionLength: 2)
    let count = 16
    let goals = 5...max(10, configuration.flight.goalDistance[1])
    var pool = EnvironmentPool(
      count: count, generator: worlds, goalDistance: goals,
      rules: configuration.flight.rules, content: .depth)
    var pilots = ScriptedPilots(camera: worlds.options.camera, options: worlds.options)
    pilots.begin(count)
    var memories = Array(repeating: NavigationMemory(), count: count)
    func look(_ index: Int) {
      memories[index].see(
        DepthView.cells(pool.depth, at: index),
        goalDistance: pool.environments[index].goalDistance,
        goalBearing: pool.environments[index].goalBearing)
    }
    for index in 0..<count { look(index) }
    while buffer.count < total {
      let observations = memories.map(\.observation)
      let actions = pilots.actions(
        pool.environments, depth: pool.depth, farLimit: worlds.options.farLimit)
      for (index, result) in pool.step(actions).enumerated() {
        let isOver = result.outcome.ending != nil
        if isOver {
          memories[index].forget()
          pilots.forget(index)
        }
        look(index)
        guard result.outcome.ending != .timeout, buffer.count < total else { continue }
        buffer.append(
          ReplayBuffer.Transition(
            observation: observations[index],
            action: NavigationMemory.numbers(actions[index]),
            reward: Float(result.outcome.reward),
            next: isOver ? observations[index] : memories[index].observation,
            isTerminal: isOver))
      }
      progress(buffer.count, total)
    }
    learner.demonstrations = buffer
  }

  /// Flies, and learns from what was flown.
  func step(_ pass: TrainingPass) -> Double {
    for repetition in 0..<configuration.td3.stepsBeforeLearning { fly(pass, repetition) }
    return learner.learn(pass)
  }

  private func fly(_ pass: TrainingPass, _ repetition: Int) {
    let count = pool.environments.count
    var random = RandomSource(seed: pass.seed, purpose: "exploration", index: repetition)
    let observations = memories.map(\.observation)
    var numbers: [Float]
    if learner.replay.count < configuration.td3.warmUp {
      numbers = (0..<2 * count).map { _ in Float(2 * random.uniform() - 1) }
    } else {
      let input = Tensor(
        [count, NavigationMemory.observationLength], observations.flatMap { $0 })
      numbers = learner.act(input, pass).scalars.map {
        min(1, max(-1, $0 + Float(configuration.td3.explorationNoise * random.normal())))
      }
    }
    let actions = (0..<count).map { NavigationMemory.action(numbers[2 * $0..<2 * $0 + 2]) }
    let results = pool.step(actions)
    for (index, result) in results.enumerated() {
      let isOver = result.outcome.ending != nil
      if isOver { memories[index].forget() }
      see(index)
      // What came after running out of steps was not seen, so that nothing can be learned from it.
      if result.outcome.ending != .timeout {
        learner.replay.append(
          ReplayBuffer.Transition(
            observation: observations[index],
            action: Array(numbers[2 * index..<2 * index + 2]),
            reward: Float(result.outcome.reward),
            next: isOver ? observations[index] : memories[index].observation,
            isTerminal: isOver))
      }
      if let ending = result.outcome.ending {
        histories[index] = FlightHistory(
          episode: pool.environments[index].episode, goals: pool.goalDistance)
        curriculum.record(ending)
      } else {
        histories[index].actions.append(actions[index])
      }
    }
    pool.goalDistance = curriculum.goalDistance
  }

  /// The level of the goals, from 0.
  var level: Int { curriculum.level }

  // MARK: - Saving

  private struct Document: Codable {
    var histories: [FlightHistory]
    var curriculum: GoalCurriculum
    var goals: [Double]
    var numbers: [String: Int]
  }

  func saved() throws -> MethodState {
    var (tensors, numbers) = learner.saved()
    tensors["memories"] = Tensor(
      [memories.count, NavigationMemory.observationLength], memories.flatMap(\.observation))
    numbers["agents"] = memories.count
    let document = Document(
      histories: histories, curriculum: curriculum,
      goals: [pool.goalDistance.lowerBound, pool.goalDistance.upperBound], numbers: numbers)
    return MethodState(
      tensors: tensors,
      document: String(decoding: try JSONEncoder().encode(document), as: UTF8.self))
  }

  func restore(_ state: MethodState) throws {
    let document: Document
    do {
      document = try JSONDecoder().decode(Document.self, from: Data(state.document.utf8))
    } catch { throw NaviSplitError.damagedState(DecodingFlaw.words(error)) }
    let length = NavigationMemory.observationLength
    guard document.histories.count == memories.count, document.goals.count == 2,
      document.goals[0] > 0, document.goals[0] <= document.goals[1],
      document.histories.allSatisfy(\.isValid), let saved = state.tensors["memories"],
      saved.shape == [memories.count, length],
      learner.restore(state.tensors, document.numbers)
    else { throw NaviSplitError.damagedState("it is of other agents") }
    histories = document.histories
    curriculum = document.curriculum
    let environments = histories.map {
      $0.environment(generator, rules: configuration.flight.rules)
    }
    pool = EnvironmentPool(
      environments, goalDistance: document.goals[0]...document.goals[1], content: .depth)
    for index in memories.indices {
      memories[index].restore(Array(saved.rows(index..<index + 1).scalars))
    }
  }
}
