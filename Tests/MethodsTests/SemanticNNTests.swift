import Autodiff
import Codecs
import Configurations
import Datasets
import Foundation
import Methods
import Networks
import Splitting
import Synchronization
import Tensors
import Testing
import Training

/// Codecs before the closed tail of a tiny network.
@Suite struct SemanticNNTests {
  /// The tail of the workbench, counting what it is asked.
  private final class WatchedTail: Tail {
    let tail: LocalTail
    let calls = Mutex((forward: 0, backward: 0))

    init(_ network: Network) { tail = LocalTail(network) }

    var latentShape: Shape { tail.latentShape }
    var classCount: Int { tail.classCount }

    func forward(_ latent: Tensor<Float>) throws -> Tensor<Float> {
      calls.withLock { $0.forward += 1 }
      return try tail.forward(latent)
    }

    func backward(_ latent: Tensor<Float>, labels: [Int32]) throws -> TailGradient {
      calls.withLock { $0.backward += 1 }
      return try tail.backward(latent, labels: labels)
    }
  }

  private func configuration(_ json: String = "") throws -> SemanticNNConfiguration {
    try JSONDecoder().decode(
      SemanticNNConfiguration.self,
      from: Data(
        """
        {\(json.isEmpty ? "" : json + ",")
        "channels": 6, "decoder": [8, 8, 8, 8], "bit_error_rates": [0, 0.2], "draws": 2}
        """.utf8))
  }

  private func bench() throws -> Workbench {
    var bench = try Workbench()
    bench.training.stages = [
      TrainingStage(epochs: 1, monitor: "loss"), TrainingStage(epochs: 1),
    ]
    return bench
  }

  private func method(
    _ bench: Workbench, _ json: String = "", tail: (any Tail)? = nil
  ) throws -> SemanticNN {
    try SemanticNN(configuration(json), bench.setting, setup: bench.setup(tail: tail))
  }

