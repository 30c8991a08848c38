import Autodiff
import Checkpoints
import Codecs
import Datasets
import Export
import Foundation
import Methods
import Networks
import Recipes
import Splitting
import Tensors
import Testing
import Training

/// Bottlenecks in place of the first stage of a tiny ResNet-8 that reads 16×16 images.
@Suite struct BottleneckTests {
  private func bench(cut: String = "layer2", stages: Int = 1) throws -> Workbench {
    var bench = try Workbench()
    let file = bench.folder.file("teacher.h5")
    try Checkpoint(network: bench.base, inputTransform: bench.transform).write(to: file)
    bench.network = NetworkConfiguration(checkpoint: file, cut: cut)
    if stages > 1 {
      bench.training.stages = (0..<stages).map { stage in
        TrainingStage(
          epochs: 1,
          optimizer: OptimizerConfiguration(.sgd(momentum: 0, nesterov: false), learningRate: 1e-4),
          monitor: stage == 0 ? "loss" : "accuracy")
      }
    }
    return bench
  }

  private func small() -> BottleneckConfiguration {
    BottleneckConfiguration(channels: 3, beta: 0.1)
  }

  @Test(arguments: ["layer1", "layer2", "layer3"]) func theStudentFitsTheTeachersTail(
    cut: String
  ) throws {
    let bench = try bench(cut: cut)
    for method: any Training.Method in [
      try EntropicStudent(small(), bench.setting), try ChannelReduction(small(), bench.setting),
    ] {
      let tail = try bench.base.cut(at: cut).tail
      for path in tail.parameterPaths {
        #expect(method.network.parameters[path] == tail.parameters[path], "\(path)")
      }
      let (device, server) = try method.parts(method.network)
      let latent = Head(device)(Tensor([2, 16, 16, 3], repeating: 0.25))
      #expect(latent.shape[-1] == 3)
      #expect(try LocalTail(try #require(server)).forward(latent).shape == [2, 4])
      // Logits, the value at the cut, and the end of each later stage.
      #expect(method.network.outputs.count == 2 + (["layer1": 2, "layer2": 1][cut] ?? 0))
    }
  }

