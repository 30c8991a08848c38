import DroneWorlds
import Foundation
import Tensors
import Testing

@Suite struct SceneRendererTests {
  /// A camera, and how high it flies, with what is special about it.
  static let cameras: [(Camera, Double)] = [
    (Camera(), 1.5),
    // Columns and rows that no vector divides, and a row at the horizon.
    (Camera(width: 37, height: 23, fieldOfView: 2), 2.5),
    (Camera(width: 150, height: 40, fieldOfView: 0.6), 0.4),
  ]

  /// Depth agrees to 1e-5 of itself; found were 2e-6.
  ///
  /// Rounding decides which of two things is seen along their common outline, and how far away a
  /// surface is where a ray only grazes it: one pixel in ten thousand may differ in either.
  @Test(arguments: cameras.indices) func depthAndIdentitiesAgreeWithTheNaiveTwin(index: Int) {
    let (camera, height) = Self.cameras[index]
    let generator = SceneGenerator(seed: 11)
    var (pixels, otherIdentities, inexact) = (0, 0, 0)
    var worst = 0.0
    var kinds: Set<Int32> = []
    for episode in 0..<4 {
      let scene = generator.scene(episode)
      let pose = Pose(
        position: SIMD3(scene.start.x, scene.start.y, height), yaw: 1.3 * Double(episode))
      let frame = SceneRenderer(camera: camera).frame(PreparedScene(scene), from: pose)
      let world = NaiveWorld(scene: scene)
      for row in 0..<camera.height {
        for column in 0..<camera.width {
          let place = row * camera.width + column
          let (depth, what) = world.cast(camera, pose, row: row, column: column)
          pixels += 1
          guard frame.identities[place] == what else {
            otherIdentities += 1
            continue
          }
          kinds.insert(min(what, 0))
          guard depth.isFinite else {
            #expect(frame.depth[place] == .infinity)
            continue
          }
          let error = abs(Double(frame.depth[place]) - depth) / depth
          worst = max(worst, error)
          if error > 1e-5 { inexact += 1 }
        }
      }
    }
    #expect(kinds == [0, SceneRenderer.sky, SceneRenderer.floor])
    #expect(Double(otherIdentities) <= 1e-4 * Double(pixels), "\(otherIdentities) of \(pixels)")
    #expect(Double(inexact) <= 1e-4 * Double(pixels), "\(inexact) of \(pixels)")
    #expect(worst < 1e-4)
  }

  @Test func allLengthsOfVectorsGiveTheSameBits() {
    for camera in Self.cameras.map(\.0) {
      for episode in 0..<4 {
        let scene = SceneGenerator(seed: 3).scene(episode)
        let pose = Pose(position: SIMD3(scene.start.x, scene.start.y, 1.5), yaw: Double(episode))
        let frames = [4, 8, 16].map { lanes in
          var renderer = SceneRenderer(camera: camera)
          renderer.lanes = lanes
          return renderer.frame(PreparedScene(scene), from: pose)
        }
        #expect(frames[0] == frames[1] && frames[1] == frames[2])
      }
    }
  }

