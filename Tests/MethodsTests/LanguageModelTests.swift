import Autodiff
import Configurations
import Datasets
import Foundation
import Methods
import Networks
import Tensors
import Testing
import Training

@Suite struct LanguageModelTests {
  private func bench() throws -> Workbench {
    var bench = try Workbench()
    var text = DatasetSpecification(name: "text")
    text.size = 16
    text.samples = 120
    text.testSamples = 6
    bench.data = DataConfiguration(text)
    bench.network = NetworkConfiguration(architecture: "char-transformer", cut: "blocks.0")
    bench.training.monitor = "loss"
    bench.training.optimizer.learningRate = 0.003
    return bench
  }

  private func configuration() -> LanguageConfiguration {
    var configuration = LanguageConfiguration()
    configuration.keep = [0.5, 1]
    configuration.tolerance = [0]
    return configuration
  }

  @Test func aTextIsLearned() throws {
    var bench = try bench()
    bench.training.epochs = 4
    let method = try LanguageModel(configuration(), bench.setting)
    #expect(method.network.outputShape == [16, 29])
    let outcome = try bench.train(method)
    // At first nothing is known of 29 characters; how often each occurs is 3.0 nats or less.
    let first = try #require(method.validate(method.network)["loss"])
    let last = try #require(outcome.history.last?.validation["loss"])
    #expect(first > 3)
    #expect(last < 2.9, "\(last)")
  }

  /// The loss of a step is that of every position, each against the character after it.
  @Test func everyPositionPredictsTheNext() throws {
    let bench = try bench()
    let method = try LanguageModel(configuration(), bench.setting)
    let train = try bench.setting.data.train()
    let batch = TrainingBatch(
      index: 0, samples: [0, 1], inputs: try train.pixels(at: [0, 1]),
      labels: train.labels(at: [0, 1]))
    let logits = trainingPass(method.network)(batch.inputs)[0].logSoftmax().value
    #expect(logits.shape == [2, 16, 29])
    let characters = try train.bytes(at: [0, 1])
    let rows = logits.scalars
    var expected = 0.0
    for window in 0..<2 {
      for position in 0..<16 {
        let next =
          position < 15 ? Int(characters[window * 16 + position + 1]) : Int(batch.labels[window])
        expected -= Double(rows[(window * 16 + position) * 29 + next]) / 32
      }
    }
    #expect(abs(try method.step(batch, trainingPass(method.network)) - expected) < 1e-5)
  }

  @Test func aStepSendsOneTokensFeatures() throws {
    let bench = try bench()
    let method = try LanguageModel(configuration(), bench.setting)
    let report = try method.evaluate(method.network)
    let rows = try #require(report.codecs)
    #expect(
      rows.map(\.name) == [
        "fp32", "fp16", "packed, 4 bits", "rans, 4 bits",
        "slicer, keep 0.5, 1 block, tolerance 0.0", "slicer, keep 1.0, 1 block, tolerance 0.0",
      ])
    // 64 values of 4 or 2 bytes, a header of 8, one extent and a checksum of 4.
    #expect(rows[0].meanBytes == 269)
    #expect(rows[1].meanBytes == 141)
    #expect(rows[0].accuracy == report.accuracy)
    let bits = try rows.map { try #require($0.bitsPerSymbol) }
    #expect(abs(bits[1] - bits[0]) < 0.01)
    #expect(abs(bits[5] - bits[0]) < 0.01)
    #expect(bits[4] != bits[0])
    #expect(rows[4].meanBytes < rows[5].meanBytes)
  }

  @Test func aClassifierIsNoLanguageModel() throws {
    var bench = try bench()
    bench.network = NetworkConfiguration(architecture: "vgg16")
    #expect(throws: (any Error).self) { try LanguageModel(configuration(), bench.setting) }
    bench.network = NetworkConfiguration(architecture: "char-transformer")
    let method = try LanguageModel(configuration(), bench.setting)
    #expect(throws: SetupError.cutNeeded) { try method.evaluate(method.network) }
    // Nor is a language model a classifier.
    #expect(throws: SetupError.notAClassifier(network: "char-transformer", output: [16, 29])) {
      try Supervised(SupervisedConfiguration(), bench.setting)
    }
  }

  @Test func settingsOutOfRangeAreReported() {
    var configuration = LanguageConfiguration()
    configuration.keep = [0, 1]
    configuration.blocks = [1, 17]
    configuration.tolerance = [-1]
    var report = ValidationReport()
    configuration.validate(&report)
    #expect(report.findings.map(\.keys) == [["keep", "0"], ["blocks", "1"], ["tolerance", "0"]])
  }
}
