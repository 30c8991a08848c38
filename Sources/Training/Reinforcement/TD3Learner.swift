internal import Autodiff
internal import Foundation
public import Networks
public import Tensors

/// Twin delayed deep deterministic policy gradient: two critics of which the lower is believed, a
/// smoothed target action, and an actor that learns more rarely.
///
/// Source: Fujimoto and others 2018, https://arxiv.org/abs/1802.09477, algorithm 1. One optimizer moves
/// actor and critics, each by its own gradient alone.
public final class TD3Learner {
  /// What was lived through.
  public var replay: ReplayBuffer

  /// What a demonstrator has lived through, if there is one.
  public var demonstrations: ReplayBuffer?

  /// How it learns.
  public let configuration: TD3Configuration

  private let actor: NetworkExecutor
  private let critics: NetworkExecutor
  /// The target networks' parameters, by path.
  private var targets: [String: Tensor<Float>]
  /// Steps of learning.
  private var stepCount = 0

  /// Creates a learner whose targets are the network as it is.
  ///
  /// - Throws: `NetworkError` if the network is none of ``ActorCritic``.
  public init(
    _ network: Network, configuration: TD3Configuration, observationLength: Int, actionLength: Int
  ) throws {
    self.configuration = configuration
    replay = ReplayBuffer(
      capacity: configuration.memory, observationLength: observationLength,
      actionLength: actionLength)
    actor = NetworkExecutor(try ActorCritic.actor(of: network))
    critics = NetworkExecutor(try ActorCritic.critics(of: network))
    targets = network.parameters
  }

  // MARK: - Acting

  /// What the actor does, `[batch, action]`.
  public func act(_ observations: Tensor<Float>, _ pass: TrainingPass) -> Tensor<Float> {
    actor.run(
      [Variable(observations)], parameters: pass.variables(of: actor).map { Variable($0.value) }
    ).outputs[0].value
  }

  // MARK: - Learning

  /// Learns from steps drawn at random: computes gradients, and lets the targets follow what was learned
  /// before.
  ///
  /// - Returns: the critics' loss; 0 as long as too little was lived through.
  public func learn(_ pass: TrainingPass) -> Double {
    guard replay.count >= max(1, configuration.warmUp) else { return 0 }
    var random = RandomSource(seed: pass.seed, purpose: "td3")
    if stepCount > 0, stepCount % configuration.actorDelay == 0 { follow(pass) }
    let batch = draw(&random)
    let goal = goal(batch, &random)
    let values = critics.run(
      [Variable(batch.observations), Variable(batch.actions)],
      parameters: pass.variables(of: critics)
    ).outputs
    let target = Variable(goal)
    let loss =
      Variable.apply(MeanSquaredError(), [values[0], target])
      + Variable.apply(MeanSquaredError(), [values[1], target])
    loss.backward()
    stepCount += 1
    if stepCount % configuration.actorDelay == 0 { improve(batch.observations, pass, &random) }
    return Double(loss.value.item)
  }

  /// Steps of the agents, and as many of a demonstrator if there is one.
  private func draw(_ random: inout RandomSource) -> ReplayBuffer.Batch {
    guard let demonstrations, demonstrations.count > 0 else {
      return replay.sample(configuration.batchSize, using: &random)
    }
    let half = max(1, configuration.batchSize / 2)
    let own = replay.sample(half, using: &random)
    return own.followed(by: demonstrations.sample(half, using: &random))
  }

  /// `r + γ min(Q₁', Q₂')` of the target's action with noise, `[batch, 1]`.
  private func goal(_ batch: ReplayBuffer.Batch, _ random: inout RandomSource) -> Tensor<Float> {
    func constants(_ executor: NetworkExecutor) -> [Variable<Float>] {
      executor.parameterPaths.compactMap { targets[$0].map { Variable($0) } }
    }
    let action = actor.run([Variable(batch.next)], parameters: constants(actor)).outputs[0].value
    let limit = configuration.targetNoiseLimit
    let noisy = action.scalars.map { value in
      let noise = min(limit, max(-limit, configuration.targetNoise * random.normal()))
      return min(1, max(-1, value + Float(noise)))
    }
    let values = critics.run(
      [Variable(batch.next), Variable(Tensor(action.shape, noisy))],
      parameters: constants(critics)
    ).outputs.map { $0.value.scalars }
    let discount = Float(configuration.discount)
    return Tensor(
      [batch.rewards.count, 1],
      batch.rewards.indices.map { row in
        batch.rewards[row]
          + (batch.isTerminal[row] ? 0 : discount * min(values[0][row], values[1][row]))
      })
  }

  /// Moves the actor towards what the first critic thinks better, and towards a demonstrator.
  private func improve(
    _ observations: Tensor<Float>, _ pass: TrainingPass, _ random: inout RandomSource
  ) {
    let input = Variable(observations)
    let action = actor.run([input], parameters: pass.variables(of: actor)).outputs[0]
    // The critic is as it is here: only the actor learns from this.
    let constants = pass.variables(of: critics).map { Variable($0.value) }
    let value = critics.run([input, action], parameters: constants).outputs[0]
    var loss = Variable.apply(Negate(), [Variable.apply(Mean(), [value])])
    if configuration.imitation > 0, let demonstrations, demonstrations.count > 0 {
      let sizes = value.value.scalars.reduce(0.0) { $0 + Double(abs($1)) }
      let shown = demonstrations.sample(configuration.batchSize, using: &random)
      let own = actor.run(
        [Variable(shown.observations)], parameters: pass.variables(of: actor)
      ).outputs[0]
      let difference = Variable.apply(MeanSquaredError(), [own, Variable(shown.actions)])
      loss =
        loss * (Double(value.value.count) / max(sizes, 1e-6))
        + difference * configuration.imitation
    }
    loss.backward()
  }

  private func follow(_ pass: TrainingPass) {
    let share = Float(configuration.follow)
    for executor in [actor, critics] {
      for (path, variable) in zip(executor.parameterPaths, pass.variables(of: executor)) {
        variable.value.withUnsafeBufferPointer { value in
          targets[path]?.withUnsafeMutableBufferPointer { target in
            for index in target.indices { target[index] += share * (value[index] - target[index]) }
          }
        }
      }
    }
  }

  // MARK: - Saving

  /// Everything it needs to go on exactly.
  package func saved() -> (tensors: [String: Tensor<Float>], numbers: [String: Int]) {
    let memory = replay.state
    var tensors = ["replay": memory.rows]
    for (path, value) in targets { tensors["target.\(path)"] = value }
    return (tensors, ["place": memory.place, "steps": stepCount])
  }

  /// Takes up what was saved.
  ///
  /// - Returns: whether it fits.
  package func restore(_ tensors: [String: Tensor<Float>], _ numbers: [String: Int]) -> Bool {
    guard let rows = tensors["replay"], let place = numbers["place"], let steps = numbers["steps"],
      replay.restore(rows, place: place)
    else { return false }
    for path in targets.keys {
      guard let value = tensors["target.\(path)"], value.shape == targets[path]?.shape else {
        return false
      }
      targets[path] = value
    }
    stepCount = steps
    return true
  }
}