  @Test func headAndTailStayAsTheyAreAndTheTailIsAskedByItsTwoCalls() throws {
    let bench = try bench()
    let tail = WatchedTail(bench.tail)
    let method = try method(bench, tail: tail)
    let outcome = try bench.train(method)
    for path in outcome.network.parameterPaths {
      #expect(bench.base.parameters[path] == nil, "\(path) is the network's own")
      #expect(
        outcome.network.parameters[path] != method.network.parameters[path], "\(path) is trained")
    }
    // 54 training images in batches of 16 in each stage: only the second asks for gradients.
    #expect(tail.calls.withLock { $0.backward } == 4)
    #expect(tail.calls.withLock { $0.forward } > 0)
    let (device, server) = try method.parts(outcome.network)
    #expect(server == nil)
    for path in bench.head.parameterPaths {
      #expect(device.parameters[path] == bench.head.parameters[path])
    }
  }

  /// Features of 16×16×16 become 4×4×6 indices of 3 bits: 36 bytes and a header of 6.
  @Test func theReportSaysWhatBitErrorsDo() throws {
    let bench = try bench()
    let method = try method(bench)
    let report = try method.evaluate(method.network)
    let rows = try #require(report.bitErrors)
    #expect(rows.map(\.bytes)[..<2] == [42, 6 + 1536])
    #expect(rows[0].ratio == 16384.0 / 42)
    #expect(rows.map { $0.points.map(\.rate) } == [[0, 0.2], [0, 0.2], [0, 0.2]])
    #expect(rows.map { $0.points.map(\.draws) } == [[1, 2], [1, 2], [1, 2]])
    #expect(report.accuracy == rows[0].points[0].accuracy)
    // Without errors a checksum changes nothing; at 0.2 no stream arrives whole.
    #expect(rows[2].points[0].accuracy == rows[0].points[0].accuracy)
    #expect(rows[2].points.map(\.lost) == [0, 1])
    #expect(report.split?.uplinkBytes == 42)
    #expect(
      report.split?.deviceMACs == (try method.parts(method.network).device).folded().cost.macs)
  }

  @Test(arguments: [("repetition_3", 6 + 108), ("hamming_7_4", 6 + 63)])
  func codesAreCountedAndPutErrorsRight(code: String, bytes: Int) throws {
    let bench = try bench()
    let coded = try method(bench, #""code": "\#(code)", "bit_error_rates": [0, 0.001]"#)
    let row = try #require(coded.evaluate(coded.network).bitErrors?.first)
    #expect(row.bytes == Double(bytes))
    // Hardly any of some 500 bits are hit, and those are put right.
    #expect(row.points[1].accuracy == row.points[0].accuracy)
    #expect(row.points[1].deviation == 0)
  }

  /// What is deployed sends the frame and gives the answers of the report.
  @Test func theSystemSendsFrames() throws {
    let bench = try bench()
    let method = try method(bench)
    let system = try #require(method.systems(method.network).first)
    let pixels = try bench.setting.data.test().pixels(at: [3])
    let latent = try system.latent(pixels)
    #expect(latent.shape == [1, 4, 4, 6])
    let bytes = try system.encode(latent)
    #expect(bytes.count == 42)
    let received = try system.decode(bytes)
    #expect(received.shape == latent.shape)
    #expect(try system.encode(received) == bytes)
    #expect(try system.answers(received)[0].shape == [1, 4])
    #expect(throws: CodecError.checksum) { try system.decode([9] + bytes.dropFirst()) }
    for length in 0..<bytes.count {
      #expect(throws: CodecError.self) { try system.decode(Array(bytes[..<length])) }
    }
    // The state of the channel changes what an aware decoder gives.
    #expect(system.serverMACs > 0 && system.encoderBytes > 0)
  }

  /// The term has its gradient: what the loss gains is what the step's gradients gain.
  @Test func unevenUseOfCentresCosts() throws {
    let bench = try bench()
    let images = try bench.latents()
    func loss(_ json: String) throws -> (Double, Tensor<Float>?) {
      let method = try method(bench, json)
      let pass = trainingPass(method.network, stage: 1)
      let loss = try method.step(
        TrainingBatch(
          index: 0, samples: Array(0..<12), inputs: images.latents, labels: images.labels), pass)
      return (loss, pass.variable(at: "quantizer.centers")?.gradient)
    }
    let without = try loss(#""usage": 0"#)
    let with = try loss(#""usage": 2"#)
    let more = try loss(#""usage": 4"#)
    #expect(with.0 > without.0)
    #expect(abs((more.0 - with.0) / (with.0 - without.0) - 1) < 1e-3)
    #expect(with.1 != without.1)
  }

  /// The attributions are those of the quantised latent: their term reaches encoder and centres, and
  /// nothing behind it.
  @Test(arguments: [#""aware": true"#, #""aware": false"#, #""snr": "none", "aware": false"#])
  func attributionsMoveTheEncoderAndNotTheDecoder(channel: String) throws {
    let bench = try bench()
    let images = try bench.latents()
    func step(_ json: String) throws -> (loss: Double, pass: TrainingPass) {
      let method = try method(bench, "\(channel), \(json)")
      let network = try method.network.with(
        outputs: method.outputs(inStage: 1) ?? method.network.outputs)
      let pass = trainingPass(network, stage: 1)
      let loss = try method.step(
        TrainingBatch(
          index: 0, samples: Array(0..<12), inputs: images.latents, labels: images.labels), pass)
      return (loss, pass)
    }
    let without = try step(#""usage": 0"#)
    let with = try step(#""usage": 0, "attribution": 0.01"#)
    // Half of the values at best have positive attributions, so that n / #{A > 0} is above 1.
    #expect(with.loss > without.loss + 0.01)
    for path in ["encoder.conv.weight", "encoder.prelu.weight", "quantizer.centers"] {
      let gradients = [without, with].map { $0.pass.variable(at: path)?.gradient }
      #expect(gradients[0] != nil && gradients[0] != gradients[1], "\(path)")
    }
    for path in ["decoder.conv1.weight", "decoder.conv5.weight", "decoder.igdn5.gamma"] {
      let plain = try #require(without.pass.variable(at: path)?.gradient)
      let other = try #require(with.pass.variable(at: path)?.gradient)
      #expect(relativeError(plain, other) < 1e-5, "\(path)")
    }
  }

  /// Twice the weight has twice the term, in the loss and in what reaches the encoder.
  @Test func theAttributionTermIsProportionalToItsWeight() throws {
    let bench = try bench()
    let images = try bench.latents()
    func step(_ weight: Double) throws -> (loss: Double, gradient: [Float]) {
      let method = try method(bench, #""usage": 0, "attribution": \#(weight)"#)
      let pass = trainingPass(
        try method.network.with(outputs: method.outputs(inStage: 1) ?? method.network.outputs),
        stage: 1)
      let loss = try method.step(
        TrainingBatch(
          index: 0, samples: Array(0..<12), inputs: images.latents, labels: images.labels), pass)
      return (loss, try #require(pass.variable(at: "encoder.conv.weight")?.gradient).scalars)
    }
    let (none, one, two) = (try step(0), try step(0.5), try step(1))
    #expect(abs((two.loss - none.loss) / (one.loss - none.loss) - 2) < 1e-3)
    let largest = zip(two.gradient, none.gradient).map { abs($0 - $1) }.max() ?? 0
    #expect(largest > 0)
    for index in none.gradient.indices {
      let (first, second) = (
        one.gradient[index] - none.gradient[index], two.gradient[index] - none.gradient[index]
      )
      #expect(abs(second - 2 * first) < 1e-2 * largest)
    }
  }

  /// In the second stage the features count as much as the recipe says.
  @Test func fidelityHoldsTheDecodedFeaturesToTheSentOnes() throws {
    let bench = try bench()
    let images = try bench.latents()
    func step(_ json: String, stage: Int) throws -> (loss: Double, gradient: Tensor<Float>?) {
      let method = try method(bench, json)
      let pass = trainingPass(method.network, stage: stage)
      let loss = try method.step(
        TrainingBatch(
          index: 0, samples: Array(0..<12), inputs: images.latents, labels: images.labels), pass)
      return (loss, pass.variable(at: "decoder.conv5.weight")?.gradient)
    }
    let error = try step("", stage: 0)
    let without = try step("", stage: 1)
    let with = try step(#""fidelity": 3"#, stage: 1)
    #expect(abs(with.loss - without.loss - 3 * error.loss) < 1e-4 * with.loss)
    let task = try #require(without.gradient).scalars
    let squared = try #require(error.gradient).scalars
    let both = try #require(with.gradient).scalars
    let largest = both.map(abs).max() ?? 0
    #expect(largest > 0)
    for (sum, (first, second)) in zip(both, zip(task, squared)) {
      #expect(abs(sum - first - 3 * second) < 1e-4 * largest)
    }
  }

  /// Every variant trains: without a channel, without awareness, by other gradients and errors.
  @Test(arguments: [
    #""snr": "none", "aware": false"#, #""aware": false"#, #""gradient": "straight_through""#,
    #""mapping": "gray", "errors": "symbols""#, #""burst_length": 12, "levels": 4"#,
    #""attribution": 0.01, "usage": 0"#,
  ]) func everyVariantTrains(json: String) throws {
    let bench = try bench()
    let method = try method(bench, json)
    let isAware = !json.contains(#""aware": false"#)
    let hasFreeCentres = !json.contains("straight_through")
    let outcome = try bench.train(method)
    #expect(outcome.history.count == 2)
    #expect(outcome.history.allSatisfy { $0.trainLoss.isFinite })
    let centers = "quantizer.centers"
    #expect(
      (outcome.network.parameters[centers] != method.network.parameters[centers])
        == (hasFreeCentres || !json.contains(#""usage": 0"#)))
    let system = try #require(method.systems(outcome.network).first)
    let latent = try system.latent(bench.setting.data.test().pixels(at: [0]))
    #expect(try system.decode(system.encode(latent)).shape == latent.shape)
    let knows = method.network.nodes.contains { $0.name == "decoder.state" }
    #expect(knows == isAware)
  }

  @Test(arguments: [
    (#""channels": 0"#, "channels"), (#""decoder": [8, 8]"#, "decoder"),
    (#""levels": 1"#, "levels"), (#""sharpness": 0"#, "sharpness"),
    (#""snr": [7, -6]"#, "snr"), (#""snr": "none""#, "aware"),
    (#""burst_length": 0.5"#, "burst_length"), (#""usage": -1"#, "usage"),
    (#""draws": 0"#, "draws"), (#""attribution": -1"#, "attribution"),
    (#""fidelity": -1"#, "fidelity"),
  ]) func badSectionsAreReported(json: String, key: String) throws {
    var report = ValidationReport()
    try configuration(json).validate(&report)
    #expect(report.findings.map { $0.keys.joined(separator: ".") } == [key])
  }

  /// TensorBoard gets what crosses the cut, and the gradient that comes back from the tail.
  @Test func theEventFileShowsTheCut() throws {
    let bench = try bench()
    _ = try bench.train(try method(bench), "watched")
    let folder = bench.folder.file("watched")
    let name = try #require(
      FileManager.default.contentsOfDirectory(atPath: folder).first { $0.contains("tfevents") })
    let text = String(
      decoding: try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")), as: UTF8.self)
    for tag in ["cut/latent", "cut/gradient", "image 0/input", "image 1/channels at the cut"] {
      #expect(text.contains(tag), "\(tag)")
    }
  }

  @Test func lossesOfElementsAreRefused() throws {
    var bench = try bench()
    bench.link = try Link(loss: 0.1)
    #expect(throws: SemanticNNError.lossyLink) { try method(bench) }
  }
}
