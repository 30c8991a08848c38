internal import Networks
internal import Splitting
internal import Tensors
internal import Training

/// What picks the branch of the next frame.
protocol Gate {
  /// What reports call it.
  var name: String { get }

  /// Whether it has to be told the errors of all branches.
  var knowsErrors: Bool { get }

  /// The branch of each drone's next frame, and the number that stands for it, −1 to 1, which the
  /// gate is told in the frame after.
  ///
  /// - Parameters:
  ///   - observations: what each gate observes.
  ///   - frames: the episode and the frame in it of each drone.
  mutating func choose(
    _ observations: [[Float]], frames: [GateFrame]
  ) -> [(branch: Int, number: Float)]
}

/// A frame for which a branch is picked.
struct GateFrame {
  /// The episode.
  var episode: Int
  /// The frame in it.
  var step: Int
  /// How far what each branch will see is from the truth, for gates that know it.
  var errors: [Double]?
}

extension Gate {
  /// False.
  var knowsErrors: Bool { false }
}

/// The number that stands for a branch.
func gateNumber(_ branch: Int, of count: Int) -> Float {
  count > 1 ? 2 * Float(branch) / Float(count - 1) - 1 : 1
}

/// Always the same branch.
struct StaticGate: Gate {
  let name: String
  let branch: Int
  let count: Int

  mutating func choose(
    _ observations: [[Float]], frames: [GateFrame]
  ) -> [(branch: Int, number: Float)] {
    frames.map { _ in (branch, gateNumber(branch, of: count)) }
  }
}

/// Branches at random, each as often as its share.
struct RandomGate: Gate {
  let name: String
  let shares: [Double]
  let seed: UInt64

  mutating func choose(
    _ observations: [[Float]], frames: [GateFrame]
  ) -> [(branch: Int, number: Float)] {
    frames.map { frame in
      // Drawn by the frame, so that it is the same whatever flies beside.
      var random = RandomSource(
        seed: seed, purpose: "random gate", index: frame.episode << 20 + frame.step)
      var left = random.uniform() * shares.reduce(0, +)
      let branch = shares.indices.first { index in
        left -= shares[index]
        return left < 0
      }
      let chosen = branch ?? shares.count - 1
      return (chosen, gateNumber(chosen, of: shares.count))
    }
  }
}

/// The branch with the least error and price of the frame that comes, which it is told.
struct OracleGate: Gate {
  let name = "oracle"
  let knowsErrors = true
  /// What each branch costs beside its error.
  let prices: [Double]

  mutating func choose(
    _ observations: [[Float]], frames: [GateFrame]
  ) -> [(branch: Int, number: Float)] {
    frames.map { frame in
      let errors = frame.errors ?? prices.map { _ in 0 }
      let branch =
        prices.indices.min { errors[$0] + prices[$0] < errors[$1] + prices[$1] } ?? 0
      return (branch, gateNumber(branch, of: prices.count))
    }
  }
}

/// A trained gate: an actor's number, or the most probable branch.
struct LearnedGate: Gate {
  let name: String
  let count: Int
  /// Nil for a gate that gives logits.
  let mapping: NaviSplitGateConfiguration.Mapping?
  let network: Head

  mutating func choose(
    _ observations: [[Float]], frames: [GateFrame]
  ) -> [(branch: Int, number: Float)] {
    let values = network(
      Tensor([observations.count, observations[0].count], observations.flatMap { $0 })
    ).scalars
    return observations.indices.map { row in
      if let mapping {
        return (mapping.branch(values[row], of: count), values[row])
      }
      let logits = values[row * count..<(row + 1) * count]
      let branch = (logits.firstIndex(of: logits.max() ?? 0) ?? row * count) - row * count
      return (branch, gateNumber(branch, of: count))
    }
  }
}
