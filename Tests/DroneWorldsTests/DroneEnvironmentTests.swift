import DroneWorlds
import Foundation
import Tensors
import Testing

@Suite struct DroneEnvironmentTests {
  private func environment(_ episode: Int, _ range: ClosedRange<Double> = 10...20)
    -> DroneEnvironment
  {
    DroneEnvironment(
      generator: SceneGenerator(seed: 21), episode: episode, goalDistance: range)
  }

  /// Until contact nothing is nearer than the drone's radius, and at contact something is just
  /// that near.
  @Test func contactIsWhereTheSphereFirstTouches() {
    var random = RandomSource(seed: 1)
    var (touched, clear) = (0, 0)
    for episode in 0..<10 {
      let environment = environment(episode)
      let world = NaiveWorld(scene: environment.scene)
      let radius = environment.options.droneRadius
      for _ in 0..<6 {
        let turn = (2 * random.uniform() - 1) * .pi
        let free = environment.freeDistance(turn: turn, limit: 25)
        let yaw = environment.pose.yaw + turn
        func room(_ way: Double) -> Double {
          world.distance(
            from: environment.pose.position + way * SIMD3(cos(yaw), sin(yaw), 0)) - radius
        }
        let nearest = stride(from: 0, to: free, by: 0.02).map(room).min() ?? 1
        #expect(nearest > -1e-9)
        if free < 25 {
          touched += 1
          #expect(abs(room(free)) < 1e-9)
          // It would have gone inside, or along a corner so near that it makes no difference.
          #expect(room(free + 0.01) < 1e-9)
        } else {
          clear += 1
        }
      }
    }
    #expect(touched > 20 && clear > 5, "\(touched) \(clear)")
  }

  @Test(
    arguments: [
      // A face, a corner, a cylinder, a sphere below the drone's middle, and the edge of a low box.
      (
        Obstacle.Form.box(centre: SIMD3(5, 0, 1), halfExtents: SIMD3(1, 2, 1), yaw: 0),
        4 - 0.35
      ),
      (
        .box(
          centre: SIMD3(5, 0, 1), halfExtents: SIMD3(1, 1, 1), yaw: .pi / 4),
        5 - 2.0.squareRoot() - 0.35
      ),
      (.cylinder(base: SIMD3(5, 0, 0), radius: 1, height: 2), 4 - 0.35),
      (.sphere(centre: SIMD3(5, 0, 0.5), radius: 1), 5 - (1.35 * 1.35 - 1).squareRoot()),
      (
        .box(centre: SIMD3(5, 0, 0.65), halfExtents: SIMD3(1, 2, 0.65), yaw: 0),
        4 - (0.35 * 0.35 - 0.2 * 0.2).squareRoot()
      ),
    ] as [(Obstacle.Form, Double)]) func contactIsWhereItIsByHand(
      form: Obstacle.Form, expected: Double
    )
  {
    var environment = DroneEnvironment(scene: Worlds.scene([form]), goal: SIMD2(20, 0))
    let outcome = environment.step(DroneAction(forward: 10, turn: environment.goalBearing))
    #expect(outcome.ending == .collision)
    #expect(abs(outcome.distance - expected) < 1e-9)
    #expect(abs(environment.pose.position.x - expected) < 1e-9)
    #expect(environment.ending == .collision)
  }

  @Test func whatIsLowerThanTheDroneIsFlownOver() {
    let low = Obstacle.Form.cylinder(base: SIMD3(5, 0, 0), radius: 1, height: 1.1)
    var environment = DroneEnvironment(scene: Worlds.scene([low]), goal: SIMD2(9.5, 0))
    environment.step(DroneAction(forward: 10, turn: environment.goalBearing))
    #expect(environment.ending == .goal)
  }

  @Test func theEndOfTheWorldIsACollision() {
    var environment = DroneEnvironment(
      scene: Worlds.scene([], extent: 20), goal: SIMD2(-9, 0))
    let outcome = environment.step(
      DroneAction(forward: 10, turn: -environment.pose.yaw))
    #expect(outcome.ending == .collision)
    #expect(abs(outcome.distance - (10 - 0.35)) < 1e-9)
  }

  @Test func theGoalIsReachedWhereTheWayComesNearEnough() {
    var environment = DroneEnvironment(scene: Worlds.scene([]), goal: SIMD2(6, 0))
    #expect(environment.goalDistance == 6)
    let outcome = environment.step(DroneAction(forward: 10, turn: environment.goalBearing))
    #expect(outcome.ending == .goal)
    #expect(abs(outcome.distance - 5) < 1e-9)
    #expect(abs(outcome.reward - (1 - 0.1 - 0.05)) < 1e-9)
    #expect(abs(environment.goalBearing) < 1e-9)
  }

