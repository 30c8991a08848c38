import Foundation
import Testing
import Training

@Suite struct RunDirectoryTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func aFolderIsMadeWithAllItLiesIn() throws {
    let directory = RunDirectory(folder.file("a/b"))
    try directory.create()
    #expect(FileManager.default.fileExists(atPath: folder.file("a/b")))
    #expect(!directory.hasLast && !directory.hasBest && !directory.hasRecipe)
    try directory.create()
  }

  @Test func aFileInTheWayIsNamed() throws {
    try Data().write(to: URL(fileURLWithPath: folder.file("run")))
    #expect {
      try RunDirectory(folder.file("run")).create()
    } throws: { error in
      guard case .unwritable(let path, let reason) = error as? RunDirectoryError else {
        return false
      }
      return path == folder.file("run") && !reason.isEmpty
    }
  }

  @Test func whatIsNoRunIsLeftAlone() throws {
    try Data("mine".utf8).write(to: URL(fileURLWithPath: folder.file("thesis.tex")))
    #expect(throws: RunDirectoryError.notARun(path: folder.path)) {
      try RunDirectory(folder.path).create()
    }
    #expect(try folder.contents == ["thesis.tex"])
  }

  @Test func aFolderWithARecipeIsARun() throws {
    let directory = RunDirectory(folder.path)
    try directory.write("method: probe\n", to: directory.recipePath)
    try directory.create()
    #expect(directory.hasRecipe)
    #expect(try folder.contents == ["recipe.yaml"])
  }

  @Test func writingReplacesTheWholeFileAndLeavesNothingBeside() throws {
    let directory = RunDirectory(folder.path)
    try directory.write(String(repeating: "long\n", count: 100), to: directory.reportPath)
    try directory.write("short\n", to: directory.reportPath)
    #expect(try String(contentsOfFile: directory.reportPath, encoding: .utf8) == "short\n")
    #expect(try folder.contents == ["report.json"])
  }

  @Test func aFileThatCannotBeReplacedIsNamed() throws {
    let directory = RunDirectory(folder.path)
    try FileManager.default.createDirectory(
      atPath: directory.reportPath + "/in the way", withIntermediateDirectories: true)
    #expect {
      try directory.write("{}", to: directory.reportPath)
    } throws: { "\($0)".hasPrefix("\(directory.reportPath) cannot be written: ") }
    #expect(try folder.contents == ["report.json"])
    #expect {
      try directory.write("{}", to: folder.file("no such folder/a"))
    } throws: { "\($0)".hasSuffix("cannot be written: No such file or directory") }
  }

  @Test(arguments: [
    (
      RunDirectoryError.otherRecipe(path: "r", differences: ["seed: 1, was 2"]),
      "r holds the run of another recipe; choose another --output. They differ in:\n"
        + "  seed: 1, was 2"
    ),
    (
      .alreadyThere(path: "r"),
      "r already holds this run; continue it with --resume r, or choose another --output"
    ),
    (.noRun(path: "r"), "r holds no run"),
  ]) func errorsSayWhatToDo(error: RunDirectoryError, text: String) {
    #expect("\(error)" == text)
  }
}
