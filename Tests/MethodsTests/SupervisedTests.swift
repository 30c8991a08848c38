import Autodiff
import Configurations
import Datasets
import Methods
import Networks
import Tensors
import Testing
import Training

@Suite struct SupervisedTests {
  private func bench() throws -> Workbench {
    var bench = try Workbench()
    bench.network = NetworkConfiguration(
      architecture: "resnet8", cut: "layer1", input: bench.transform)
    return bench
  }

  @Test func aNetworkLearnsItsTrainingImages() throws {
    var bench = try bench()
    bench.training.epochs = 6
    bench.training.optimizer.learningRate = 0.01
    let method = try Supervised(SupervisedConfiguration(), bench.setting)
    #expect(method.network.outputShape == [4])
    let outcome = try bench.train(method)
    #expect(outcome.history[5].trainLoss < 0.7 * outcome.history[0].trainLoss)
    let report = try method.evaluate(outcome.network)
    #expect(report.samples == 20)
    #expect(report.comparisons.map(\.name) == ["trained"])
    // The cut gives two parts that are the whole.
    let (device, server) = try method.parts(outcome.network)
    let images: Tensor<Float> = Tensor([1, 16, 16, 3], repeating: 0.5)
    #expect(
      relativeError(
        outcome.network.predict(images),
        try #require(server).predict(device.predict(images))) < 1e-5)
    #expect(report.split?.deviceMACs == device.folded().cost.macs)
  }

  @Test func whatIsFrozenKeepsItsBytes() throws {
    let bench = try bench()
    let method = try Supervised(
      SupervisedConfiguration(freeze: ["conv1", "bn1", "layer1"]), bench.setting)
    let network = try bench.train(method).network
    for path in network.parameterPaths {
      let isFrozen = ["conv1", "bn1", "layer1"].contains(String(path.prefix { $0 != "." }))
      #expect(
        (network.parameters[path] == method.network.parameters[path]) == isFrozen, "\(path)")
    }
  }

  @Test func aFrozenPatternThatMatchesNothingIsRefused() throws {
    let bench = try bench()
    #expect {
      try Supervised(SupervisedConfiguration(freeze: ["layer7"]), bench.setting)
    } throws: { "\($0)".contains("layer7") }
  }

  @Test func theLossSmoothsLabelsAsAsked() throws {
    let bench = try bench()
    let (images, labels) = try {
      let train = try bench.setting.data.train()
      let samples = Array(0..<8)
      return (try bench.transform(train.pixels(at: samples)), train.labels(at: samples))
    }()
    let batch = TrainingBatch(index: 0, samples: [], inputs: images, labels: labels)
    let losses = try [0, 0.2].map { smoothing in
      let method = try Supervised(
        SupervisedConfiguration(labelSmoothing: smoothing), bench.setting)
      let logits = trainingPass(method.network)(images)[0].logSoftmax().value.scalars
      // (1 − s) of the target's and s / 4 of every class's negative log-probability.
      let expected = labels.enumerated().reduce(0.0) { sum, item in
        let row = logits[item.offset * 4..<item.offset * 4 + 4].map(Double.init)
        return sum - (1 - smoothing) * row[Int(item.element)] / 8
          - smoothing * row.reduce(0, +) / 4 / 8
      }
      let loss = try method.step(batch, trainingPass(method.network))
      #expect(abs(loss - expected) < 1e-5)
      return loss
    }
    #expect(losses[0] != losses[1])
  }

  @Test func partsNeedACut() throws {
    var bench = try bench()
    bench.network.cut = nil
    let method = try Supervised(SupervisedConfiguration(), bench.setting)
    #expect(throws: SetupError.cutNeeded) { try method.parts(method.network) }
    #expect(try method.evaluate(method.network).split == nil)
  }

  @Test func aSmoothingOfOneIsReported() {
    var report = ValidationReport()
    SupervisedConfiguration(labelSmoothing: 1).validate(&report)
    #expect(report.findings.map(\.keys) == [["label_smoothing"]])
  }
}