  @Test func rewardsAreWhatTheirFormulaSays() {
    let weights = RewardWeights(goal: 5, collision: 3, step: 0.2, distance: 0.02, progress: 0.5)
    #expect(abs(weights.reward(ending: nil, distance: 4, progress: 2) - 0.72) < 1e-12)
    #expect(abs(weights.reward(ending: .goal, distance: 4, progress: 2) - 5.72) < 1e-12)
    #expect(abs(weights.reward(ending: .collision, distance: 4, progress: 2) + 2.28) < 1e-12)
    #expect(abs(weights.reward(ending: .timeout, distance: 0, progress: 0) + 0.2) < 1e-12)
  }

  @Test func theDroneTurnsBeforeItFliesAndStepsRunOut() {
    var environment = DroneEnvironment(
      scene: Worlds.scene([]), goal: SIMD2(0, 25), rules: DroneRules(maximumSteps: 2))
    environment.step(DroneAction(forward: 2, turn: -environment.pose.yaw))
    #expect(environment.ending == nil)
    #expect(abs(environment.pose.position.x - 2) < 1e-9)
    #expect(environment.pathLength == 2)
    // The goal is to the left.
    #expect(environment.goalBearing > 1 && environment.goalBearing < .pi)
    environment.step(DroneAction(forward: -3, turn: 0))
    #expect(environment.ending == .timeout)
    #expect(environment.pathLength == 2 && environment.stepCount == 2)
  }

  @Test func goalsAreInTheirRangeAndFreeOfObstacles() {
    for episode in 0..<20 {
      let environment = environment(episode, 20...40)
      #expect((20...40.0001).contains(environment.straightDistance))
      let goal = SIMD3(environment.goal.x, environment.goal.y, environment.options.altitude)
      // The middle of the goal's cell has room for the drone; the goal is in that cell.
      #expect(NaiveWorld(scene: environment.scene).distance(from: goal) > 0.2)
    }
  }

  @Test func aGoalIsNeverShutIn() {
    // A ring of walls around the start leaves only goals inside, whatever the range.
    let walls = [(6.0, 0.0, 1.0, 7.0), (-6, 0, 1, 7), (0, 6, 7, 1), (0, -6, 7, 1)].map {
      Obstacle.Form.box(
        centre: SIMD3($0.0, $0.1, 2), halfExtents: SIMD3($0.2, $0.3, 2), yaw: 0)
    }
    var options = WorldOptions()
    options.extent = 60
    let environment = DroneEnvironment(
      generator: SceneGenerator(options: options, seed: 1), episode: 0,
      scene: Worlds.scene(walls), goalDistance: 4...20)
    #expect(max(abs(environment.goal.x), abs(environment.goal.y)) < 5)
    #expect(environment.straightDistance >= 4 - 1e-9)
  }

  @Test func episodesRepeatAndCopiesGoOnByThemselves() {
    var first = environment(4)
    let copy = first
    #expect(copy.start == environment(4).start && copy.goal == environment(4).goal)
    let outcome = first.step(DroneAction(forward: 1, turn: 0.2))
    #expect(copy.pose == copy.start && copy.stepCount == 0)
    #expect(first.pose != copy.pose && first.stepCount == 1)
    var second = copy
    let again = second.step(DroneAction(forward: 1, turn: 0.2))
    #expect(again == outcome)
    #expect(second.pose == first.pose)
    #expect(first.next(goalDistance: 10...20).goal == environment(5).goal)
  }

  @Test func aRecordHoldsWhatHappenedAndSurvivesCoding() throws {
    var environment = DroneEnvironment(scene: Worlds.scene([]), goal: SIMD2(0, 6))
    var record = EpisodeRecord(environment)
    for tag in [2, 1] {
      let action = DroneAction(forward: 3, turn: environment.goalBearing)
      let outcome = environment.step(action)
      record.append(
        action, outcome: outcome, pose: environment.pose, tag: tag, bytesSent: 10 * tag)
    }
    #expect(record.ending == .goal && record.steps.map(\.tag) == [2, 1])
    #expect(record.totalBytesSent == 30)
    #expect(abs(record.pathLength - 5) < 1e-9 && record.straightDistance == 6)
    #expect(abs(record.totalReward - (1 - 0.2 - 0.05)) < 1e-9)
    #expect(record.poses.count == 3 && record.poses.last == environment.pose)
    let data = try JSONEncoder().encode(record)
    #expect(try JSONDecoder().decode(EpisodeRecord.self, from: data) == record)
  }
}
