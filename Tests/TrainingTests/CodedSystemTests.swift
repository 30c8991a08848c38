import Checkpoints
import Codecs
import Datasets
import Networks
import Splitting
import Tensors
import Testing
import Training

@Suite struct CodedSystemTests {
  let images = ProbeMethod.images()
  let transform: InputTransform

  init() throws { transform = try InputTransform(scale: 255, mean: [0.4], std: [0.3]) }

  private func system(
    _ codec: any LatentCodec = IdentityCodec(), tables: CodecTables = .none
  ) throws -> CodedSystem {
    let (head, tail) = try ProbeMethod.classifier().cut(at: "relu")
    return CodedSystem(
      name: "probe", family: "f", device: head, inputTransform: transform, codec: codec,
      tables: tables, server: tail)
  }

  @Test func whatIsSentAsItIsGivesTheNetworksOwnLogits() throws {
    let system = try system()
    for index in 0..<4 {
      let pixels = try images.pixels(at: [index])
      let latent = try system.latent(pixels)
      #expect(latent.shape == [1, 6, 6, 4])
      let bytes = try system.encode(latent)
      // 576 of values; the header has 8, three extents a byte each, and a checksum of 4.
      #expect(bytes.count == 576 + 8 + 3 + 4)
      let decoded = try system.decode(bytes)
      #expect(decoded == latent)
      let logits = try system.answers(decoded)[0]
      let expected = Head(try ProbeMethod.classifier())(try transform(pixels))
      #expect(zip(logits.scalars, expected.scalars).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test func sizesAreThoseOfTheFoldedHeadAndTheTail() throws {
    let system = try system()
    // 9·4 weights and 4 biases; 6·6·4 values of 9 products; 144·2 products.
    #expect(system.encoderBytes == 160)
    #expect(system.deviceMACs == 1296)
    #expect(system.serverMACs == 288)
  }

  @Test func calibratedTablesArePartOfTheDevice() throws {
    let plain = try system()
    let latents = try (0..<8).map { index in
      try plain.latent(images.pixels(at: [index])).reshaped(to: [6, 6, 4])
    }
    let tables = try ContextTables(calibratedOn: latents, bits: 3)
    let coded = plain.with(
      name: "c", family: "context", codec: ContextCodec(tables, tableNumber: 2),
      tables: CodecTables([2: tables]))
    #expect(coded.encoderBytes == 160 + tables.bytes.count)
    #expect(coded.name == "c" && coded.family == "context")
    let latent = try plain.latent(images.pixels(at: [9]))
    let bytes = try coded.encode(latent)
    #expect(try coded.decode(bytes).shape == [1, 6, 6, 4])
    // Frequencies say what the coder then takes, but for header, parameters and the coder's state.
    let expected = try #require(try coded.estimatedBytes(latent))
    #expect(expected > 10)
    #expect(Double(bytes.count) > expected)
    #expect(Double(bytes.count) < expected + 64)
    #expect(try plain.estimatedBytes(latent) == nil)
  }

  @Test func tablesAreKeptWithTheNetwork() throws {
    let plain = try system()
    let latents = try (0..<4).map { index in
      try plain.latent(images.pixels(at: [index])).reshaped(to: [6, 6, 4])
    }
    let prior = FactorizedTables([
      FactorizedTables.Channel(median: 0.5, lowest: -1, probabilities: [0.25, 0.5, 0.25])
    ])
    let tables = CodecTables(
      [
        0: try ContextTables(calibratedOn: latents, bits: 2),
        7: try ContextTables(calibratedOn: latents, bits: 3), 8: prior,
      ])
    let folder = try TemporaryFolder()
    var checkpoint = Checkpoint(network: try ProbeMethod.classifier())
    checkpoint.files["mine"] = [1]
    checkpoint.setCodecTables(CodecTables([3: try ContextTables(calibratedOn: latents, bits: 1)]))
    checkpoint.setCodecTables(tables)
    try checkpoint.write(to: folder.file("a.h5"))
    var read = try Checkpoint.read(folder.file("a.h5"))
    #expect(
      try read.codecTables().byNumber.mapValues(\.bytes) == tables.byNumber.mapValues(\.bytes))
    #expect(read.files.count == 4)
    // Bytes that are no tables are refused, whoever wrote them.
    read.files["codec_tables.0"]?[40] ^= 1
    #expect(throws: CodecError.self) { try read.codecTables() }
    read.files = ["codec_tables.x": []]
    #expect(throws: CodecError.self) { try read.codecTables() }
  }

  @Test func aStreamOfAnotherLatentIsRefused() throws {
    let system = try system()
    let other = try IdentityCodec().stream(Tensor([6, 4, 4], repeating: 1))
    #expect(throws: CodecError.shape(expected: [6, 6, 4], found: [6, 4, 4])) {
      try system.decode(other)
    }
    // More values than the latent has are refused as soon as the extents say so.
    let large = try IdentityCodec().stream(Tensor([60, 60, 4], repeating: 1))
    #expect(throws: CodecError.tooLarge(elements: 3600, most: 144)) { try system.decode(large) }
  }

  @Test func aMethodWhoseServerIsNotItsOwnSaysSo() throws {
    let setting = MethodSetting(
      data: DataProvider(DataConfiguration(DatasetSpecification(name: "shapes"))),
      network: NetworkConfiguration(architecture: "resnet8"),
      training: TrainingConfiguration(epochs: 1, batchSize: 8), link: try Link(), seed: 1,
      temporaryDirectory: "/nowhere", observer: SilentObserver())
    let method = try ProbeMethod(ProbeMethod.Configuration(), setting)
    #expect(throws: SetupError.tailNeeded(method: "probe")) { try method.systems(method.network) }
  }
}
