import Foundation
import Testing

@Suite struct ResumeTests {
  /// Saves after every step, three epochs of nine steps.
  private static let slow = "--set train.epochs=3 --set train.batch_size=8"
  private static let saving: [String] = ["--set", "train.save_every=1 us"]

  private func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

  /// The run nothing has disturbed, in `whole`.
  private func undisturbed() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    let result = try folder.cleave.run(
      words("train shapes.yaml --output whole \(ResumeTests.slow)") + ResumeTests.saving)
    try #require(result.status == 0, "\(result.testDescription)")
    return folder
  }

  private func expectTheSameRun(
    _ folder: TemporaryFolder, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(
      try folder.losses(of: "cut") == folder.losses(of: "whole"), sourceLocation: sourceLocation)
    for file in ["best.h5", "last.h5"] {
      #expect(
        try folder.parameterBits("cut/\(file)") == folder.parameterBits("whole/\(file)"),
        "\(file)", sourceLocation: sourceLocation)
    }
    #expect(
      try folder.contents("cut") == folder.contents("whole"), "half-written files are left",
      sourceLocation: sourceLocation)
  }

  /// The number of a file on disk, which changes whenever a new one takes its place.
  private func fileNumber(_ path: String) -> UInt64? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
  }

  @Test func aRunThatIsKilledAtAnyStepGoesOnExactly() throws {
    let folder = try undisturbed()
    let begin = words("train shapes.yaml --output cut \(ResumeTests.slow)") + ResumeTests.saving
    var kills = 0
    for saves in [1, Int.random(in: 2...5), Int.random(in: 3...9)] {
      let begun = folder.exists("cut/recipe.yaml")
      let execution = try folder.cleave.start(begun ? words("train --resume cut") : begin)
      let last = folder.path + "/cut/last.h5"
      var number = fileNumber(last)
      var seen = 0
      let deadline = Date(timeIntervalSinceNow: 60)
      while seen < saves, Date() < deadline, kill(execution.pid, 0) == 0 {
        let current = fileNumber(last)
        if current != number { seen += 1 }
        number = current
        usleep(200)
      }
      usleep(UInt32.random(in: 0...8000))
      execution.send(SIGKILL)
      if try execution.result().status == -SIGKILL { kills += 1 }
    }
    #expect(kills >= 2, "the run ended before it could be killed")
    let result = try folder.cleave("train --resume cut")
    #expect(result.status == 0, "\(result.testDescription)")
    try expectTheSameRun(folder)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func aRunThatIsInterruptedSavesAndGoesOnExactly(signal: Int32) throws {
    let folder = try undisturbed()
    let execution = try folder.cleave.start(
      words("train shapes.yaml --output cut \(ResumeTests.slow)") + ResumeTests.saving)
    let deadline = Date(timeIntervalSinceNow: 60)
    while !folder.exists("cut/last.h5"), Date() < deadline { usleep(200) }
    execution.send(signal)
    let interrupted = try execution.result()
    #expect(interrupted.status == 130, "\(interrupted.testDescription)")
    #expect(interrupted.output.isEmpty)
    #expect(interrupted.errors.contains("note: interrupted; the state is saved in cut/last.h5"))
    let result = try folder.cleave("train --resume cut")
    #expect(result.status == 0, "\(result.testDescription)")
    try expectTheSameRun(folder)
  }

  @Test func aFinishedRunIsOnlyMeasuredAgain() throws {
    let folder = try TemporaryFolder.withRun()
    let losses = try folder.losses(of: "run")
    let parameters = try folder.parameterBits("run/best.h5")
    let result = try folder.cleave("train --resume run --json")
    #expect(result.status == 0, "\(result.testDescription)")
    #expect(try (result.object()["training"] as? [String: Any])?["epochs"] as? Int == 1)
    #expect(try folder.losses(of: "run") == losses)
    #expect(try folder.parameterBits("run/best.h5") == parameters)
  }

  @Test func aRunGoesOnOnlyWithItsOwnRecipe() throws {
    let folder = try TemporaryFolder.withRun()
    let result = try folder.cleave("train --resume run --set train.epochs=7")
    #expect(result.status == 1)
    #expect(result.errors.contains("can only go on with its own recipe"))
    #expect(result.errors.contains("train.epochs: 7, not 1"))
  }

  @Test func thereHasToBeARunToGoOnWith() throws {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    for words in ["train --resume nowhere", "train shapes.yaml --resume nowhere"] {
      let result = try folder.cleave(words)
      #expect(result.status == 1)
      #expect(result.errors == "error: nowhere holds no run\n")
      #expect(!folder.exists("nowhere"))
    }
  }
}
