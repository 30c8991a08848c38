import Checkpoints
import Foundation
import Networks
import Recipes
import Synchronization
import Tensors
import Testing
import Training

/// Runs whose recipe, or a file they build on, has changed since.
@Suite struct ChangedRunTests {
  private let colours: Colours
  private static let order = ["red", "green", "blue", "black"]

  init() throws { colours = try Colours() }

  private func recipe(rate: String = "1.0e-6") throws -> Recipe {
    let path = try colours.write("data", count: 8)
    let file = try colours.write("net.h5", Colours.network(Self.order), names: Self.order)
    return try Recipe(
      RecipeDocument(
        name: "r.yaml",
        text: """
          method: salt
          data: {name: image-folder, path: \(path), size: 8}
          network: {checkpoint: \(file), cut: relu}
          train: {epochs: 2, batch_size: 8, optimizer: {name: sgd, learning_rate: \(rate)}}

          """))
  }

  private func interrupted(_ recipe: Recipe) throws -> String {
    let run = "\(colours.path)/run"
    let steps = Atomic(0)
    #expect(throws: TrainingError.self) {
      try Experiment.train(
        recipe, in: run, resumes: false, observer: SilentObserver(),
        isInterrupted: { steps.add(1, ordering: .relaxed).newValue >= 3 })
    }
    return run
  }

  private func resume(_ run: String, allowsChanges: Bool = false) throws -> EvaluationReport? {
    try Experiment.train(
      Recipe(RecipeDocument(contentsOf: "\(run)/recipe.yaml")), in: run, resumes: true,
      allowsChanges: allowsChanges, with: SingleProcess(), observer: SilentObserver())
  }

  /// The same network with its answers in another order.
  private func exchangeParent() throws {
    _ = try colours.write(
      "net.h5", Colours.network(["black", "blue", "green", "red"]), names: Self.order)
  }

  @Test func aRunIsNotResumedUnderAnEditedRecipe() throws {
    let run = try interrupted(try recipe())
    let file = "\(run)/recipe.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let edited = text.replacing("1.0e-6", with: "2.0e-6")
    #expect(edited != text)
    try edited.write(toFile: file, atomically: true, encoding: .utf8)
    #expect { try resume(run) } throws: {
      "\($0)".contains("train.optimizer.learning_rate") && "\($0)".contains("--allow-changes")
    }
    let report = try #require(try resume(run, allowsChanges: true))
    #expect(report.training?.epochs == 2)
    let changes = try Checkpoint.read("\(run)/best.h5").provenance?.changes
    #expect(changes?.count == 1 && changes?[0].contains("learning_rate") == true)
  }

  @Test func aRunIsNotResumedOnAnotherParent() throws {
    let run = try interrupted(try recipe())
    try exchangeParent()
    #expect { try resume(run) } throws: { "\($0)".contains("net.h5 has other content") }
    #expect(try resume(run, allowsChanges: true) != nil)
  }

  @Test func aRunIsNotMeasuredOnAnotherParent() throws {
    let run = "\(colours.path)/run"
    let report = try Experiment.train(
      try recipe(), in: run, resumes: false, observer: SilentObserver())
    #expect(report.testData != nil)
    let again = try Experiment.evaluate(run: run, observer: SilentObserver())
    #expect(again.accuracy == report.accuracy && again.testData == report.testData)
    try exchangeParent()
    #expect { try Experiment.evaluate(run: run, observer: SilentObserver()) } throws: {
      "\($0)".contains("net.h5 has other content")
    }
  }
}
