import Codecs
import Datasets
import Foundation
import Networks
import Splitting
import Tensors
import Testing
import Training

@Suite struct TradeOffTests {
  let images = ProbeMethod.images(70)

  /// A system whose every figure is known: it sends as many bytes as the image's first pixel says,
  /// and is right for a number of the first images.
  struct Known: SplitSystem {
    var name = "known"
    var family = "f"
    var encoderBytes = 2048
    var deviceMACs = 3
    var serverMACs = 4
    var wrongBelow = 0.0

    func latent(_ pixels: Tensor<Float>) throws -> Tensor<Float> { pixels }

    func encode(_ latent: Tensor<Float>) throws -> [UInt8] {
      latent.scalars.map { UInt8($0) } + [UInt8](repeating: 0, count: Int(latent.scalars[0]))
    }

    func decode(_ bytes: [UInt8]) throws -> Tensor<Float> {
      Tensor([1, 6, 6, 1], bytes.prefix(36).map(Float.init))
    }

    var answerBytes: Int { 8 }

    func answers(_ latents: Tensor<Float>) throws -> [Tensor<Float>] {
      [
        Tensor(
          [latents.shape[0], 2],
          (0..<latents.shape[0]).flatMap { row -> [Float] in
            let values = latents.rows(row..<row + 1).scalars
            let isTop = values[..<18].reduce(0, +) > values[18...].reduce(0, +)
            let isWrong = Double(values[0]) < wrongBelow
            return isTop != isWrong ? [1, 0] : [0, 1]
          })
      ]
    }

    func estimatedBytes(_ latent: Tensor<Float>) throws -> Double? { 7 }
  }

