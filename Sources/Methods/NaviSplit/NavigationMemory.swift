internal import DroneWorlds
internal import Tensors

/// What a navigator observes: the last steps' depth in cells, and where the goal is.
///
/// Source: WoWMoM 2024, https://arxiv.org/abs/2406.13086: four steps of 48 cells, goal distance and
/// bearing. Distances are shares of the largest there are, so that all numbers are about −1 to 1.
struct NavigationMemory: Sendable {
  /// The steps that are remembered.
  static let steps = 4
  /// The cells of the depth.
  static let grid = DepthGrid(rows: 6, columns: 8, reduction: .minimum)
  /// The distance of a goal, in metres, from which on all are equally far.
  static let farGoal = 40.0

  /// The numbers of a step.
  private static let length = grid.cellCount + 2

  /// The numbers of all.
  static let observationLength = steps * length

  /// The last steps, the oldest first, each as the first was until there are enough.
  private var values: [Float] = []

  /// All steps one after the other.
  var observation: [Float] { values }

  /// Takes in a step.
  ///
  /// - Parameters:
  ///   - cells: shares of the far limit.
  ///   - goalDistance: in metres.
  ///   - goalBearing: relative to the heading, −π to π.
  mutating func see(_ cells: [Float], goalDistance: Double, goalBearing: Double) {
    let step =
      cells + [
        Float(min(1, goalDistance / NavigationMemory.farGoal)), Float(goalBearing / .pi),
      ]
    if values.isEmpty {
      for _ in 0..<NavigationMemory.steps { values += step }
    } else {
      values.removeFirst(NavigationMemory.length)
      values += step
    }
  }

  /// Forgets everything, as at the beginning of an episode.
  mutating func forget() { values.removeAll(keepingCapacity: true) }

  // MARK: - Actions

  /// What an actor would have to say for an action.
  static func numbers(_ action: DroneAction) -> [Float] {
    let action = action.limited
    return [
      Float(2 * action.forward / DroneAction.longestFlight - 1), Float(action.turn / .pi),
    ]
  }

  /// The drone's action for what an actor says, −1 to 1 each.
  static func action(_ numbers: ArraySlice<Float>) -> DroneAction {
    let first = numbers.startIndex
    return DroneAction(
      forward: (Double(numbers[first]) + 1) / 2 * DroneAction.longestFlight,
      turn: Double(numbers[first + 1]) * .pi
    ).limited
  }
}

extension NavigationMemory {
  /// Takes up what was remembered.
  mutating func restore(_ observation: [Float]) { values = observation }
}

/// Depth in the cells that a navigator sees.
enum DepthView {
  /// The cells of one of several depth maps `[batch, height, width, 1]`.
  static func cells(_ depth: Tensor<Float>, at index: Int) -> [Float] {
    let (height, width) = (depth.shape[1], depth.shape[2])
    let size = height * width
    return depth.withUnsafeBufferPointer { depth in
      NavigationMemory.grid.reduce(
        UnsafeBufferPointer(rebasing: depth[index * size..<(index + 1) * size]), height: height,
        width: width)
    }
  }
}
