public import Tensors

/// What an agent has lived through: the last so many steps, from which learning draws at random.
public struct ReplayBuffer: Sendable {
  /// One step.
  public struct Transition: Sendable {
    /// What was observed.
    public var observation: [Float]
    /// What was done.
    public var action: [Float]
    /// What it was worth.
    public var reward: Float
    /// What was observed then.
    public var next: [Float]
    /// Whether nothing could come after: an end that is no mere running out of steps.
    public var isTerminal: Bool

    /// Creates a step.
    public init(
      observation: [Float], action: [Float], reward: Float, next: [Float], isTerminal: Bool
    ) {
      self.observation = observation
      self.action = action
      self.reward = reward
      self.next = next
      self.isTerminal = isTerminal
    }
  }

  /// Steps drawn at random, a row each.
  public struct Batch: Sendable {
    /// `[batch, observation]`.
    public let observations: Tensor<Float>
    /// `[batch, action]`.
    public let actions: Tensor<Float>
    /// `[batch]`.
    public let rewards: [Float]
    /// `[batch, observation]`.
    public let next: Tensor<Float>
    /// `[batch]`.
    public let isTerminal: [Bool]

    /// These steps and others behind them.
    func followed(by other: Batch) -> Batch {
      Batch(
        observations: .joined([observations, other.observations]),
        actions: .joined([actions, other.actions]), rewards: rewards + other.rewards,
        next: .joined([next, other.next]),
        isTerminal: isTerminal + other.isTerminal)
    }
  }

  /// The most steps it holds.
  public let capacity: Int
  /// The numbers of an observation.
  public let observationLength: Int
  /// The numbers of an action.
  public let actionLength: Int
  /// How many steps it holds.
  public private(set) var count = 0

  private var place = 0
  private var rows: [Float] = []

  private var rowLength: Int { 2 * observationLength + actionLength + 2 }

  /// Creates an empty buffer.
  ///
  /// - Precondition: positive lengths.
  public init(capacity: Int, observationLength: Int, actionLength: Int) {
    precondition(
      capacity > 0 && observationLength > 0 && actionLength > 0, "ReplayBuffer: \(capacity) steps")
    self.capacity = capacity
    self.observationLength = observationLength
    self.actionLength = actionLength
  }

  /// Takes a step, in place of the oldest once it is full.
  public mutating func append(_ transition: Transition) {
    precondition(
      transition.observation.count == observationLength
        && transition.next.count == observationLength
        && transition.action.count == actionLength, "ReplayBuffer: another step's lengths")
    let row =
      transition.observation + transition.action + transition.next
      + [transition.reward, transition.isTerminal ? 1 : 0]
    if count < capacity {
      rows += row
      count += 1
    } else {
      rows.replaceSubrange(place * rowLength..<(place + 1) * rowLength, with: row)
    }
    place = (place + 1) % capacity
  }

  /// Draws steps with replacement.
  ///
  /// - Precondition: it is not empty.
  public func sample(_ batch: Int, using random: inout RandomSource) -> Batch {
    precondition(count > 0, "ReplayBuffer: nothing to draw from")
    let starts = (0..<batch).map { _ in random.index(below: count) * rowLength }
    func columns(_ first: Int, _ length: Int) -> Tensor<Float> {
      Tensor([batch, length]) { target in
        rows.withUnsafeBufferPointer { rows in
          for (row, start) in starts.enumerated() {
            for column in 0..<length {
              target.initializeElement(
                at: row * length + column, to: rows[start + first + column])
            }
          }
        }
      }
    }
    let rewardColumn = 2 * observationLength + actionLength
    return Batch(
      observations: columns(0, observationLength),
      actions: columns(observationLength, actionLength),
      rewards: starts.map { rows[$0 + rewardColumn] },
      next: columns(observationLength + actionLength, observationLength),
      isTerminal: starts.map { rows[$0 + rewardColumn + 1] != 0 })
  }

  // MARK: - Saving

  /// All it holds, `[count, row]`, and where the next step goes.
  package var state: (rows: Tensor<Float>, place: Int) {
    (Tensor([count, rowLength], rows), place)
  }

  /// Takes up what it held.
  ///
  /// - Returns: whether it fits.
  package mutating func restore(_ saved: Tensor<Float>, place: Int) -> Bool {
    guard saved.shape.rank == 2, saved.shape[1] == rowLength, saved.shape[0] <= capacity,
      (0..<capacity).contains(place)
    else { return false }
    rows = saved.scalars
    count = saved.shape[0]
    self.place = place
    return true
  }
}
