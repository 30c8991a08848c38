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

/// Image codecs in front of a tiny ResNet-8 that reads 16×16 images.
@Suite struct ImageCompressionTests {
  private static let names = ["factorized_prior", "mean_scale_hyperprior", "scale_hyperprior"]

  private func small(downsampling: Int = 4) -> ImageCompressionConfiguration {
    ImageCompressionConfiguration(
      filters: 6, channels: 4, hyperChannels: 3, downsampling: downsampling, lambda: 0.05)
  }

  private func method(
    _ name: String, _ configuration: ImageCompressionConfiguration, _ bench: Workbench
  ) throws -> any ImageCompressionMethod {
    let type = try #require(MethodRegistry.methods.first { $0.name == name })
    let found = try #require(type as? any ImageCompressionMethod.Type)
    return try found.init(configuration, bench.setting)
  }

  private func bench() throws -> Workbench {
    var bench = try Workbench()
    let file = bench.folder.file("classifier.h5")
    try Checkpoint(network: bench.base, inputTransform: bench.transform).write(to: file)
    bench.network = NetworkConfiguration(checkpoint: file)
    return bench
  }

  @Test(arguments: names) func trainedSystemsSendWhatTheyClaim(name: String) throws {
    let bench = try bench()
    let method = try method(name, small(), bench)
    let outcome = try bench.train(method)
    let validation = try #require(outcome.history.last).validation
    #expect(Set(validation.values.keys) == ["accuracy", "loss", "bytes", "psnr"])
    let report = try method.evaluate(outcome.network)
    let stream = try #require(report.split?.stream)
    let system = try #require(try method.systems(outcome.network).first)
    #expect(report.split?.encoderBytes == system.encoderBytes)
    #expect(report.split?.deviceMACs == system.deviceMACs)
    let test = try bench.setting.data.test()
    let decoder = try outcome.network.cut(at: "bottleneck").tail
    var bytes = 0.0
    var decibels = 0.0
    var right = 0
    for sample in 0..<test.count {
      let pixels = try test.pixels(at: [sample])
      let latent = try system.latent(pixels)
      let sent = try system.encode(latent)
      bytes += Double(sent.count)
      let expected = try #require(try system.estimatedBytes(latent))
      #expect(abs(Double(sent.count) - expected) <= max(20, 0.01 * expected))
      let decoded = try system.decode(sent)
      let logits = try system.answers(decoded)[0].scalars
      let best = logits.indices.max { logits[$0] < logits[$1] } ?? 0
      if best == Int(test.labels(at: [sample])[0]) { right += 1 }
      // What the server sees, by the network's own decoder.
      let image = decoder.predict(decoded).scalars
      let error = zip(image, pixels.scalars).reduce(0.0) { sum, pair in
        let difference = Double(min(max(pair.0, 0), 1) - pair.1 / 255)
        return sum + difference * difference
      }
      decibels -= 10 * log10(error / Double(image.count))
    }
    let count = Double(test.count)
    #expect(abs(stream.mean - bytes / count) < 1e-9)
    #expect(abs(try #require(report.accuracy) - Double(right) / count) < 1e-9)
    #expect(abs(try #require(report.psnr) - decibels / count) < 1e-3)
  }

  @Test(arguments: names, [2, 4, 8, 16]) func theDecoderReadsWhatTheNetworkRounds(
    name: String, downsampling: Int
  ) throws {
    let bench = try bench()
    let method = try method(name, small(downsampling: downsampling), bench)
    try roundsAlike(method, pixels: bench.setting.data.test().pixels(at: [0]))
  }

  /// 5×5 values are halved to 3×3 and 2×2, and doubled to as many again.
  @Test(arguments: names) func oddExtentsAreHalvedAndDoubledAlike(name: String) throws {
    var bench = try bench()
    bench.data.dataset.size = 20
    bench.network = NetworkConfiguration(architecture: "resnet8")
    let method = try method(name, small(), bench)
    try roundsAlike(method, pixels: bench.setting.data.test().pixels(at: [3]))
  }

  private func roundsAlike(
    _ method: any ImageCompressionMethod, pixels: Tensor<Float>
  ) throws {
    var network = method.network
    // Larger latents, so that there is something to round.
    for path in network.parameterPaths where path.hasPrefix("encoder.latent.") {
      let value = try #require(network.parameters[path])
      try network.setParameter(path, to: Tensor(value.shape, value.scalars.map { 20 * $0 }))
    }
    let system = try #require(try method.systems(network).first)
    let decoded = try system.decode(system.encode(system.latent(pixels)))
    let rounded = try network.with(outputs: ["bottleneck"])
      .predict(try method.inputTransform(pixels))
    #expect(decoded.shape == rounded.shape)
    #expect(rounded.scalars.contains { abs($0) > 1.5 })
    // Values of which single precision and fixed point round differently are few.
    let apart = zip(decoded.scalars, rounded.scalars).count { abs($0 - $1) > 1e-3 }
    #expect(apart * 50 <= decoded.count, "\(apart) of \(decoded.count)")
  }

  @Test func imagesThatCannotBeHalvedAreRefused() throws {
    let bench = try bench()
    var data = bench
    data.data.dataset.size = 18
    data.network = NetworkConfiguration(architecture: "resnet8")
    #expect(throws: BottleneckError.indivisible(image: [18, 18, 3], factor: 4)) {
      try method("scale_hyperprior", small(), data)
    }
  }

  @Test func moreWeightOnErrorGivesMoreBytesAndDecibels() throws {
    var found: [(bytes: Double, psnr: Double)] = []
    for lambda in [1e-4, 1] {
      var bench = try bench()
      bench.training.epochs = 12
      bench.training.optimizer = OptimizerConfiguration(
        .adam(betas: OptimizerConfiguration.Betas(), epsilon: 1e-8), learningRate: 5e-3)
      var configuration = small()
      configuration.lambda = lambda
      let method = try method("mean_scale_hyperprior", configuration, bench)
      let validation = try #require(try bench.train(method).history.last).validation
      found.append((validation["bytes"] ?? 0, validation["psnr"] ?? 0))
    }
    #expect(found[1].bytes > 1.2 * found[0].bytes)
    #expect(found[1].psnr > found[0].psnr + 1)
  }

  @Test func tablesTravelWithTheRunAndItsExport() throws {
    let bench = try bench()
    let recipe = try Recipe(
      RecipeDocument(
        name: "r.yaml",
        text: """
          method: scale_hyperprior
          data: {name: shapes, size: 16, samples: 60, test_samples: 20}
          network: {checkpoint: \(bench.network.checkpoint ?? "")}
          scale_hyperprior: {filters: 4, channels: 3, hyper_channels: 2}
          train: {epochs: 1, batch_size: 16, monitor: loss}
          """))
    let run = bench.folder.file("run")
    _ = try Experiment.train(recipe, in: run, resumes: false, observer: SilentObserver())
    let best = try Checkpoint.read(RunDirectory(run).path(of: .best))
    let tables = try #require(try best.codecTables().byNumber[0] as? HyperpriorTables)
    #expect(tables.channels == 3 && !tables.hasMeans)
    let export = bench.folder.file("export")
    let manifest = try Experiment.export(run: run, to: export, observer: SilentObserver())
    let written = try #require(try manifest.readCodecTables(in: export))
    #expect(written == tables.bytes)
  }
}
