internal import Foundation

/// Flies by depth alone: towards the goal where the way there is free, and around what is not.
///
/// A heading is as free as the corridor along it, as wide as the drone and a margin on both sides,
/// is in what the pilot sees and remembers. It remembers the places of surfaces it has passed, moved
/// along with the drone, so that what has left the picture is not flown into; and the side it goes
/// around things on, so that it does not turn to and fro before them.
public struct ScriptedPilot: Codable, Hashable, Sendable {
  /// The radius of the drone, in metres.
  public var droneRadius: Double
  /// The room that it leaves on each side, in metres.
  public var margin: Double
  /// How far it sees, in metres.
  public var sight: Double

  /// The places of surfaces, metres ahead and to the left.
  private var remembered: [SIMD2<Float>] = []
  /// The side that an obstacle is passed on: 1 left, −1 right, 0 none.
  private var side = 0.0
  /// How often in a row it has turned because there was no way.
  private var blockedTurns = 0

  /// The headings that are looked at, in radians to either side, and their distance.
  private static let widestHeading = 38 * Double.pi / 180
  private static let headingStep = 2 * Double.pi / 180
  /// Where the corridor next to the drone leaves the picture: flown into only after turning there.
  private static let widestFlight = 24 * Double.pi / 180
  /// What is farther away is forgotten, in metres.
  private static let memoryReach: Float = 9
  private static let memorySize = 1500

  /// Creates a pilot that remembers nothing.
  public init(droneRadius: Double, margin: Double = 0.25, sight: Double = 20) {
    self.droneRadius = droneRadius
    self.margin = margin
    self.sight = sight
  }

  /// Chooses what to do next.
  ///
  /// - Parameters:
  ///   - depth: `[height, width]` metres along the camera's axis; what is beyond the pilot's sight
  ///     does not matter.
  ///   - camera: the camera.
  ///   - goalDistance: the distance to the goal in metres.
  ///   - goalBearing: the bearing of the goal from the heading in radians, to the left above 0.
  /// - Precondition: the depth has the camera's size.
  public mutating func action(
    depth: UnsafeBufferPointer<Float>, camera: Camera, goalDistance: Double, goalBearing: Double
  ) -> DroneAction {
    precondition(depth.count == camera.pixelCount, "ScriptedPilot: depth of another size")
    look(depth, camera)
    let action = choose(goalDistance: goalDistance, goalBearing: goalBearing)
    move(action)
    return action
  }

  /// Chooses what an environment's drone does next, from what it sees.
  ///
  /// - Parameters:
  ///   - environment: where the drone is.
  ///   - depth: `[height, width]` metres along the camera's axis.
  public mutating func action(
    in environment: DroneEnvironment, depth: UnsafeBufferPointer<Float>
  ) -> DroneAction {
    action(
      depth: depth, camera: environment.options.camera, goalDistance: environment.goalDistance,
      goalBearing: environment.goalBearing)
  }

  /// Adds to memory, for each column, the nearest surface at the height of flight.
  private mutating func look(_ depth: UnsafeBufferPointer<Float>, _ camera: Camera) {
    let reach = Float(droneRadius + margin)
    // Two columns next to each other are no farther apart than the drone is wide.
    let stride = max(1, camera.width / 64)
    for column in Swift.stride(from: 0, to: camera.width, by: stride) {
      var nearest = Float(sight)
      var isSurface = false
      for neighbour in column..<min(camera.width, column + stride) {
        for row in 0..<camera.height {
          let distance = depth[row * camera.width + neighbour]
          guard distance < nearest, abs(distance * Float(camera.slopeUp(row: row))) <= reach else {
            continue
          }
          nearest = distance
          isSurface = true
        }
      }
      guard isSurface else { continue }
      let slope =
        Float(camera.slopeRight(column: column)) + Float(stride - 1) / 2
        / Float(camera.focalLength)
      remembered.append(SIMD2(nearest, -nearest * slope))
    }
  }

  /// How far the drone can fly along a heading, in metres.
  private func free(_ heading: Double, width: Double) -> Double {
    let ahead = SIMD2<Float>(SIMD2(cos(heading), sin(heading)))
    let aside = SIMD2(-ahead.y, ahead.x)
    let reach = Float(width)
    var nearest = Float(sight)
    for place in remembered {
      let across = (place * aside).sum()
      guard abs(across) < reach else { continue }
      let along = (place * ahead).sum()
      // What is beside the drone and falling behind does not hinder it.
      guard along > 0 else { continue }
      nearest = min(nearest, along - (reach * reach - across * across).squareRoot())
    }
    return Double(max(0, nearest))
  }

  private mutating func choose(goalDistance: Double, goalBearing: Double) -> DroneAction {
    let width = droneRadius + (blockedTurns > 7 ? 0.2 : 1) * margin
    let direct = free(goalBearing, width: width)
    let isDirect = direct >= min(goalDistance, 4)
    if isDirect {
      side = 0
      blockedTurns = 0
      // What is not in the picture has not been seen whole.
      if abs(goalBearing) > ScriptedPilot.widestFlight {
        return DroneAction(forward: 0, turn: goalBearing)
      }
      return fly(goalBearing, free: direct, goalDistance: goalDistance)
    }
    var best: (score: Double, heading: Double, free: Double)?
    let count = Int(ScriptedPilot.widestHeading / ScriptedPilot.headingStep)
    for index in -count...count {
      let heading = Double(index) * ScriptedPilot.headingStep
      let free = free(heading, width: width)
      guard free >= 0.8 else { continue }
      let detour = Pose.wrapped(heading - goalBearing)
      var score = min(free, 6) - 2.5 * abs(detour) - 0.5 * abs(heading)
      if side != 0, detour * side < 0 { score -= 4 }
      if score > best?.score ?? -.infinity { best = (score, heading, free) }
    }
    guard let best, best.free >= 1.2 else {
      if side == 0 { side = goalBearing < 0 ? -1 : 1 }
      blockedTurns += 1
      return DroneAction(forward: 0, turn: side * 50 * .pi / 180)
    }
    if side == 0 { side = Pose.wrapped(best.heading - goalBearing) < 0 ? -1 : 1 }
    if abs(best.heading) > ScriptedPilot.widestFlight, blockedTurns <= 7 {
      blockedTurns += 1
      return DroneAction(forward: 0, turn: best.heading)
    }
    blockedTurns = max(0, blockedTurns - 3)
    // Far enough to get past what is in the way, and to look again.
    return fly(best.heading, free: min(best.free, 4.5), goalDistance: goalDistance)
  }

  private func fly(_ heading: Double, free: Double, goalDistance: Double) -> DroneAction {
    DroneAction(
      forward: min(free - 0.3, goalDistance, DroneAction.longestFlight), turn: heading
    ).limited
  }

  /// Moves what is remembered as the drone moves, and forgets what is far away or one too many.
  private mutating func move(_ action: DroneAction) {
    let (cosine, sine) = (Float(cos(action.turn)), Float(sin(action.turn)))
    let forward = Float(action.forward)
    let reach = ScriptedPilot.memoryReach * ScriptedPilot.memoryReach
    var kept = 0
    for place in remembered {
      let moved = SIMD2(
        place.x * cosine + place.y * sine - forward, place.y * cosine - place.x * sine)
      guard (moved * moved).sum() < reach else { continue }
      remembered[kept] = moved
      kept += 1
    }
    remembered.removeSubrange(kept...)
    let surplus = remembered.count - ScriptedPilot.memorySize
    if surplus > 0 { remembered.removeFirst(surplus) }
  }
}
