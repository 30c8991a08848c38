import Foundation
import Testing

@Suite struct RunFolderTests {
  @Test func theSameRecipeIsRefusedWithAHintToResume() throws {
    let folder = try TemporaryFolder.withRun()
    let before = try folder.bytes("run/best.h5")
    let result = try folder.cleave("train shapes.yaml --output run --set train.epochs=1")
    #expect(result.status == 1)
    #expect(result.errors.contains("run already holds this run; continue it with --resume run"))
    #expect(try folder.bytes("run/best.h5") == before)
  }

  @Test func anotherRecipesRunIsRefusedWithWhatDiffers() throws {
    let folder = try TemporaryFolder.withRun()
    let before = try folder.bytes("run/best.h5")
    let result = try folder.cleave("train shapes.yaml --output run --set seed=2")
    #expect(result.status == 1)
    #expect(result.errors.contains("run holds the run of another recipe"))
    #expect(result.errors.contains("seed: 2, not 1"))
    #expect(result.errors.contains("train.epochs: 2, not 1"))
    #expect(try folder.bytes("run/best.h5") == before)
  }

  @Test func aFolderOfOtherThingsIsRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    let result = try folder.cleave("train shapes.yaml --output .")
    #expect(result.status == 1)
    #expect(result.errors.contains("is not empty and holds no run; choose another --output"))
    #expect(try folder.contents(".") == ["shapes.yaml"])
  }

  @Test(arguments: [
    ("/proc/nothing/can/be/made", "No such file or directory"),
    ("shapes.yaml/run", "Not a directory"),
    ("shapes.yaml", "Not a directory"),
  ])
  func aFolderThatCannotBeMadeIsNamedWithTheReason(path: String, reason: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    let result = try folder.cleave("train shapes.yaml --output \(path)")
    #expect(result.status == 1)
    #expect(result.errors.hasPrefix("error: "))
    #expect(result.errors.hasSuffix("cannot be written: \(reason)\n"))
    #expect(try folder.contents(".") == ["shapes.yaml"])
  }

  @Test func aRecipeThatDoesNotFitLeavesNoFolder() throws {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    let result = try folder.cleave(
      "train shapes.yaml --output a/b --set network.classes=2")
    #expect(result.status == 2)
    #expect(try folder.contents(".") == ["shapes.yaml"])
  }

  @Test func twoProcessesCannotTrainInOneFolder() throws {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    let arguments = ["train", "shapes.yaml", "--output", "run", "--set", "train.epochs=100000"]
    let first = try folder.cleave.start(arguments)
    while !folder.exists("run/last.h5"), kill(first.pid, 0) == 0 { usleep(1000) }
    let second = try folder.cleave("train --resume run")
    #expect(second.status == 1)
    #expect(second.errors.contains("another process is training in run"))
    first.send(SIGINT)
    #expect(try first.result().status == 130)
  }

  /// A limit on the length of files stands for a full disk: writes beyond it fail.
  @Test(arguments: [100, 200, 600, 1000])
  func aDiskThatFillsUpEndsTheRunWithoutHalfWrittenFiles(kibibytes: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    // In units of 512 bytes; the signal is ignored so that writing fails instead.
    let result = try folder.cleave.run(
      ["train", "shapes.yaml", "--output", "run"],
      after: "trap '' XFSZ && ulimit -f \(kibibytes * 2)")
    if kibibytes == 1000 {
      // last.h5, the longest file, has less than a megabyte.
      #expect(result.status == 0, "\(result.testDescription)")
      return
    }
    #expect(result.status == 1, "\(result.testDescription)")
    #expect(result.errors.contains("cannot be written"))
    let whole = Set(["best.h5", "last.h5", "metrics.jsonl", "recipe.yaml", "report.json"])
    #expect(try whole.isSuperset(of: folder.contents("run")))
    for file in ["best.h5", "last.h5"] where folder.exists("run/\(file)") {
      #expect(try folder.cleave("inspect run/\(file)").status == 0)
    }
    // With room again it goes on.
    #expect(try folder.cleave("train --resume run").status == 0)
  }
}
