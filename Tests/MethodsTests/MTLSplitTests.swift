import Autodiff
import Checkpoints
import Datasets
import Methods
import Networks
import Splitting
import Tasks
import Tensors
import Testing
import Training

/// Two tasks on a tiny ResNet-8 over rendered shapes of 16×16.
@Suite struct MTLSplitTests {
  private func bench() throws -> Workbench {
    var bench = try Workbench()
    let file = bench.folder.file("backbone.h5")
    try Checkpoint(network: bench.base, inputTransform: bench.transform).write(to: file)
    bench.network = NetworkConfiguration(checkpoint: file, cut: "layer3")
    bench.training.monitor = "quality"
    return bench
  }

  private func configuration(
    _ backbone: MTLSplitConfiguration.Backbone, only: [String]? = nil,
    _ weighting: TaskWeighting = .uniform
  ) -> MTLSplitConfiguration {
    var configuration = MTLSplitConfiguration(tasks: [
      TaskConfiguration(name: "shape", kind: .classification, hidden: 8),
      TaskConfiguration(name: "scale", kind: .classification, hidden: 8),
    ])
    configuration.backbone = backbone
    configuration.only = only
    configuration.weighting = weighting
    return configuration
  }

  /// The frozen backbone, batch statistics included, is the checkpoint's to the last bit.
  @Test(arguments: TaskWeighting.allCases)
  func aFrozenBackboneKeepsItsValues(weighting: TaskWeighting) throws {
    let bench = try bench()
    let method = try MTLSplit(configuration(.frozen, weighting), bench.setting)
    let outcome = try bench.train(method)
    let (device, server) = try method.parts(outcome.network)
    let head = try bench.base.cut(at: "layer3").head
    for path in head.parameterPaths {
      #expect(device.parameters[path] == head.parameters[path], "\(path)")
    }
    // And what is trained has moved.
    let before = try method.parts(method.network).server
    #expect(server?.parameters != before?.parameters)
    if weighting == .uncertainty {
      let weight = outcome.network.parameters["uncertainty.log_variance.weight"]
      #expect(weight?.scalars.allSatisfy { $0 == 0 } == true)
      let bias = outcome.network.parameters["uncertainty.log_variance.bias"]
      #expect(bias?.scalars.contains { $0 != 0 } == true)
    }
  }

  @Test func aJointBackboneIsTrained() throws {
    let bench = try bench()
    let method = try MTLSplit(configuration(.joint), bench.setting)
    let outcome = try bench.train(method)
    let device = try method.parts(outcome.network).device
    #expect(
      device.parameters["conv1.weight"] != bench.base.parameters["conv1.weight"])
    let report = try method.evaluate(outcome.network)
    #expect(report.tasks?.map(\.task) == ["shape", "scale"])
    #expect(report.conflicts?.count == 1)
    #expect(report.codecs?.map(\.name) == ["fp32", "packed, 8 bits", "rans, 8 bits"])
    // Logits of four forms and eight sizes come back.
    #expect(report.split?.downlinkBytes == 4 * (4 + 8))
  }

  @Test func theSingleTaskBaselineIsTheSameNetworkWithOneHead() throws {
    let bench = try bench()
    let both = try MTLSplit(configuration(.joint), bench.setting)
    let one = try MTLSplit(configuration(.joint, only: ["shape"]), bench.setting)
    #expect(one.tasks?.tasks.map(\.name) == ["shape"])
    #expect(try one.parts(one.network).device == both.parts(both.network).device)
    for path in one.network.parameterPaths {
      #expect(one.network.parameters[path] == both.network.parameters[path], "\(path)")
    }
    #expect(one.network.parameterPaths.count < both.network.parameterPaths.count)
    #expect(try one.evaluate(one.network).conflicts == [])
  }

  /// Whatever way the network is deployed, its answers are those of the whole.
  @Test func splitAndUnsplitSystemsAnswerAlike() throws {
    let bench = try bench()
    let method = try MTLSplit(configuration(.joint), bench.setting)
    let pixels = try bench.setting.data.test().pixels(at: [0])
    let whole = try method.whole(method.network)
    let device = DeviceSystem(
      name: "device", network: whole, inputTransform: method.inputTransform)
    let pictures = try InputSystem(
      name: "pixels", family: "pixels", format: .raw, network: whole,
      inputTransform: method.inputTransform)
    let split = try #require(try method.systems(method.network).first)
    let expected = Server(whole)
    let answers = try expected(method.inputTransform(pixels))
    for system: any SplitSystem in [device, pictures, split] {
      let sent = try system.encode(system.latent(pixels))
      let found = try system.answers(system.decode(sent))
      #expect(found.map(\.shape) == [[1, 4], [1, 8]])
      for (one, other) in zip(found, answers) {
        #expect(zip(one.scalars, other.scalars).allSatisfy { abs($0 - $1) < 1e-4 })
      }
    }
    #expect(!device.isSplit && device.serverMACs == 0)
    #expect(device.deviceMACs == split.deviceMACs + split.serverMACs)
  }

  @Test func withoutACutThereIsNothingToShare() throws {
    var bench = try bench()
    bench.network.cut = nil
    #expect(throws: SetupError.cutNeeded) {
      try MTLSplit(configuration(.joint), bench.setting)
    }
  }

  /// Answers that a network gives itself are turned into logits, of which losses make probabilities.
  @Test(arguments: ["softmax", "sigmoid"])
  func answersOfTheNetworkItselfAreTakenByWhatTheyMean(function: String) throws {
    var bench = try bench()
    let layer: any Layer = function == "softmax" ? SoftmaxLayer() : ActivationLayer(.sigmoid)
    let file = bench.folder.file("probabilities.h5")
    let whole = try Network(
      name: "probabilities", inputs: bench.base.inputs,
      nodes: bench.base.nodes + [Node("answer", layer, inputs: [bench.base.outputs[0]])],
      outputs: ["answer"], parameters: bench.base.parameters)
    try Checkpoint(network: whole, inputTransform: bench.transform).write(to: file)
    bench.network.checkpoint = file
    var configuration = MTLSplitConfiguration(tasks: [
      TaskConfiguration(name: "shape", kind: .classification)
    ])
    configuration.tasks[0].head = .network
    let method = try MTLSplit(configuration, bench.setting)
    let images = try method.inputTransform(bench.setting.data.test().pixels(at: [0, 1, 2]))
    let answers = try method.whole(method.network).predict(images)
    let probabilities = whole.predict(images)
    // Of softmax the logits again, of sigmoid the logarithms that give the same cross-entropy.
    let normalized = Variable(answers).softmax().value
    let sums = (0..<3).map { row in
      probabilities.scalars[row * 4..<(row + 1) * 4].reduce(0, +)
    }
    for index in 0..<12 {
      let expected = probabilities.scalars[index] / sums[index / 4]
      #expect(abs(normalized.scalars[index] - expected) < 1e-4)
    }
  }
}
