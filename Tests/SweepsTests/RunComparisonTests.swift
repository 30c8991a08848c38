import Foundation
import Reports
import Sweeps
import Terminal
import Testing
import Training

@Suite struct RunComparisonTests {
  private static func folders(
    _ runs: [(recipe: String, report: String?)]
  ) throws -> [String] {
    let folder = NSTemporaryDirectory() + "compare-\(UUID().uuidString)"
    return try runs.enumerated().map { index, run in
      let path = "\(folder)/\(index)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try run.recipe.write(toFile: path + "/recipe.yaml", atomically: true, encoding: .utf8)
      try run.report?.write(toFile: path + "/report.json", atomically: true, encoding: .utf8)
      return path
    }
  }

  @Test func differencesOfRecipesAndFigures() throws {
    let runs = try Self.folders([
      (
        "seed: 1\na: {b: [1, 2], c: x}\noutput: {directory: here}\n",
        #"{"accuracy": 0.5, "split": {"time": "1.5 ms"}, "list": [{"name": "n", "v": 1}], "n": "x"}"#
      ),
      (
        "seed: 2\na: {b: [1, 3], c: x}\nmore: {d: 1}\noutput: {directory: there}\n",
        #"{"accuracy": 0.75, "split": {"time": "2 s"}, "list": [{"name": "n", "v": 3}], "k": 12}"#
      ),
      ("seed: 1\na: {b: [1, 2], c: x}\n", nil),
    ])
    let comparison = try RunComparison(runs, withLists: true)
    #expect(comparison.recipe.map(\.key) == ["seed", "a.b", "more.d"])
    #expect(comparison.recipe[1].values == ["[1,2]", "[1,3]", "[1,2]"])
    #expect(comparison.recipe[2].values == [nil, "1", nil])
    #expect(comparison.unfinished == [runs[2]])
    let figures = Dictionary(uniqueKeysWithValues: comparison.figures.map { ($0.key, $0) })
    #expect(figures.keys.sorted() == ["accuracy", "k", "list[name=n].v", "split.time"])
    #expect(figures["split.time"]?.unit == "ms")
    #expect(figures["split.time"]?.values == [1.5, 2000, nil])
    #expect(figures["k"]?.values == [nil, 12, nil])
    #expect(try RunComparison(runs).figures.count == 3, "lists are left out")
    let rows = comparison.tables[1].rows
    #expect(rows.contains(["accuracy", "0.5", "0.75 (+0.25)", "–"]))
    #expect(rows.contains(["split.time, ms", "1.5", "2000 (+1998)", "–"].map { $0 }))
    // The folders at the head of the columns are long.
    let lines = comparison.tables[1].text.rendered(columns: 80).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.contains { $0.contains("2000 (+1998)") })
  }

  @Test func sameRecipesAreSaidToBe() throws {
    let runs = try Self.folders([("a: 1", "{}"), ("a: 1", "{}")])
    let comparison = try RunComparison(runs)
    #expect(comparison.recipe.isEmpty && comparison.figures.isEmpty)
    #expect(comparison.tables[0].title == "The recipes are the same.")
    #expect(throws: RunDirectoryError.self) { try RunComparison([runs[0], runs[0] + "/none"]) }
  }
}
