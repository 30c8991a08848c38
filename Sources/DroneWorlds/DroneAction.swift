/// What a drone is told to do in a step: first to turn, then to fly straight ahead.
public struct DroneAction: Codable, Hashable, Sendable {
  /// The farthest flight of a step, in metres.
  public static let longestFlight = 10.0

  /// How far to fly, in metres; what is beyond 0 to ``longestFlight`` is cut off.
  public var forward: Double
  /// How far to turn before, in radians counter-clockwise; what is beyond −π to π is cut off.
  public var turn: Double

  /// Creates an action.
  public init(forward: Double, turn: Double) {
    self.forward = forward
    self.turn = turn
  }

  /// The action within its limits; what is not a number is 0.
  public var limited: DroneAction {
    DroneAction(
      forward: forward.isNaN ? 0 : min(DroneAction.longestFlight, max(0, forward)),
      turn: turn.isNaN ? 0 : min(Double.pi, max(-Double.pi, turn)))
  }
}
