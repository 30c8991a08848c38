import Checkpoints
import Datasets
import Export
import Foundation
import Networks
import Recipes
import Tensors
import Testing
import Training

/// Networks and data whose classes stand in different orders, or of which one has more.
@Suite struct ClassOrderTests {
  private let colours: Colours
  /// The order of the network; folders are sorted.
  private static let order = ["red", "green", "blue", "black"]

  init() throws { colours = try Colours() }

  private func recipe(
    _ data: String, network: String, method: String = "supervised", more: String = ""
  ) throws -> Recipe {
    try Recipe(
      RecipeDocument(
        name: "r.yaml",
        text: """
          method: \(method)
          data: {name: image-folder, path: \(data), size: 8, validation_fraction: 0.25}
          network: {\(network)}
          train: {epochs: 1, batch_size: 8, optimizer: {name: sgd, learning_rate: 1.0e-6}}
          \(more)

          """))
  }

  private func checkpoint() throws -> String {
    try colours.write("net.h5", Colours.network(Self.order), names: Self.order)
  }

  @Test func aNetworkIsMeasuredByTheNamesOfItsClasses() throws {
    let file = try checkpoint()
    func evaluate(_ data: String) throws -> EvaluationReport {
      let measured = try Experiment.evaluate(
        name: file,
        on: [DataRequest(dataset: "image-folder", path: data, overrides: ["data.size=8"])],
        inputTransform: nil, observer: SilentObserver()
      ) { _ in try Checkpoint.read(file) }
      return try #require(measured.rows[0].report)
    }
    let whole = try evaluate(colours.write("whole"))
    #expect(whole.accuracy == 1 && whole.perClass.map(\.name) == Self.order)
    let some = try evaluate(colours.write("some", ["black", "blue"]))
    #expect(some.accuracy == 1 && some.samples == 8)
    #expect(some.perClass.map(\.samples) == [0, 0, 4, 4])
    let other = try colours.write("other", ["black", "grey"])
    #expect {
      try evaluate(other)
    } throws: {
      let message = "\($0)"
      return message.contains("class 'grey'") && message.contains("('grey', 'black')")
        && message.contains("net.h5 has 4 ('red', 'green', 'blue', 'black')")
    }
  }

  @Test func fewNamesOfANetworkWithoutAnyAreNotGuessed() throws {
    let file = try colours.write("bare.h5", Colours.network(Self.order), names: nil)
    func evaluate(_ data: String, _ overrides: [String] = []) throws -> EvaluationReport {
      let measured = try Experiment.evaluate(
        name: file,
        on: [
          DataRequest(
            dataset: "image-folder", path: data, overrides: ["data.size=8"] + overrides)
        ], inputTransform: InputTransform(scale: 255), observer: SilentObserver()
      ) { _ in try Checkpoint.read(file) }
      return try #require(measured.rows[0].report)
    }
    let some = try colours.write("some", ["black", "blue"])
    #expect {
      try evaluate(some)
    } throws: {
      "\($0)".contains("has 4 classes, some/test has 2") && "\($0)".contains("data.class_names")
    }
    let named = "data.class_names=[\(Self.order.joined(separator: ", "))]"
    #expect(try evaluate(some, [named]).accuracy == 1)
  }

  @Test func trainingKeepsTheOrderOfTheNetwork() throws {
    let recipe = try recipe(
      colours.write("some", ["black", "blue"]), network: "checkpoint: \(checkpoint()), cut: relu")
    #expect(try Experiment.evaluate(recipe, observer: SilentObserver()).accuracy == 1)
    let run = "\(colours.path)/run"
    let report = try Experiment.train(
      recipe, in: run, resumes: false, observer: SilentObserver())
    #expect(report.accuracy == 1)
    #expect(report.training?.validation["accuracy"] == 1)
    #expect(try Checkpoint.read("\(run)/best.h5").classNames == Self.order)
    #expect(try Checkpoint.read("\(run)/last.h5").classNames == Self.order)
    let manifest = try Experiment.export(
      run: run, to: "\(colours.path)/export", observer: SilentObserver())
    #expect(manifest.classNames == Self.order)
  }

  @Test func outputsWithoutAClassHaveNoNameInAnExport() throws {
    let file = try colours.write(
      "wide.h5", Colours.network(["black", "blue", "green", "red"], outputs: 6), names: nil)
    let recipe = try recipe(
      colours.write("whole"), network: "checkpoint: \(file), cut: relu")
    let run = "\(colours.path)/run"
    let report = try Experiment.train(
      recipe, in: run, resumes: false, observer: SilentObserver())
    #expect(report.accuracy == 1)
    let directory = "\(colours.path)/export"
    _ = try Experiment.export(run: run, to: directory, observer: SilentObserver())
    #expect(
      try ExportManifest(directory: directory).classNames
        == ["black", "blue", "green", "red", nil, nil])
    // The run goes on to be measured by its four names.
    #expect(try Experiment.evaluate(run: run, observer: SilentObserver()).accuracy == 1)
  }

  @Test func namesOfARecipeStandForThoseOfAFile() throws {
    let file = try colours.write("bare.h5", Colours.network(Self.order), names: nil)
    let data = try colours.write("whole")
    let named = try recipe(
      data, network: "checkpoint: \(file), class_names: [red, green, blue, black]")
    #expect(try Experiment.evaluate(named, observer: SilentObserver()).accuracy == 1)
    let tooMany = try recipe(
      data, network: "checkpoint: \(file), class_names: [red, green, blue, black, grey]")
    #expect {
      try Experiment.evaluate(tooMany, observer: SilentObserver())
    } throws: { "\($0)".contains("'network.class_names'") && "\($0)".contains("4 outputs") }
  }

  @Test func aClosedTailIsAskedByTheNamesOfItsClasses() throws {
    let (head, tail) = try Colours.network(Self.order).cut(at: "relu")
    let headFile = try colours.write("head.h5", head, names: nil)
    let tailFile = try colours.write("tail.h5", tail, names: Self.order)
    let recipe = try recipe(
      colours.write("whole"), network: "head: \(headFile), tail: \(tailFile)", method: "salt")
    let report = try Experiment.evaluate(recipe, observer: SilentObserver())
    #expect(report.comparisons.first { $0.name == "original" }?.userAccuracy == 1)
    #expect(report.perClass.map(\.name) == Self.order)
  }

  @Test func aRunIsMeasuredByTheNamesItWasTrainedWith() throws {
    let data = try colours.write("data", ["blue", "green", "red"])
    // A new network: its outputs are the data set's classes as they are at that time.
    let recipe = try recipe(data, network: "architecture: lenet-strided, cut: relu1")
    let run = "\(colours.path)/run"
    let before = try Experiment.train(
      recipe, in: run, resumes: false, observer: SilentObserver())
    // A class goes, so that the others have other numbers.
    try FileManager.default.removeItem(atPath: "\(data)/train/blue")
    try FileManager.default.removeItem(atPath: "\(data)/test/blue")
    let after = try Experiment.evaluate(run: run, observer: SilentObserver())
    #expect(after.perClass.map(\.name) == ["blue", "green", "red"])
    #expect(after.perClass.map(\.samples) == [0, 4, 4])
    for index in [1, 2] {
      #expect(after.perClass[index].accuracy == before.perClass[index].accuracy)
    }
  }

  @Test func aBenchmarkComparesTheSameClasses() throws {
    let data = try colours.write("whole")
    let other = ["black", "red", "blue", "green"]
    let otherFile = try colours.write("other.h5", Colours.network(other), names: other)
    let run = "\(colours.path)/run"
    _ = try Experiment.train(
      recipe(data, network: "checkpoint: \(otherFile), cut: relu"), in: run, resumes: false,
      observer: SilentObserver())
    for reference in ["", ", reference: \(run)"] {
      let benchmark = try recipe(
        data, network: "checkpoint: \(checkpoint()), cut: relu",
        more: "benchmark: {timed_samples: 1, systems: [{latent: fp32}, {run: \(run)}]\(reference)}")
      let report = try Experiment.benchmark(benchmark, observer: SilentObserver())
      #expect(report.systems.allSatisfy { $0.accuracy?.mean == 1 }, "\(reference)")
    }
  }
}
