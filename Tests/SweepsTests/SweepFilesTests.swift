import Foundation
import Recipes
import Sweeps
import Testing

/// Every sweep of the project fits its recipe, with every setting.
@Suite struct SweepFilesTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  static let files: [String] =
    ((try? FileManager.default.subpathsOfDirectory(atPath: root + "/Recipes")) ?? [])
    .filter { $0.hasSuffix(".sweep.yaml") }.map { "Recipes/\($0)" }.sorted()

  @Test func sweepsAreFound() {
    #expect(Self.files.contains("Recipes/salt/fashion-mnist.sweep.yaml"))
  }

  @Test(arguments: files) func everySweepCanBePlanned(file: String) throws {
    let text = try String(contentsOfFile: "\(Self.root)/\(file)", encoding: .utf8)
    #expect(text.hasPrefix("# cleave sweep \(file)\n#\n# "))
    var sweep = try SweepConfiguration(RecipeDocument(name: file, text: text))
    // Files are named from the project's folder.
    sweep.recipe = "\(Self.root)/\(sweep.recipe)"
    let checkpoint = try RecipeDocument(contentsOf: sweep.recipe).leaves
      .first { $0.key == "network.checkpoint" }
    let overrides = checkpoint.map { entry in
      ["network.checkpoint=\(Self.root)/\(entry.json.filter { $0 != "\"" })"]
    }
    let plan = try SweepPlan(
      sweep, overrides: overrides ?? [], folder: NSTemporaryDirectory() + "nothing-is-here")
    #expect(plan.runs.count == plan.settings.count * sweep.seeds.count)
    #expect(try plan.runs.allSatisfy { try plan.state(of: $0) == .new })
  }
}
