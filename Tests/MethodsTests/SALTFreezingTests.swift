import Checkpoints
import Datasets
import Foundation
import Methods
import Networks
import Recipes
import Splitting
import Tensors
import Testing
import Training

/// What is not trained does not move, and what is trained does.
@Suite struct SALTFreezingTests {
  /// The bench with head and tail in files, as `cleave split` writes them.
  private func split() throws -> (bench: Workbench, files: [String]) {
    var bench = try Workbench()
    let files = ["head.h5", "tail.h5"].map(bench.folder.file)
    _ = try Experiment.split(
      Checkpoint(network: bench.base, inputTransform: bench.transform), named: "base.h5",
      at: "layer1", head: files[0], tail: files[1])
    bench.network = NetworkConfiguration(head: files[0], tail: files[1])
    return (bench, files)
  }

  @Test(arguments: SALTConfiguration.Variant.allCases)
  func theFilesOfHeadAndTailKeepTheirBytes(variant: SALTConfiguration.Variant) throws {
    let (bench, files) = try split()
    let before = try files.map(bytes(of:))
    let method = try SALT(SALTConfiguration(variant: variant), bench.setting)
    #expect(method.parents == files)
    let outcome = try bench.train(method, "run")
    _ = try method.evaluate(outcome.network)
    #expect(outcome.network != method.network)
    #expect(try files.map(bytes(of:)) == before)
  }

  @Test(arguments: [SALTConfiguration.Variant.residual, .insertion])
  func anAdapterLeavesTheHeadAsItIs(variant: SALTConfiguration.Variant) throws {
    let bench = try Workbench()
    let method = try bench.salt(SALTConfiguration(variant: variant))
    let network = try bench.train(method).network
    // All of the adapter moves: weights, biases, scales, shifts and statistics.
    #expect(network.parameterPaths.allSatisfy { $0.hasPrefix("adapter.") })
    for path in network.parameterPaths {
      #expect(network.parameters[path] != method.network.parameters[path], "\(path)")
    }
    let device = try method.parts(network).device
    for path in bench.head.parameterPaths {
      #expect(device.parameters[path] == bench.head.parameters[path], "\(path)")
    }
    #expect(
      device.parameterPaths.count == bench.head.parameterPaths.count + network.parameterPaths.count)
  }

  /// The adapter's batch norms follow the latents of the batches; those of head and tail, which
  /// run in evaluation mode, do not: what either gives for a sample does not depend on the others.
  @Test func theAdaptersBatchNormsTrainWhileHeadAndTailEvaluate() throws {
    let bench = try Workbench()
    let method = try bench.salt()
    let (latents, labels) = try bench.latents()
    let pass = trainingPass(method.network)
    _ = try method.step(
      TrainingBatch(index: 0, samples: Array(labels.indices), inputs: latents, labels: labels),
      pass)
    let moved = Set(pass.statistics.map { method.network.parameterPaths[$0.parameter] })
    #expect(
      moved == [
        "adapter.bn1.running_mean", "adapter.bn1.running_var", "adapter.bn2.running_mean",
        "adapter.bn2.running_var",
      ])
    let images = try bench.transform(bench.setting.data.train().pixels(at: Array(0..<12)))
    #expect(relativeError(Head(bench.head)(images.rows(3..<4)), latents.rows(3..<4)) < 1e-6)
    let tail = LocalTail(bench.tail)
    #expect(
      relativeError(
        try tail.forward(latents.rows(3..<4)), try tail.forward(latents).rows(3..<4)) < 1e-5)
    // They are what the stored statistics say, which evaluation mode uses.
    #expect(relativeError(bench.head.predict(images), latents) < 1e-5)
    #expect(relativeError(bench.tail.predict(latents), try tail.forward(latents)) < 1e-5)
  }

  @Test func retrainingMovesAllOfTheHead() throws {
    let bench = try Workbench()
    let method = try bench.salt(SALTConfiguration(variant: .retrain))
    #expect(method.network == bench.head)
    let network = try bench.train(method).network
    for path in bench.head.parameterPaths {
      #expect(network.parameters[path] != bench.head.parameters[path], "\(path)")
    }
    #expect(try method.parts(network).device == network)
  }

  @Test func retrainingCanBeginAnew() throws {
    let bench = try Workbench()
    var configuration = SALTConfiguration(variant: .retrain)
    configuration.retrainFrom = .random
    let method = try bench.salt(configuration)
    #expect(method.network.graph == bench.head.graph)
    #expect(method.network.parameters["conv1.weight"] != bench.head.parameters["conv1.weight"])
    // Statistics too: those of the pretrained head belong to its weights.
    #expect(
      method.network.parameters["bn1.running_mean"] == Tensor([16], repeating: 0))
  }

  struct FineTuning: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var patterns: [String]?
    /// The beginnings of the paths that are trained.
    var trained: [String]
    /// The beginnings of those whose statistics move.
    var moved: [String]
  }

  @Test(arguments: [
    FineTuning(
      testDescription: "the last module unless given", patterns: nil, trained: ["layer1."],
      moved: ["layer1."]),
    FineTuning(
      testDescription: "one layer", patterns: ["layer1.0.conv2"], trained: ["layer1.0.conv2."],
      moved: []),
    FineTuning(
      testDescription: "several", patterns: ["bn1", "layer1.0.bn*"],
      trained: ["bn1.", "layer1.0.bn1.", "layer1.0.bn2."],
      moved: ["bn1.", "layer1.0.bn1.", "layer1.0.bn2."]),
  ]) func fineTuningMovesExactlyWhatItNames(_ example: FineTuning) throws {
    let bench = try Workbench()
    var configuration = SALTConfiguration(variant: .fineTune)
    configuration.fineTune = example.patterns
    let network = try bench.train(try bench.salt(configuration)).network
    for path in bench.head.parameterPaths {
      let isStatistic = path.contains("running_")
      let names = isStatistic ? example.moved : example.trained
      let expected = names.contains { path.hasPrefix($0) }
      #expect((network.parameters[path] != bench.head.parameters[path]) == expected, "\(path)")
    }
  }

  @Test func aPatternThatMatchesNothingIsRefused() throws {
    let bench = try Workbench()
    var configuration = SALTConfiguration(variant: .fineTune)
    configuration.fineTune = ["layer9"]
    #expect {
      try bench.salt(configuration)
    } throws: { "\($0)".contains("layer9") }
  }

  /// The frozen part of a head runs in evaluation mode, dropout included.
  @Test func fineTuningDropsNothingInTheFrozenPart() throws {
    let bench = try Workbench()
    var builder = NetworkBuilder(shape: [16, 16, 3])
    var value = builder.add(
      "first.conv", ConvolutionLayer(3, 16, kernel: 3, padding: .all(1)), after: "input")
    value = builder.add("first.dropout", DropoutLayer(rate: 0.5), after: value)
    value = builder.add(
      "second.conv", ConvolutionLayer(16, 16, kernel: 3, padding: .all(1)), after: value)
    value = builder.add("second.dropout", DropoutLayer(rate: 0.5), after: value)
    let head = try builder.network(name: "head", outputs: [value])
    let setup = SplitSetup(
      head: head, tail: LocalTail(bench.tail), serverCost: nil, inputTransform: bench.transform,
      classNames: [])
    let method = try SALT(SALTConfiguration(variant: .fineTune), bench.setting, setup: setup)
    #expect(method.freezing.nodes == ["first.conv", "first.dropout"])
    #expect(
      method.freezing.trainable(in: head) == ["second.conv.weight", "second.conv.bias"])
  }
}
