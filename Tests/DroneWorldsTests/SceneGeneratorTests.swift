import DroneWorlds
import Foundation
import Testing

@Suite struct SceneGeneratorTests {
  @Test func scenesFollowFromSeedAndIndex() {
    let generator = SceneGenerator(seed: 5)
    #expect(generator.scene(3) == SceneGenerator(seed: 5).scene(3))
    #expect(generator.scene(3) != generator.scene(4))
    #expect(generator.scene(3) != SceneGenerator(seed: 6).scene(3))
  }

  @Test func scenesSurviveCoding() throws {
    let scene = SceneGenerator(seed: 1).scene(0)
    let data = try JSONEncoder().encode(scene)
    #expect(try JSONDecoder().decode(Scene.self, from: data) == scene)
  }

  @Test func nothingIsNearTheStart() {
    let options = WorldOptions()
    for index in 0..<30 {
      let scene = SceneGenerator(options: options, seed: 2).scene(index)
      let start = SIMD3(scene.start.x, scene.start.y, options.altitude)
      #expect(NaiveWorld(scene: scene).distance(from: start) >= options.startClearance - 1e-9)
    }
  }

  @Test func scenesShowAllKindsAndPatternsInDifferentLight() {
    let scenes = (0..<10).map { SceneGenerator(seed: 4).scene($0) }
    for scene in scenes {
      let forms = Set(
        scene.obstacles.map { obstacle in
          switch obstacle.form {
          case .box: 0
          case .cylinder: 1
          case .sphere: 2
          }
        })
      #expect(forms == [0, 1, 2])
      #expect(Set(scene.obstacles.map(\.material.pattern)).count == 4)
      #expect(Set(scene.obstacles.map(\.material.colour)).count > 40)
      #expect(scene.floor.colour != scenes[0].floor.colour || scene == scenes[0])
    }
    #expect(Set(scenes.map(\.light)).count == 10)
    let counts = scenes.map(\.obstacles.count)
    #expect((counts.max() ?? 0) > (counts.min() ?? 0) + 50)
  }

  @Test func missingOptionsKeepTheirDefaults() throws {
    let json = Data(#"{"extent": 60, "far_limit": 30}"#.utf8)
    var expected = WorldOptions()
    expected.extent = 60
    expected.farLimit = 30
    #expect(try JSONDecoder().decode(WorldOptions.self, from: json) == expected)
    #expect(expected.problems().isEmpty)
    let copy = try JSONDecoder().decode(
      WorldOptions.self, from: try JSONEncoder().encode(expected))
    #expect(copy == expected)
  }

  @Test func everythingThatIsWrongIsSaidAtOnce() {
    var options = WorldOptions()
    options.extent = 3
    options.minimumDensity = 4
    options.cameraWidth = 5000
    options.altitude = 0.2
    #expect(
      options.problems().map(\.description) == [
        "extent: 3.0, expected 20.0 to 500.0 metres",
        "minimum_density: 4.0, expected no more than maximum_density, which is 3.2",
        "drone_radius: 0.35, expected no more than altitude, which is 0.2",
        "camera_width: 5000.0, expected 8.0 to 4096.0 pixels",
      ])
    options.farLimit = .nan
    #expect(options.problems().contains { $0.key == .farLimit })
  }
}