  private func tradeOff() throws -> TradeOff {
    let link = try Link(
      rate: #require(DataRate(baseValue: 8000)), roundTripTime: .milliseconds(100))
    return TradeOff(
      dataset: images, links: [TradeOffReport.NamedLink(name: "slow", link: link)],
      energy: EnergyModel(
        computePower: .watts(0), transmitPower: .watts(2), idlePower: .watts(0)),
      timedSamples: 3)
  }

  /// The first pixel of every image.
  private func firstPixels() throws -> [Int] {
    try (0..<images.count).map { Int(try images.pixels(at: [$0]).scalars[0]) }
  }

  @Test func bytesAreThoseOfEveryImageAndQualityThatOfWhatIsDecoded() throws {
    let report = try tradeOff().report(
      reference: Known(name: "reference"), [[Known(wrongBelow: 60)]], observer: nil)
    let pixels = try firstPixels()
    let counts = pixels.map { Double(36 + $0) }
    #expect(report.samples == 70 && report.timedSamples == 3 && report.timingThreads == 1)
    #expect(report.systems.map(\.name) == ["reference", "known"])
    let system = report.systems[1]
    let mean = counts.reduce(0, +) / 70
    #expect(abs(system.bytes.mean - mean) < 1e-9)
    #expect(system.bytes.p50 == Percentiles(counts)?.p50)
    #expect(system.bytes.p99 == Percentiles(counts)?.p99)
    #expect(system.estimatedBytes == 7)
    #expect(report.systems[0].accuracy?.mean == 1)
    let wrong = pixels.filter { $0 < 60 }.count
    #expect(wrong > 0 && wrong < 70)
    #expect(abs(try #require(system.accuracy).mean - Double(70 - wrong) / 70) < 1e-12)
    #expect(abs(try #require(system.relativeDrop) - Double(wrong) / 70) < 1e-12)
    #expect(system.accuracy?.deviation == nil && system.seeds == 1)
    // 2 KiB on the device, and the mean in KiB.
    #expect(abs(system.encoderTimesData - 2 * mean / 1024) < 1e-12)
  }

  @Test func latencyAndEnergyFollowFromTheMeasuredTimesAndTheBytes() throws {
    let report = try tradeOff().report(reference: Known(), [], observer: nil)
    let system = report.systems[0]
    let cost = try #require(system.links.first)
    #expect(cost.link == "slow")
    // A byte a millisecond.
    #expect(abs(cost.latency.uplink.milliseconds - system.bytes.mean.rounded()) < 1e-9)
    #expect(abs(cost.latency.downlink.milliseconds - 8) < 1e-9)
    #expect(cost.latency.device == system.deviceTime + system.encodeTime)
    #expect(cost.latency.server == system.decodeTime + system.serverTime)
    #expect(cost.total == cost.latency.total)
    #expect(abs(cost.deviceEnergy.joules - 2 * cost.latency.uplink.seconds) < 1e-9)
  }

  @Test func seedsBecomeOneRowWithTheirSpread() throws {
    let report = try tradeOff().report(
      reference: Known(), [[Known(wrongBelow: 0), Known(encoderBytes: 4096, wrongBelow: 256)]],
      observer: nil)
    let system = report.systems[1]
    #expect(report.systems.count == 2 && system.seeds == 2)
    // All right and all wrong: mean a half, and a deviation of √½ of two values.
    #expect(system.accuracy?.mean == 0.5)
    #expect(abs(try #require(system.accuracy?.deviation) - 0.5.squareRoot()) < 1e-12)
    #expect(system.encoderBytes == (2048 + 4096) / 2)
  }

  @Test func theReportReadsBackFromItsJSON() throws {
    let report = try tradeOff().report(reference: Known(), [[Known()]], observer: nil)
    let data = try JSONEncoder().encode(report)
    let back = try JSONDecoder().decode(TradeOffReport.self, from: data)
    #expect(back.systems.map(\.bytes) == report.systems.map(\.bytes))
    let text = String(decoding: data, as: UTF8.self)
    for key in [
      "encoder_bytes", "bytes_per_sample", "encoder_times_data_kib2", "relative_drop",
      "device_energy", "timing_threads",
    ] { #expect(text.contains("\"\(key)\"")) }
  }

  @Test func whatASystemThrowsEndsTheMeasurement() throws {
    struct Broken: SplitSystem {
      struct Failure: Error {}
      var name = "broken"
      var family = "f"
      var encoderBytes = 0
      var deviceMACs = 0
      var serverMACs = 0
      func latent(_ pixels: Tensor<Float>) throws -> Tensor<Float> { pixels }
      func encode(_ latent: Tensor<Float>) throws -> [UInt8] { throw Failure() }
      func decode(_ bytes: [UInt8]) throws -> Tensor<Float> { Tensor([1], repeating: 0) }
      func answers(_ latents: Tensor<Float>) throws -> [Tensor<Float>] { [latents] }
      var answerBytes: Int { 0 }
      func estimatedBytes(_ latent: Tensor<Float>) throws -> Double? { nil }
    }
    #expect(throws: Broken.Failure.self) {
      try tradeOff().report(reference: Known(), [[Broken()]], observer: nil)
    }
  }
}

@Suite struct InputSystemTests {
  /// A network that gives back the sums of both halves.
  private func network(_ shape: Shape) throws -> Network {
    var builder = NetworkBuilder(shape: shape)
    var value = builder.add("flatten", FlattenLayer(), after: "input")
    value = builder.add("linear", LinearLayer(shape.elementCount, 2), after: value)
    var network = try builder.network(name: "sums", outputs: [value])
    network.initializeParameters(seed: 1)
    return network
  }

  /// A soft gradient, as cameras see.
  private func image(_ shape: Shape) -> Tensor<Float> {
    Tensor(
      Shape([1] + shape.dimensions),
      (0..<shape.elementCount).map { index in
        let pixel = index / shape[2]
        return Float(40 + 4 * (pixel % shape[1]) + 2 * (pixel / shape[1]) + 10 * (index % shape[2]))
      })
  }

