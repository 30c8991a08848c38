import DroneWorlds
import Foundation
import Testing

@Suite struct ScriptedPilotTests {
  /// How many of the first episodes reach their goal.
  private func goals(_ range: ClosedRange<Double>, episodes: Int, isPilot: Bool) -> Int {
    let options = WorldOptions()
    let generator = SceneGenerator(options: options, seed: 30)
    let renderer = SceneRenderer(camera: options.camera)
    var depth = [Float](repeating: 0, count: options.camera.pixelCount)
    return (0..<episodes).count { episode in
      var environment = DroneEnvironment(
        generator: generator, episode: episode, goalDistance: range)
      var pilot = ScriptedPilot(droneRadius: options.droneRadius)
      while environment.ending == nil {
        guard isPilot else {
          environment.step(DroneAction(forward: 10, turn: environment.goalBearing))
          continue
        }
        depth.withUnsafeMutableBufferPointer {
          renderer.render(environment.prepared, from: environment.pose, depth: $0)
        }
        environment.step(
          depth.withUnsafeBufferPointer { pilot.action(in: environment, depth: $0) })
      }
      return environment.ending == .goal
    }
  }

  @Test func thePilotReachesWhatStraightFlightDoesNot() {
    let straight = goals(20...40, episodes: 60, isPilot: false)
    let pilot = goals(20...40, episodes: 60, isPilot: true)
    #expect(straight <= 30 && pilot >= 54, "\(straight) \(pilot)")
    #expect(goals(20...40, episodes: 60, isPilot: true) == pilot)
  }

  @Test func aWallIsFlownAround() {
    let wall = Obstacle.Form.box(
      centre: SIMD3(6, 1, 2), halfExtents: SIMD3(0.3, 6, 2), yaw: 0)
    let options = WorldOptions()
    let renderer = SceneRenderer(camera: options.camera)
    var environment = DroneEnvironment(scene: Worlds.scene([wall]), goal: SIMD2(12, 0))
    var pilot = ScriptedPilot(droneRadius: options.droneRadius)
    while environment.ending == nil {
      let frame = renderer.frame(environment.prepared, from: environment.pose)
      environment.step(
        frame.depth.withUnsafeBufferPointer { pilot.action(in: environment, depth: $0) })
    }
    #expect(environment.ending == .goal)
    #expect(environment.stepCount < 40 && environment.pathLength > environment.straightDistance)
  }

  @Test func aPilotIsAValueThatSurvivesCoding() throws {
    let camera = Camera()
    let depth = [Float](repeating: 3, count: camera.pixelCount)
    var pilot = ScriptedPilot(droneRadius: 0.4)
    func act(_ pilot: inout ScriptedPilot) -> DroneAction {
      depth.withUnsafeBufferPointer {
        pilot.action(depth: $0, camera: camera, goalDistance: 9, goalBearing: 0.1)
      }
    }
    let fresh = pilot
    _ = act(&pilot)
    #expect(pilot != fresh)
    var restored = try JSONDecoder().decode(
      ScriptedPilot.self, from: try JSONEncoder().encode(pilot))
    #expect(restored == pilot)
    let (first, second) = (act(&restored), act(&pilot))
    #expect(first == second)
  }
}