  @Test func picturesDoNotDependOnTheNumberOfThreads() {
    let camera = Camera(width: 40, height: 24)
    let scenes = (0..<6).map { SceneGenerator(seed: 8).scene($0) }
    let prepared = scenes.map(PreparedScene.init)
    let pictures = [1, 3].map { threads in
      ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
        var depth = [Float](repeating: 0, count: 6 * camera.pixelCount)
        var identities = [Int32](repeating: 0, count: depth.count)
        var colours = [UInt8](repeating: 0, count: 3 * depth.count)
        depth.withUnsafeMutableBufferPointer { depth in
          identities.withUnsafeMutableBufferPointer { identities in
            colours.withUnsafeMutableBufferPointer { colours in
              SceneRenderer(camera: camera).renderAll(
                6, depth: depth, identities: identities, colours: colours
              ) { index in
                let start = scenes[index].start
                return (prepared[index], Pose(position: SIMD3(start.x, start.y, 2), yaw: 1))
              }
            }
          }
        }
        return (depth, identities, colours)
      }
    }
    #expect(pictures[0] == pictures[1])
    let last = SceneRenderer(camera: camera).frame(
      prepared[5], from: Pose(position: SIMD3(scenes[5].start.x, scenes[5].start.y, 2), yaw: 1))
    #expect(Array(pictures[0].2.suffix(3 * camera.pixelCount)) == last.colours)
  }

  @Test func depthAloneIsTheDepthOfThePicture() {
    let scene = SceneGenerator(seed: 2).scene(1)
    let pose = Pose(position: SIMD3(scene.start.x, scene.start.y, 1.5), yaw: 2)
    let renderer = SceneRenderer()
    var depth = [Float](repeating: 0, count: renderer.camera.pixelCount)
    depth.withUnsafeMutableBufferPointer {
      renderer.render(PreparedScene(scene), from: pose, depth: $0)
    }
    #expect(depth == renderer.frame(PreparedScene(scene), from: pose).depth)
  }

  @Test func normalisedDepthIsAShareOfTheLimit() {
    let scene = Worlds.scene([
      .box(centre: SIMD3(7, 0, 1), halfExtents: SIMD3(2, 1, 1), yaw: 0)
    ])
    let frame = SceneRenderer().frame(
      PreparedScene(scene), from: Pose(position: SIMD3(0, 0, 1.5), yaw: 0))
    let depth = frame.normalisedDepth(farLimit: 20)
    // The face is 5 m ahead, and as planar depth that everywhere on it.
    let face = frame.identities.indices.filter {
      frame.identities[$0] == 0 && abs(frame.depth[$0] - 5) < 1e-4
    }
    #expect(face.count > 100)
    #expect(face.allSatisfy { abs(depth[$0] - 0.25) < 1e-5 })
    #expect(depth.max() == 1 && frame.depth.max() == .infinity)
  }

  /// The colours of the obstacles' pixels.
  private func colours(_ scene: Scene, yaw: Double = 0) -> [[UInt8]] {
    let frame = SceneRenderer().frame(
      PreparedScene(scene), from: Pose(position: SIMD3(0, 0, 1.5), yaw: yaw))
    return frame.identities.indices.filter { frame.identities[$0] >= 0 }
      .map { Array(frame.colours[3 * $0..<3 * $0 + 3]) }
  }

  @Test func theSideTowardsTheSunIsBrighter() {
    // The sun stands over the x axis: the side that is seen looking along x lies in shade.
    let scene = Worlds.scene([
      .box(centre: SIMD3(5, 0, 3), halfExtents: SIMD3(1, 1, 3), yaw: 0),
      .box(centre: SIMD3(-5, 0, 3), halfExtents: SIMD3(1, 1, 3), yaw: 0),
    ])
    let (shade, lit) = (colours(scene), colours(scene, yaw: .pi))
    // Under an ambient light of 0.5 · 0.8 a grey of 0.5 is 0.2 of white; the sun, which falls in at
    // cos 0.5, adds 0.5 · 0.5 · cos 0.5 to that.
    #expect(shade.map { $0[0] }.max() == UInt8((0.2 * 255).rounded()))
    #expect(lit.map { $0[0] }.max() == UInt8(((0.2 + 0.25 * cos(0.5)) * 255).rounded()))
  }

  @Test func hazeMovesFarThingsTowardsTheHorizon() {
    func mean(_ distance: Double, _ haze: Double) -> Double {
      let scene = Worlds.scene(
        [.sphere(centre: SIMD3(distance, 0, 2), radius: 2)],
        material: Material(colour: Colour(red: 0, green: 0, blue: 0)), haze: haze)
      let seen = colours(scene).map { Double($0[2]) }
      return seen.reduce(0, +) / Double(seen.count)
    }
    #expect(mean(20, 0) == 0)
    #expect(mean(20, 0.05) > 2 * mean(6, 0.05))
    #expect(mean(6, 0.05) > 20)
  }

  @Test(arguments: Material.Pattern.allCases)
  func patternsGoFromOneColourToTheOther(pattern: Material.Pattern) {
    let material = Material(
      colour: Colour(red: 1, green: 0, blue: 0), secondColour: Colour(red: 0, green: 0, blue: 1),
      pattern: pattern, scale: 0.6, phase: 0.3)
    for form in [
      .box(centre: SIMD3(3, 0, 2), halfExtents: SIMD3(1, 1.5, 2), yaw: 0.3),
      .cylinder(base: SIMD3(3, 0, 0), radius: 1, height: 4),
      .sphere(centre: SIMD3(3, 0, 1.5), radius: 1.3),
    ] as [Obstacle.Form] {
      let seen = colours(Worlds.scene([form], material: material))
      let red = seen.count { $0[2] == 0 }
      let blue = seen.count { $0[0] == 0 }
      switch pattern {
      case .plain: #expect(red == seen.count)
      case .noise: #expect(red + blue < seen.count / 2 && Set(seen).count > 50)
      case .checker, .stripes:
        // Some of it is blurred.
        #expect(red > seen.count / 8 && blue > seen.count / 8, "\(red) \(blue) \(seen.count)")
      }
    }
  }
}
