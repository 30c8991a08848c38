import Foundation
import Testing

/// `cleave sweep` over runs that train in a moment.
@Suite struct SweepCommandTests {
  /// Two variants with three seeds.
  private static let sweep = """
    recipe: shapes.yaml
    seeds: [1, 2, 3]
    set: {train.save_every: 1 us}
    variants:
      - {name: adam}
      - {name: sgd, set: {train.optimizer: {name: sgd, learning_rate: 0.1}}}
    baseline: adam
    measures:
      - {path: accuracy, unit: "%"}
      - {path: split.device_time, name: device, unit: ms, places: 3}
    plots: [{x: device, y: accuracy}]

    """

  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    try folder.write(Self.sweep.utf8, to: "sweep.yaml")
    return folder
  }

  private func begun(_ folder: TemporaryFolder) -> [String] {
    ["adam", "sgd"].flatMap { name in
      (1...3).map { "runs/sweep/\(name)-seed-\($0)" }
    }.filter { folder.exists("\($0)/recipe.yaml") }
  }

  @Test func runsAreDoneSideBySideAndOnlyOnce() throws {
    let folder = try folder()
    let result = try folder.cleave("sweep sweep.yaml --jobs 3 --set train.epochs=1")
    #expect(result.status == 0, "\(result.testDescription)")
    #expect(begun(folder).count == 6)
    #expect(result.output.contains("adam"))
    #expect(result.output.contains("paired by seed"))
    let first = try folder.text("runs/sweep/sgd-seed-2/recipe.yaml")
    #expect(first.contains("seed: 2") && first.contains("sgd"))
    #expect(first.contains("epochs: 1"))
    for file in ["sweep.json", "sweep.md", "sweep.svg", "sweep.png", "sweep.html"] {
      #expect(folder.exists("runs/sweep/\(file)"), "\(file)")
    }
    let again = try folder.cleave("sweep sweep.yaml --jobs 3 --set train.epochs=1 --json")
    #expect(!again.errors.contains("begins") && !again.errors.contains("goes on"))
    let rows = try #require(try again.object()["rows"] as? [[String: Any]])
    #expect(rows.compactMap { $0["runs"] as? Int } == [3, 3])
    // The same recipe is asked for, or nothing is.
    let other = try folder.cleave("sweep sweep.yaml --set train.epochs=2")
    #expect(other.status == 1)
    #expect(other.errors.contains("holds a run of another recipe (train.epochs: 2, not 1)"))
  }

  /// Signals the sweep until all is done; every run ends as if nothing had been.
  @Test(arguments: [SIGINT, SIGKILL])
  func aSweepThatIsStoppedGoesOn(signal: Int32) throws {
    let folder = try folder()
    let command = "sweep sweep.yaml --jobs 2 --threads 1"
    let execution = try folder.cleave.start(command.split(separator: " ").map(String.init))
    let deadline = Date(timeIntervalSinceNow: 60)
    while !folder.exists("runs/sweep/sgd-seed-1/last.h5"), Date() < deadline { usleep(500) }
    execution.send(signal)
    let stopped = try execution.result()
    #expect(stopped.status == (signal == SIGINT ? 130 : -SIGKILL), "\(stopped.testDescription)")
    if signal == SIGINT {
      #expect(stopped.errors.contains("the same command goes on"))
    }
    let before = begun(folder)
    #expect(before.count < 6, "the sweep ended before it was stopped")
    let result = try folder.cleave(command)
    #expect(result.status == 0, "\(result.testDescription)")
    // What was begun is not begun again.
    for run in before {
      #expect(!result.errors.contains("\(run): begins"), "\(run)")
    }
    let whole = try folder.cleave(
      "train shapes.yaml --output whole --threads 1 --set train.optimizer.name=sgd "
        + "--set train.optimizer.learning_rate=0.1")
    #expect(whole.status == 0, "\(whole.testDescription)")
    #expect(
      try folder.losses(of: "runs/sweep/sgd-seed-1") == folder.losses(of: "whole"))
  }

  @Test func aRunThatFailsIsNamedAndTheOthersGoOn() throws {
    let folder = try folder()
    // Something that is no run stands where one is to be.
    try FileManager.default.createDirectory(
      atPath: folder.path + "/runs/sweep/adam-seed-2", withIntermediateDirectories: true)
    try folder.write("mine".utf8, to: "runs/sweep/adam-seed-2/note.txt")
    let result = try folder.cleave("sweep sweep.yaml --set train.epochs=1")
    #expect(result.status == 1)
    #expect(result.errors.contains("1 of 6 runs failed, see runs/sweep/adam-seed-2.log"))
    #expect(try folder.text("runs/sweep/adam-seed-2/note.txt") == "mine")
    let table = try folder.cleave("sweep sweep.yaml --set train.epochs=1 --table")
    #expect(table.status == 0)
    #expect(table.errors.contains("1 of 6 runs have no report yet"))
    let list = try folder.cleave("sweep sweep.yaml --set train.epochs=1 --list")
    #expect(list.output.split(separator: "\n").count { $0.hasSuffix("done") } == 5)
  }
}