  @Test(arguments: [("layer1", 2, 7, 12), ("layer1", 4, 3, 8), ("layer2", 2, 3, 8)])
  func aLatentCanBeSmallerThanTheFeatures(
    cut: String, factor: Int, prior: Int, reduced: Int
  ) throws {
    let bench = try bench(cut: cut)
    var configuration = small()
    configuration.downsampling = factor
    for (method, extent) in [
      (try EntropicStudent(configuration, bench.setting) as any Training.Method, prior),
      (try ChannelReduction(configuration, bench.setting), reduced),
    ] {
      let (device, server) = try method.parts(method.network)
      #expect(device.outputShape == [extent, extent, 3])
      #expect(server?.outputShape == [4])
    }
    configuration.downsampling = 4
    let deep = try self.bench(cut: "layer2")
    #expect(
      throws: BottleneckError.downsampling(4, image: [16, 16, 3], target: [8, 8, 32])
    ) { try EntropicStudent(configuration, deep.setting) }
  }

  @Test func aCutWithoutAnImageIsRefused() throws {
    let bench = try bench(cut: "avgpool")
    #expect(throws: BottleneckError.notAnImage([64])) {
      try EntropicStudent(small(), bench.setting)
    }
    var configuration = small()
    configuration.matched = ["layer1"]
    let other = try self.bench()
    #expect {
      try EntropicStudent(configuration, other.setting)
    } throws: { "\($0)".contains("before the cut") }
  }

  @Test func stageOneMovesTheBottleneckAloneAndStageTwoTheRest() throws {
    let bench = try bench(stages: 2)
    let method = try EntropicStudent(small(), bench.setting)
    let before = method.network
    func moved(_ stage: Int) throws -> Set<String> {
      var parameters = try TrainedParameters(
        before, freezing: method.freezing(inStage: stage),
        optimizer: OptimizerConfiguration(
          .sgd(momentum: 0, nesterov: false), learningRate: 1e-3))
      let images = bench.transform
      let train = try bench.setting.data.train()
      let samples = Array(0..<8)
      let batch = TrainingBatch(
        index: 0, samples: samples, inputs: try images(train.pixels(at: samples)),
        labels: train.labels(at: samples))
      do {
        let pass = parameters.pass(epoch: 0, stage: stage, seed: 5)
        _ = try method.step(batch, pass)
        let (gradients, statistics) = (pass.gradients, pass.statistics)
        parameters.update(gradients, statistics, learningRate: 1e-3)
      }
      let after = try parameters.currentNetwork()
      return Set(
        before.parameterPaths.filter { before.parameters[$0] != after.parameters[$0] }
          .map { String($0.prefix { $0 != "." }) })
    }
    #expect(try moved(0) == ["encoder", "bottleneck", "decoder"])
    #expect(try moved(1) == ["decoder", "layer3", "linear"])
  }

  @Test(arguments: ["bottlefit", "cr_bq", "end_to_end", "entropic_student"])
  func trainedSystemsSendWhatTheyClaim(name: String) throws {
    let type = try #require(MethodRegistry.methods.first { $0.name == name })
    let bench = try bench(stages: type.stages.count)
    func make<Chosen: Training.Method>(_ type: Chosen.Type) throws -> any Training.Method {
      let configuration = try #require(small() as? Chosen.Configuration)
      return try Chosen(configuration, bench.setting)
    }
    let method = try make(type)
    let outcome = try bench.train(method)
    #expect(outcome.history.map(\.stage) == (type.stages.count > 1 ? type.stages : [nil, nil]))
    let report = try method.evaluate(outcome.network)
    let stream = try #require(report.split?.stream)
    let system = try #require(try method.systems(outcome.network).first)
    #expect(report.split?.encoderBytes == system.encoderBytes)
    #expect(report.split?.deviceMACs == system.deviceMACs)
    let test = try bench.setting.data.test()
    var bytes = 0.0
    var right = 0
    for sample in 0..<test.count {
      let pixels = try test.pixels(at: [sample])
      let latent = try system.latent(pixels)
      let sent = try system.encode(latent)
      bytes += Double(sent.count)
      let logits = try system.answers(system.decode(sent))[0].scalars
      let best = logits.indices.max { logits[$0] < logits[$1] } ?? 0
      if best == Int(test.labels(at: [sample])[0]) { right += 1 }
      if let expected = try system.estimatedBytes(latent) {
        #expect(abs(Double(sent.count) - expected) <= max(20, 0.01 * expected))
      }
    }
    #expect(abs(bytes / Double(test.count) - stream.mean) < 1e-9)
    #expect(abs(Double(right) / Double(test.count) - (try #require(report.accuracy))) < 1e-9)
    #expect((stream.expected != nil) == (name == "end_to_end" || name == "entropic_student"))
  }

  @Test func learnedTablesTravelWithTheRunAndItsExport() throws {
    let bench = try bench()
    let recipe = try Recipe(
      RecipeDocument(
        name: "r.yaml",
        text: """
          method: end_to_end
          data: {name: shapes, size: 16, samples: 60, test_samples: 20}
          network: {checkpoint: \(bench.network.checkpoint ?? ""), cut: layer2}
          end_to_end: {channels: 3}
          train: {epochs: 1, batch_size: 16}
          """))
    let run = bench.folder.file("run")
    _ = try Experiment.train(recipe, in: run, resumes: false, observer: SilentObserver())
    let best = try Checkpoint.read(RunDirectory(run).path(of: .best))
    let tables = try #require(try best.codecTables().byNumber[0] as? FactorizedTables)
    #expect(tables.channels == 3)
    let export = bench.folder.file("export")
    let manifest = try Experiment.export(run: run, to: export, observer: SilentObserver())
    let written = try #require(try manifest.readCodecTables(in: export))
    #expect(try CodecTables(written).byNumber[0] as? FactorizedTables == tables)
    #expect(throws: ExperimentError.ownTables(method: "end_to_end")) {
      try Experiment.export(
        run: run, to: bench.folder.file("other"), tableBits: 3, observer: SilentObserver())
    }
  }

  @Test func theDecoderReadsWhatTheBottleneckRounds() throws {
    let bench = try bench()
    let method = try EntropicStudent(small(), bench.setting)
    let pixels = try bench.setting.data.test().pixels(at: [0])
    let system = try #require(try method.systems(method.network).first)
    let sent = try system.encode(system.latent(pixels))
    // The network in evaluation rounds to the same numbers.
    let whole = method.network.predict(try bench.transform(pixels))
    #expect(relativeError(whole, try system.answers(system.decode(sent))[0]) < 1e-4)
  }

  @Test func moreWeightOnBitsGivesFewerBytes() throws {
    var bytes: [Double] = []
    for beta in [0.0, 100] {
      var bench = try bench(stages: 2)
      bench.training.stages = [
        TrainingStage(
          epochs: 6,
          optimizer: OptimizerConfiguration(
            .adam(betas: .init(), epsilon: 1e-8), learningRate: 3e-3), monitor: "loss"),
        TrainingStage(epochs: 0),
      ]
      let method = try EntropicStudent(
        BottleneckConfiguration(channels: 3, beta: beta), bench.setting)
      let outcome = try bench.train(method)
      bytes.append(try #require(outcome.history.last?.validation["bytes"]))
    }
    #expect(bytes[1] < 0.9 * bytes[0], "\(bytes)")
  }
}
