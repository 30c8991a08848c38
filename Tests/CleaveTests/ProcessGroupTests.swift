import Foundation
import MessagePassing
import Testing

/// Processes that `mpirun` starts, in a build that knows of it.
@Suite(.serialized, .enabled(if: MessagePassing.isAvailable)) struct ProcessGroupTests {
  private static let settings =
    " --set train.epochs=3 --set train.batch_size=8 --set train.synchronize_batch_norm=true"
    + " --set train.optimizer.name=sgd --set train.optimizer.learning_rate=0.02 --threads 1"

  private static func folder(_ count: Int) throws -> (TemporaryFolder, CommandLineTool) {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    var together = folder.cleave
    together.launcher = launcher(count)
    return (folder, together)
  }

  private static func launcher(_ count: Int) -> [String] {
    ["mpirun", "--allow-run-as-root", "--oversubscribe", "--quiet", "-n", "\(count)"]
  }

  private static func losses(_ folder: TemporaryFolder, _ run: String) throws -> [Double] {
    try folder.losses(of: run).map {
      let line = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      return try #require(line?["train_loss"] as? Double)
    }
  }

  private static func expectEqual(_ folder: TemporaryFolder) throws {
    let (found, wanted) = (try losses(folder, "together"), try losses(folder, "alone"))
    #expect(found.count == 3)
    for (found, wanted) in zip(found, wanted) { #expect(abs(found - wanted) < 1e-4) }
    #expect(try folder.files(of: "together") == folder.files(of: "alone"))
  }

  @Test(arguments: [2, 3]) func theyTrainWhatOneDoes(count: Int) throws {
    let (folder, together) = try Self.folder(count)
    let alone = try folder.cleave("train shapes.yaml --output alone" + Self.settings)
    try #require(alone.status == 0, "\(alone.testDescription)")
    let result = try together("train shapes.yaml --output together --json" + Self.settings)
    try #require(result.status == 0, "\(result.testDescription)")
    try Self.expectEqual(folder)
    // Only one of them tells of it.
    #expect(try result.object()["accuracy"] != nil)
    #expect(result.errors.split(separator: "\n").filter { $0.hasPrefix("epoch 3:") }.count == 1)
  }

  @Test func oneThatDiesEndsAllAndTheRunGoesOn() throws {
    let (folder, together) = try Self.folder(3)
    let alone = try folder.cleave("train shapes.yaml --output alone" + Self.settings)
    try #require(alone.status == 0, "\(alone.testDescription)")
    let execution = try together.start(
      ("train shapes.yaml --output together" + Self.settings).split(separator: " ")
        .map(String.init) + ["--set", "train.save_every=1 us"])
    let deadline = Date(timeIntervalSinceNow: 60)
    while !folder.exists("together/last.h5"), Date() < deadline { usleep(1000) }
    let children = try String(
      contentsOfFile: "/proc/\(execution.pid)/task/\(execution.pid)/children", encoding: .utf8)
    let victim = try #require(children.split(separator: " ").compactMap { pid_t($0) }.last)
    kill(victim, SIGKILL)
    let result = try execution.result()
    #expect(result.status != 0, "\(result.testDescription)")
    // With another number of them.
    let two = CommandLineTool(directory: folder.path, launcher: Self.launcher(2))
    let rest = try two("train --resume together --threads 1")
    try #require(rest.status == 0, "\(rest.testDescription)")
    let found = try Self.losses(folder, "together")
    for (found, wanted) in zip(found, try Self.losses(folder, "alone")) {
      #expect(abs(found - wanted) < 1e-4)
    }
  }

  @Test func whatIsWrongIsSaidOnce() throws {
    let (folder, together) = try Self.folder(3)
    defer { withExtendedLifetime(folder) {} }
    let result = try together("train shapes.yaml --output together --set train.epoch=3")
    #expect(result.status != 0)
    #expect(
      result.errors.components(separatedBy: "train.epoch").count == 2, "\(result.testDescription)")
  }

  @Test func theyDivideTheRunsOfASweep() throws {
    let (folder, together) = try Self.folder(2)
    try folder.write(
      """
      recipe: shapes.yaml
      seeds: [1, 2, 3]
      set: {train.epochs: 1}
      measures: [{path: accuracy}]

      """.utf8, to: "shapes.sweep.yaml")
    let result = try together("sweep shapes.sweep.yaml --output runs --threads 1")
    try #require(result.status == 0, "\(result.testDescription)")
    #expect(try folder.contents("runs").filter { $0.hasSuffix(".log") }.count == 3)
    #expect(folder.exists("runs/sweep.html"))
  }

  @Test func sumsAreTimed() throws {
    let (folder, together) = try Self.folder(2)
    defer { withExtendedLifetime(folder) {} }
    let result = try together("bench messages --repetitions 1 --json")
    #expect(try result.object()["processes"] as? Int == 2)
  }
}
