import Foundation
import Testing

@Suite struct RecipeErrorTests {
  struct Case: CustomTestStringConvertible {
    /// What is replaced in the tiny recipe, and by what.
    let old: String
    let new: String
    /// What the one message must be.
    let message: String

    init(_ old: String, _ new: String, _ message: String) {
      self.old = old
      self.new = new
      self.message = message
    }

    var testDescription: String { new }
  }

  @Test(arguments: [
    Case(
      "batch_size: 16", "batch_size: 0", "10:15: 'train.batch_size': expected 1 or more samples"),
    Case("epochs: 2", "epoch: 2", "9:3: unknown key 'epoch' in 'train' (did you mean 'epochs'?)"),
    Case("epochs: 2", "epochs: two", "9:11: 'train.epochs' expects an integer, found 'two'"),
    Case(
      "method: supervised", "method: supervisd",
      "1:9: 'method' expects 'bottlefit', 'cr_bq',"),
    Case("resnet8", "resnet9", "5:17: 'network.architecture': there is no architecture 'resnet9'"),
    Case(
      "name: shapes", "name: shaps", "3:14: 'data.name': unknown data set 'shaps'; did you mean"),
    Case("0.25}", "0.25, classes: []}", "3:99: 'data.classes': expected at least one class"),
    Case(
      "architecture: resnet8", "checkpoint: none.h5",
      "5:15: 'network.checkpoint': there is no file none.h5"),
    // Found with the data set or the network at hand, and before anything is trained.
    Case(
      "0.25}", "0.25, classes: [cub]}",
      "3:99: 'data.classes': unknown class 'cub'; did you mean 'cube'?"),
    Case(
      "cut: layer1", "cut: layr1", "6:8: 'network.cut': the network has no node 'layr1' (did you"),
    Case(
      "cut: layer1", "cut: layer2.0.conv1",
      "6:8: 'network.cut': a cut at 'layer2.0.conv1' is crossed by layer1.0.relu2 → "
        + "layer2.0.shortcut.slice; the nearest valid cuts are 'layer1.0.relu2' and 'layer2.0.add'"),
    Case(
      "method: supervised", "method: early_exit\nearly_exit: {exits: [{at: layr1}]}",
      "2:13: 'early_exit': the network has no node 'layr1' (did you"),
    Case(
      "cut: layer1", "classes: 3",
      "6:12: 'network.classes': resnet8 has 3 classes, shapes/test has 4"),
  ])
  func oneMistakeIsOneMessageAtItsPlace(mistake: Case) throws {
    let folder = try TemporaryFolder()
    let recipe = TinyTraining.shapes.replacing(mistake.old, with: mistake.new)
    try #require(recipe != TinyTraining.shapes)
    try folder.write(recipe.utf8, to: "bad.yaml")
    let result = try folder.cleave("train bad.yaml")
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix("error: bad.yaml:\(mistake.message)"), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(try folder.contents(".") == ["bad.yaml"])
  }

  @Test func allMistakesAreReportedAtOnce() throws {
    let folder = try TemporaryFolder()
    let recipe = TinyTraining.shapes
      .replacing("batch_size: 16", with: "batch_size: -1").replacing("epochs:", with: "epoch:")
      .replacing("seed: 1", with: "sead: 1")
    try folder.write(recipe.utf8, to: "bad.yaml")
    for command in ["train", "validate", "evaluate"] {
      let result = try folder.cleave("\(command) bad.yaml --json")
      #expect(result.status == 2)
      #expect(result.output.isEmpty)
      let lines = result.errors.split(separator: "\n").map { $0.trimmingPrefix(/error:|\s+/) }
      #expect(lines.count == 3, "\(result.errors)")
      #expect(lines[0].contains("bad.yaml:2:1: unknown key 'sead'"))
      #expect(lines[1].contains("bad.yaml:9:3: unknown key 'epoch'"))
      #expect(lines[2].contains("bad.yaml:10:15: 'train.batch_size'"))
    }
  }

  @Test func mistakesInDataAndNetworkAreReportedTogether() throws {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    let result = try folder.cleave(
      "train shapes.yaml --set data.classes=[cone] --set network.classes=1")
    #expect(result.status == 2)
    #expect(
      result.errors.contains("--set data.classes=[cone]: 'data.classes': unknown class 'cone'"))
    #expect(
      result.errors.contains("--set network.classes=1: 'network.classes': resnet8 has 1 class"))
  }

  @Test func validRecipesAreValid() throws {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    let result = try folder.cleave("validate shapes.yaml")
    #expect(result.status == 0)
    #expect(result.output == "shapes.yaml is a valid recipe for supervised.\n")
    let json = try folder.cleave("validate shapes.yaml --json --set seed=4").object()
    #expect(json["valid"] as? Bool == true)
    #expect(json["method"] as? String == "supervised")
  }

  @Test(arguments: ["train", "validate"])
  func aRecipeThatIsNotThereIsUnusable(command: String) throws {
    let folder = try TemporaryFolder()
    let result = try folder.cleave("\(command) none.yaml")
    #expect(result.status == 2)
    #expect(
      result.errors == "error: none.yaml: the recipe cannot be read: No such file or directory\n")
  }
}