  @Test func pixelsArriveAsTheyAre() throws {
    let system = try InputSystem(
      name: "pixels", family: "pixels", format: .raw, network: network([8, 8, 3]),
      inputTransform: .identity)
    let pixels = image([8, 8, 3])
    let bytes = try system.encode(try system.latent(pixels))
    #expect(bytes.count == 192)
    #expect(try system.decode(bytes) == pixels)
    #expect(system.encoderBytes == 0 && system.deviceMACs == 0 && system.serverMACs == 384)
    #expect(throws: DatasetError.self) { try system.decode(Array(bytes.dropLast())) }
  }

  @Test(
    arguments: [ImageFormat.jpeg(quality: 95), .webp(quality: 95)],
    [[24, 32, 3], [32, 24, 1]] as [Shape])
  func imagesArriveAlmostAsTheyWere(format: ImageFormat, shape: Shape) throws {
    let system = try InputSystem(
      name: "file", family: "file", format: .file(format), network: network(shape),
      inputTransform: .identity)
    let pixels = image(shape)
    let bytes = try system.encode(pixels)
    let decoded = try system.decode(bytes)
    #expect(decoded.shape == pixels.shape)
    let errors = zip(decoded.scalars, pixels.scalars).map { abs($0 - $1) }
    #expect(errors.reduce(0, +) / Float(errors.count) < 4)
    // The bytes are a file's, as any other program reads it.
    let signature: [UInt8] = format == .jpeg(quality: 95) ? [0xFF, 0xD8] : Array("RIFF".utf8)
    #expect(bytes.starts(with: signature))
    #expect(try ImageFile.decode(bytes, name: "file").height == shape[0])
  }

  @Test(arguments: [true, false]) func betterQualityTakesMoreBytesAndLosesLess(isJPEG: Bool) throws
  {
    let shape: Shape = [32, 32, 3]
    var random = RandomSource(seed: 4)
    // Squares of four pixels, with noise.
    let values = (0..<3072).map { index -> Float in
      let isLight = (index / 384 + index / 12 % 8) % 2 == 0
      return (isLight ? 188 : 128) + Float(random.uniform()) * 20
    }
    let pixels = Tensor<Float>([1, 32, 32, 3], values)
    var sizes: [Int] = []
    var errors: [Float] = []
    for quality in [10, 50, 95] {
      let system = try InputSystem(
        name: "q", family: "q",
        format: .file(isJPEG ? .jpeg(quality: quality) : .webp(quality: quality)),
        network: network(shape), inputTransform: .identity)
      let bytes = try system.encode(pixels)
      sizes.append(bytes.count)
      var error: Float = 0
      for (found, value) in zip(try system.decode(bytes).scalars, values) {
        error += abs(found - value)
      }
      errors.append(error)
    }
    #expect(sizes[0] < sizes[1] && sizes[1] < sizes[2])
    #expect(errors[0] > errors[1] && errors[1] > errors[2])
  }

  @Test func damagedFilesAndOtherSizesAreRefused() throws {
    let system = try InputSystem(
      name: "jpeg 50", family: "jpeg", format: .file(.jpeg(quality: 50)),
      network: network([16, 16, 3]), inputTransform: .identity)
    let bytes = try system.encode(image([16, 16, 3]))
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: DatasetError.self) { try system.decode(Array(bytes.prefix(length))) }
    }
    let other = try ImageFile.encode(
      PixelImage(height: 8, width: 16, channels: 3, bytes: [UInt8](repeating: 9, count: 384)),
      as: .jpeg(quality: 50))
    #expect {
      try system.decode(other)
    } throws: { "\($0)" == "jpeg 50: image: expected 16×16×3, found 8×16 pixels" }
  }

  @Test func imagesOfOtherChannelsHaveNoFile() throws {
    #expect(throws: DatasetError.self) {
      try InputSystem(
        name: "x", family: "x", format: .file(.webp(quality: 5)), network: network([4, 4, 2]),
        inputTransform: .identity)
    }
  }
}
