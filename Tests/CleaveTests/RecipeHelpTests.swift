import Foundation
import Testing

@Suite struct RecipeHelpTests {
  /// Nodes with a file of their help; see ``HelpTests/commands`` for how to write it anew.
  @Test(arguments: ["", "link", "train.optimizer", "tasks", "sweep"])
  func helpIsTheTextThatWasRead(node: String) throws {
    let name = ["help-recipe", node].filter { !$0.isEmpty }.joined(separator: "-")
    let folder = try TemporaryFolder()
    let result = try folder.cleave("help recipe \(node == "tasks" ? "ladon.tasks" : node)")
    #expect(result.status == 0 && result.errors.isEmpty)
    let file = try #require(
      Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Help"))
    #expect(result.output == String(decoding: try Data(contentsOf: file), as: UTF8.self))
  }

  @Test func everyNodeOfTheListHasHelpOfEightyColumns() throws {
    let folder = try TemporaryFolder()
    let all = try folder.cleave("help recipe --json").object()
    let nodes = try #require(all["nodes"] as? [[String: Any]])
    #expect(nodes.count > 40)
    for node in nodes {
      let path = try #require(node["path"] as? String)
      let keys = try #require(node["keys"] as? [[String: Any]])
      #expect(!keys.isEmpty)
      for key in keys {
        #expect(key["description"] is String && key["type"] is String, "\(path): \(key)")
        #expect((key["required"] as? Bool) == (key["default"] == nil), "\(path): \(key)")
      }
    }
    for path in ["data", "network", "train", "early_exit.target", "sweep.measures"] {
      let help = try folder.cleave("help recipe \(path)")
      #expect(help.status == 0)
      for line in help.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
  }

  @Test func aNodeIsOneObject() throws {
    let folder = try TemporaryFolder()
    let node = try folder.cleave("help recipe train optimizer --json").object()
    #expect(node["path"] as? String == "train.optimizer")
    #expect(
      (node["keys"] as? [[String: Any]])?.first?["choices"] as? [String] == [
        "sgd", "adam", "adamw",
      ])
  }

  @Test func anUnknownNodeIsExplained() throws {
    let folder = try TemporaryFolder()
    let result = try folder.cleave("help recipe dta")
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("error: there is no node or key 'dta' (did you mean 'data'?)"))
  }
}
