import Foundation
import Recipes
import Testing

/// Keys that have no effect, given the others, are refused where they stand.
@Suite struct UnusedKeyTests {
  /// A recipe, the key that has no effect in it, and what is to stand instead for it to have one.
  struct Case: CustomTestStringConvertible, Sendable {
    let key: String
    let value: String
    let with: [String]
    let allowed: [String]

    init(_ key: String, _ value: String, _ with: [String], allowedWith allowed: [String] = []) {
      self.key = key
      self.value = value
      self.with = with
      self.allowed = allowed
    }

    var testDescription: String { key + " with " + with.joined(separator: " ") }
  }

  private static let stages = ["train.stages=[{epochs: 1}, {epochs: 1}]"]

  static let cases: [Case] = [
    Case(
      "salt.retrain_from", "random", ["method=salt", "salt.variant=residual"],
      allowedWith: ["method=salt", "salt.variant=retrain"]),
    Case(
      "salt.fine_tune", "[layer1]", ["method=salt", "salt.variant=insertion"],
      allowedWith: ["method=salt", "salt.variant=fine_tune"]),
    Case(
      "salt.zero_initialization", "true", ["method=salt", "salt.variant=insertion"],
      allowedWith: ["method=salt"]),
    Case(
      "salt.last_kernel", "1", ["method=salt", "salt.variant=retrain"],
      allowedWith: ["method=salt", "salt.variant=insertion"]),
    Case(
      "salt.cache_memory", "1 GiB", ["method=salt", "salt.variant=fine_tune"],
      allowedWith: ["method=salt"]),
    Case("entropic_student.bits", "4", ["method=entropic_student"] + stages),
    Case("entropic_student.pretrained", "true", ["method=entropic_student"] + stages),
    Case("end_to_end.alpha", "0.3", ["method=end_to_end"]),
    Case("end_to_end.temperature", "2", ["method=end_to_end"]),
    Case("end_to_end.freeze_encoder", "false", ["method=end_to_end"]),
    Case("end_to_end.matched", "[layer1]", ["method=end_to_end"]),
    Case("bottlefit.beta", "0.3", ["method=bottlefit"] + stages),
    Case("bottlefit.pretrained", "true", ["method=bottlefit"] + stages),
    Case("cr_bq.beta", "0.3", ["method=cr_bq"]),
    Case("cr_bq.alpha", "0.3", ["method=cr_bq"]),
    Case("cr_bq.temperature", "2", ["method=cr_bq"]),
    Case("cr_bq.freeze_encoder", "false", ["method=cr_bq"]),
    Case("factorized_prior.hyper_channels", "8", ["method=factorized_prior"]),
    Case("supervised.bits", "4", ["network.cut=null"], allowedWith: []),
    Case(
      "early_exit.weight", "0.5", ["method=early_exit", "early_exit.exits=[{at: layer1}]"],
      allowedWith: [
        "method=early_exit", "early_exit.exits=[{at: layer1}]", "early_exit.training=joint",
      ]),
    Case(
      "early_exit.calibrate", "false",
      ["method=early_exit", "early_exit.exits=[{at: layer1}]", "early_exit.rule=learned"],
      allowedWith: ["method=early_exit", "early_exit.exits=[{at: layer1}]"]),
    Case(
      "mtl_split.cache_memory", "1 GiB",
      [
        "method=mtl_split", "mtl_split.tasks=[{name: shape, kind: classification}]",
        "train.monitor=quality",
      ],
      allowedWith: [
        "method=mtl_split", "mtl_split.tasks=[{name: shape, kind: classification}]",
        "mtl_split.backbone=frozen", "train.monitor=quality",
      ]),
    Case(
      "semanticnn.errors", "symbols",
      ["method=semanticnn", "semanticnn.snr=none", "semanticnn.aware=false"] + stages,
      allowedWith: ["method=semanticnn"] + stages),
    Case("network.classes", "7", ["network.checkpoint=\(#filePath)", "network.architecture=null"]),
    Case(
      "network.configuration", #filePath, [],
      allowedWith: ["network.checkpoint=\(#filePath)"]),
    Case("train.epochs", "3", ["method=bottlefit"] + stages),
    Case("train.batch_size", "8", ["method=slicer"]),
  ]

  private func problems(_ overrides: [String]) -> [RecipeProblem] {
    let text = """
      method: supervised
      data: {name: shapes, samples: 20}
      network: {architecture: resnet8, cut: layer1}

      """
    do throws(RecipeProblems) {
      _ = try Recipe(RecipeDocument(name: "r.yaml", text: text, overrides: overrides))
      return []
    } catch { return error.problems.filter { $0.message.contains("has no effect") } }
  }

  @Test(arguments: cases) func aKeyWithoutEffectIsRefused(_ test: Case) {
    let override = "\(test.key)=\(test.value)"
    #expect(problems(test.with) == [])
    let found = problems(test.with + [override])
    #expect(found.map(\.path.name) == ["'\(test.key)'"])
    #expect(found.first?.message.contains("has no effect here") == true)
    // No value is as good as no key.
    #expect(problems(test.with + ["\(test.key)=null"]) == [])
    if !test.allowed.isEmpty { #expect(problems(test.allowed + [override]) == []) }
  }

  @Test func keysOfTasksAreFoundInTheirPlaces() {
    let found = problems([
      "method=mtl_split", "train.monitor=quality",
      "mtl_split.tasks=[{name: shape, kind: classification}, "
        + "{name: scale, kind: classification, weight: 2, auxiliary_weight: 0.1}]",
    ])
    #expect(
      found.map(\.path.name) == [
        "'mtl_split.tasks.1.weight'", "'mtl_split.tasks.1.auxiliary_weight'",
      ])
  }
}
