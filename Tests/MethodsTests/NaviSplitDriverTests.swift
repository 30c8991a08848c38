import Checkpoints
import DroneWorlds
import Export
import Foundation
import Methods
import Networks
import Recipes
import Tensors
import TestSupport
import Testing
import Training

/// What is exported of a gate decides as the gate that was trained does.
@Suite struct NaviSplitDriverTests {
  static let script = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Recipes/navisplit/driver.py").path

  private static let isAvailable = Python.canImport("numpy, onnxruntime")

  private struct Frame: Encodable {
    var pixels: [[[Int]]]
    var goal_distance: Double
    var goal_bearing: Double
  }

  private struct Answer: Decodable {
    var branch: String
    var forward: Double
    var turn: Double
  }

  @Test(.enabled(if: isAvailable), arguments: ["soft", "td3"])
  func theDriverDecidesAsTheTrainerDoes(training: String) throws {
    let folder = try TemporaryFolder()
    var parent = try DepthNetwork.network(.group, inputShape: [32, 48, 3])
    parent.initializeParameters(seed: 5)
    let branches = folder.file("branches.h5")
    try Checkpoint(
      network: DepthNetwork.attaching(
        [.init(after: 3, channels: 2), .init(after: 2, channels: 4), .init(after: 3, channels: 8)],
        to: parent, seed: 1),
      inputTransform: InputTransform(scale: 255, mean: [0.5], std: [0.25])
    ).write(to: branches)
    let navigator = folder.file("navigator.h5")
    try Checkpoint(
      network: ActorCritic.network(
        observationLength: 200, actionLength: 2, hidden: [6], seed: 4)
    ).write(to: navigator)
    let text = """
      method: navisplit_gate
      data:
        name: drone
        samples: 8
        test_samples: 2
        validation_fraction: 0.5
        world: {camera_width: 48, camera_height: 32}
      network: {architecture: navisplit-depth}
      navisplit_gate:
        branches: \(branches)
        navigator: \(navigator)
        training: \(training)
        steps_per_epoch: 4
        frames: 16
        td3: {agents: 2, warm_up: 4, batch_size: 4}
        flight: {maximum_steps: 12}
        validation_episodes: 2
        test_episodes: 2
      train: {epochs: 1, monitor: quality, optimizer: {name: adam, learning_rate: 0.05}}
      """
    let file = folder.file("recipe.yaml")
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    let recipe = try Recipe(RecipeDocument(contentsOf: file))
    let run = folder.file("run")
    _ = try Experiment.train(recipe, in: run, resumes: false, observer: SilentObserver())
    let exported = folder.file("exported")
    let manifest = try Experiment.export(run: run, to: exported, observer: SilentObserver())
    #expect(manifest.branches?.count == 3)
    #expect(manifest.policies?.map(\.name) == ["navigator", "gate"])

    // The branch that flights begin with is what the head and tail are, and written once.
    #expect(manifest.branches?.contains { $0.head == manifest.head } == true)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: exported)
        .count { $0.hasPrefix("head") } == 6)
    for (name, beginning) in [("flight.png", [0x89, 0x50]), ("flight.gif", [0x47, 0x49])] {
      let picture = folder.file(name)
      let summary = try Experiment.drawFlight(
        run: run, episode: 1, to: picture, observer: SilentObserver())
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: picture)).prefix(2).map(Int.init) == beginning)
      #expect(summary.branches.count == summary.steps && summary.bytesSent > 0)
    }
    #expect(throws: ExperimentError.pictureName("flight.jpg")) {
      try Experiment.drawFlight(
        run: run, episode: 1, to: "flight.jpg", observer: SilentObserver())
    }

    let opened = try Experiment.openFlying(run: run, observer: SilentObserver())
    var flights: [[Frame]] = []
    var expected: [(branch: String, action: DroneAction)] = []
    for episode in 0..<3 {
      let flight = try opened.method.flight(opened.network, episode: episode)
      let camera = flight.environment.options.camera
      let renderer = SceneRenderer(camera: camera)
      var frames: [Frame] = []
      for (step, pose) in zip(flight.record.steps, flight.record.poses) {
        let seen = renderer.frame(flight.environment.prepared, from: pose).colours
        let way = flight.record.goal - SIMD2(pose.position.x, pose.position.y)
        let bearing = atan2(way.y, way.x) - pose.yaw
        frames.append(
          Frame(
            pixels: (0..<camera.height).map { row in
              (0..<camera.width).map { column in
                (0..<3).map { Int(seen[(row * camera.width + column) * 3 + $0]) }
              }
            }, goal_distance: (way.x * way.x + way.y * way.y).squareRoot(),
            goal_bearing: atan2(sin(bearing), cos(bearing))))
        expected.append((flight.branches[step.tag], step.action))
      }
      flights.append(frames)
    }
    let frames = folder.file("frames.json")
    try JSONEncoder().encode(flights).write(to: URL(fileURLWithPath: frames))
    let result = try Python.run([NaviSplitDriverTests.script, exported, frames])
    #expect(result.status == 0)
    let answers = try result.output.split(separator: UInt8(ascii: "\n")).map {
      try JSONDecoder().decode(Answer.self, from: $0)
    }
    #expect(answers.map(\.branch) == expected.map(\.branch))
    for (answer, expected) in zip(answers, expected) {
      #expect(abs(answer.forward - expected.action.forward) < 1e-3)
      #expect(abs(answer.turn - expected.action.turn) < 1e-3)
    }
  }
}
