import DroneWorlds
import Foundation
import Testing

@Suite struct FlightPictureTests {
  /// Flies along x into a wall, in two steps with tags 1 and 0, past a low block.
  private func flight() -> (DroneEnvironment, EpisodeRecord) {
    var environment = DroneEnvironment(
      scene: Worlds.scene([
        .box(centre: SIMD3(9, 0, 2), halfExtents: SIMD3(1, 3, 2), yaw: 0),
        .box(centre: SIMD3(4, 3, 0.2), halfExtents: SIMD3(1, 1, 0.2), yaw: 0),
      ]), goal: SIMD2(14, 0))
    var record = EpisodeRecord(environment)
    for tag in [1, 0] {
      let action = DroneAction(forward: 5, turn: environment.goalBearing)
      let outcome = environment.step(action)
      record.append(action, outcome: outcome, pose: environment.pose, tag: tag)
    }
    return (environment, record)
  }

  @Test func theMapShowsEverythingInItsColour() {
    let (environment, record) = flight()
    #expect(record.ending == .collision)
    let picture = FlightPicture(environment: environment, record: record)
    // The way is 14 m long and has a margin of 4 m on each side: 10 pixels a metre, and (0, 0) at
    // (40, 110).
    let map = picture.map(size: 220)
    func colour(_ x: Double, _ y: Double) -> UInt32 { map[Int(40 + 10 * x), Int(110 - 10 * y)] }
    #expect(colour(0, 0) == FlightPicture.startColour)
    #expect(colour(14, 0) == FlightPicture.goalColour)
    #expect(colour(9, 2) == FlightPicture.obstacleColour)
    #expect(colour(4, 3) == FlightPicture.clearedColour)
    #expect(colour(-2, -2) == FlightPicture.groundColour)
    #expect(colour(2.5, 0) == FlightPicture.colour(ofTag: 1))
    #expect(colour(6.2, 0) == FlightPicture.colour(ofTag: 0))
    #expect(colour(8 - 0.35, 0) == FlightPicture.collisionColour)
    // Each tag chose one of two steps: half of its bar.
    for tag in 0..<2 {
      let row = 220 + 8 + tag * 18 + 4
      #expect(map[60, row] == FlightPicture.colour(ofTag: tag))
      #expect(map[150, row] != FlightPicture.colour(ofTag: tag))
    }
  }

  @Test func framesShowWhatTheCameraSees() {
    let (environment, record) = flight()
    let picture = FlightPicture(environment: environment, record: record, tagCount: 2)
    let frames = picture.frames(mapSize: 160)
    #expect(frames.count == 3)
    // One pixel of the camera's is one of the frame's.
    let camera = environment.options.camera
    let seen = SceneRenderer(camera: camera).frame(environment.prepared, from: record.poses[2])
    let frame = frames[2]
    for (row, column) in [(0, 0), (36, 64), (71, 127)] {
      let place = 3 * (row * camera.width + column)
      let expected =
        UInt32(seen.colours[place]) << 16 | UInt32(seen.colours[place + 1]) << 8
        | UInt32(seen.colours[place + 2])
      #expect(frame[16 + 160 + column, 8 + row] == expected)
    }
    // Near is brighter than far: at the start, the floor below and the horizon.
    func light(_ colour: UInt32) -> UInt32 {
      colour >> 16 & 255 + colour >> 8 & 255 + colour & 255
    }
    let top = 16 + camera.height
    #expect(light(frames[0][16 + 160 + 64, top + 71]) > light(frames[0][16 + 160 + 64, top + 2]))
    // The first step was tag 1's, the second tag 0's.
    let left = 8 + 28
    let bars = frame.width - left - 48
    let rows = [16 + 160 + 4, 16 + 160 + 18 + 4]
    let (first, second) = (left + bars / 4, left + bars * 3 / 4)
    #expect(frame[first, rows[1]] == FlightPicture.colour(ofTag: 1))
    #expect(frame[second, rows[0]] == FlightPicture.colour(ofTag: 0))
    #expect(frame[first, rows[0]] == frame[second, rows[1]])
    #expect(frames[1][second, rows[0]] == frame[first, rows[0]])
  }

  @Test func anAnimationCanFollowTheFlightMetreByMetre() {
    let (environment, record) = flight()
    let picture = FlightPicture(environment: environment, record: record)
    let frames = picture.frames(mapSize: 64, metresPerFrame: 1)
    // 7.65 m of flight, after a turn of up to 180° by 20°.
    #expect(frames.count >= 1 + 5 + 3 && frames.count <= 1 + 5 + 3 + 9)
    #expect(frames.last == picture.frames(mapSize: 64).last)
    #expect(Set(frames).count == frames.count)
  }
}
