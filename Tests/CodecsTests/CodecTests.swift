import Codecs
import Foundation
import Tensors
import Testing

/// A latent as networks make them: many zeros after a ReLU, and some large values.
func reluLatent(_ shape: Shape = [7, 9, 6], seed: UInt64 = 1) -> Tensor<Float> {
  var random = RandomSource(seed: seed)
  let values = (random.normal(shape) as Tensor<Float>).scalars
  return Tensor(shape, values.map { max(0, $0 - 0.4) * 3 })
}

/// Every codec, and how far its values may be from the latent's, relative to the range.
struct CodecCase: Sendable, CustomTestStringConvertible {
  /// The codec for latents of a number of channels.
  let make: @Sendable (_ channels: Int) throws -> any LatentCodec
  let bound: Float
  /// What may be lost of any value, besides the bound on what is lost relative to the largest.
  let absolute: Float
  let name: String

  var testDescription: String { name }

  init(
    _ name: String, _ bound: Float, absolute: Float = 0,
    _ make: @escaping @Sendable (_ channels: Int) throws -> any LatentCodec
  ) {
    self.make = make
    self.bound = bound
    self.absolute = absolute
    self.name = name
  }

  /// The codec for a latent, and the tables its decoder needs.
  func codec(for latent: Tensor<Float>) throws -> (codec: any LatentCodec, tables: CodecTables) {
    let codec = try make(latent.shape.rank > 0 ? latent.shape[-1] : 1)
    switch codec {
    case let codec as ContextCodec: return (codec, CodecTables([codec.tableNumber: codec.tables]))
    case let codec as FactorizedCodec:
      return (codec, CodecTables([codec.tableNumber: codec.tables]))
    case let codec as HyperpriorCodec:
      return (codec, CodecTables([codec.tableNumber: codec.tables]))
    default: return (codec, .none)
    }
  }

  /// Half a step of quantised values.
  private static func halfStep(_ bits: Int) -> Float { 0.5001 / Float(1 << bits - 1) + 1e-6 }

  static let all: [CodecCase] =
    [
      CodecCase("fp32", 0) { _ in IdentityCodec() },
      CodecCase("fp16", 0x1p-11) { _ in HalfPrecisionCodec() },
    ]
    + [1, 2, 3, 4, 7, 8, 11, 16].map { bits in
      CodecCase("packed \(bits)", halfStep(bits)) { _ in PackedCodec(bits: bits) }
    }
    + [1, 2, 3, 4, 6, 8, 12].flatMap { bits in
      RANSCodec.Layout.allCases.map { layout in
        CodecCase("rans \(bits) \(layout)", halfStep(bits)) { _ in
          RANSCodec(bits: bits, layout: layout)
        }
      }
    }
    + [1, 2, 4, 7, 8].map { bits in
      CodecCase("context \(bits)", halfStep(bits)) { channels in
        let samples = (10..<14).map { reluLatent([6, 6, channels], seed: $0) }
        return ContextCodec(
          try ContextTables(calibratedOn: samples, bits: bits), tableNumber: 300)
      }
    }
    + [
      CodecCase("factorized", 0, absolute: 0.5001) { channels in
        FactorizedCodec(.bellShaped(channels: max(1, channels)), tableNumber: 7)
      },
      CodecCase("scale hyperprior", 0, absolute: 0.5001) { channels in
        HyperpriorCodec(.random(channels: max(1, channels), hasMeans: false), tableNumber: 0)
      },
      CodecCase("mean-scale hyperprior", 0, absolute: 0.5001) { channels in
        HyperpriorCodec(.random(channels: max(1, channels), hasMeans: true), tableNumber: 40)
      },
    ]
    // Everything is kept, so that only quantising loses.
    + [1, 2, 3, 4, 16].map { blocks in
      CodecCase("slicer \(blocks)", halfStep(8)) { _ in
        SLICERCodec(keep: 1, blocks: blocks, tolerance: 0)
      }
    }
    + [
      CodecCase("slicer, few bits", 0.2) { _ in
        SLICERCodec(
          keep: 1, blocks: 4, tolerance: 0.02, bound: .index, asymmetry: 0.5, reading: .budget)
      }
    ]
}

extension FactorizedTables {
  /// Tables around medians below 0, each channel wider than the one before, without long tails.
  static func bellShaped(channels: Int) -> FactorizedTables {
    FactorizedTables(
      (0..<channels).map { channel in
        let width = 1 + Double(channel % 5)
        let weights = (-4...4).map { exp(-Double($0 * $0) / (2 * width)) }
        let sum = weights.reduce(0, +)
        return Channel(
          median: -0.25 * Float(channel % 4), lowest: -4, probabilities: weights.map { $0 / sum })
      })
  }
}

extension HyperpriorTables {
  /// Tables with networks that nobody trained, which halve the extent twice.
  static func random(channels: Int, hyper: Int = 3, hasMeans: Bool) -> HyperpriorTables {
    var random = RandomSource(seed: 5, purpose: "hyperprior")
    func layer(_ inputs: Int, _ outputs: Int, stride: Int = 1) -> IntegerNetwork.Layer {
      .convolution(
        IntegerNetwork.Convolution(
          inputs: inputs, outputs: outputs, kernel: 3, stride: stride,
          weights: (0..<9 * inputs * outputs).map { _ in Float(0.2 * random.normal()) },
          biases: (0..<outputs).map { _ in Float(random.uniform()) }))
    }
    let analysis: [IntegerNetwork.Layer] = [
      layer(channels, hyper), .rectified, layer(hyper, hyper, stride: 2), .rectified,
      layer(hyper, hyper, stride: 2),
    ]
    return HyperpriorTables(
      analysis: IntegerNetwork((hasMeans ? [] : [.absolute]) + analysis),
      synthesis: IntegerNetwork([
        .doubled, layer(hyper, 5), .rectified, .doubled, layer(5, 5), .rectified,
        layer(5, hasMeans ? 2 * channels : channels),
      ]),
      hyper: (0..<hyper).map {
        FactorizedTables.Channel(
          median: 0.3 * Float($0), lowest: -6,
          probabilities: [1, 2, 4, 8, 12, 16, 20, 16, 12, 8, 4, 2, 1].map { $0 / 106 })
      }, scaleCount: 40)
  }
}

@Suite struct CodecTests {
  @Test func everyCodecIsTestedAndNumberedOnce() throws {
    let tested = Set(try CodecCase.all.map { type(of: try $0.make(3)).number })
    #expect(tested == Set(CodecRegistry.types.map { $0.number }))
    #expect(tested.count == CodecRegistry.types.count)
    #expect(Set(CodecRegistry.types.map { $0.name }).count == CodecRegistry.types.count)
  }

  @Test(arguments: CodecCase.all) func whatIsDecodedIsNearWhatWasEncoded(_ test: CodecCase) throws {
    for latent in [
      reluLatent(), reluLatent([64]), reluLatent([3, 1, 2, 5]), reluLatent([40, 40, 20]),
      Tensor<Float>([5], [-3, -1, 0, 2, 7]), Tensor<Float>([4], [100, 101, 103, 104]),
      Tensor<Float>([4], [-9, -8, -7.5, -7]), Tensor<Float>([2], [0, 1]),
    ] {
      let (codec, tables) = try test.codec(for: latent)
      let bytes = try codec.stream(latent)
      let decoded = try LatentStream(bytes).latent(tables: tables)
      #expect(decoded.shape == latent.shape)
      let values = latent.scalars
      let range = max(abs(values.max() ?? 0), abs(values.min() ?? 0), 1e-30)
      let error = zip(values, decoded.scalars).map { abs($0 - $1) }.max() ?? .infinity
      #expect(error <= test.bound * range * 2 + test.absolute, "\(error) of \(range)")
      #expect(try codec.stream(latent) == bytes, "the bytes repeat")
    }
  }

  @Test(arguments: CodecCase.all) func oddLatentsComeBackOrAreRefused(_ test: CodecCase) throws {
    for latent in [
      Tensor<Float>([0], []), Tensor<Float>([3, 0, 2], []), Tensor<Float>(2.5),
      Tensor<Float>([1], [-7]), Tensor<Float>([6], repeating: 0),
      Tensor<Float>([6], repeating: -1.5), Tensor<Float>([3], [1e9, 1e9, 1e9]),
      Tensor<Float>([3], [0, 1, 2].map { Float(bitPattern: $0) }),
      Tensor<Float>([3], [-Float(bitPattern: 71362), 0, Float(bitPattern: 71362)]),
    ] {
      let (codec, tables) = try test.codec(for: latent)
      let most: Float? =
        codec is FactorizedCodec
        ? 0x1p24
        : codec is HyperpriorCodec ? 0x1p14 : codec is HalfPrecisionCodec ? 65504 : nil
      if let most, latent.scalars.contains(1e9) {
        #expect(throws: CodecError.outOfRange(index: 0, value: 1e9, most: most)) {
          try codec.stream(latent)
        }
        continue
      }
      let decoded = try LatentStream(codec.stream(latent)).latent(tables: tables)
      #expect(decoded.shape == latent.shape)
      // None of them has a value of which more than half a step of its range could be lost.
      for (value, found) in zip(latent.scalars, decoded.scalars) {
        let lost = abs(value - found)
        #expect(
          lost <= abs(value) * 0x1p-11 || lost < max(1e-7, test.absolute))
      }
    }
    for odd in [Float.nan, .infinity, -.infinity] {
      let latent = Tensor<Float>([3], [1, odd, 2])
      let codec = try test.codec(for: latent).codec
      let isExact = codec is IdentityCodec || codec is HalfPrecisionCodec
      if isExact {
        let found = try LatentStream(codec.stream(latent)).latent().scalars[1]
        #expect(odd.isNaN ? found.isNaN : found == odd)
      } else {
        let error = CodecError.notFinite(index: 1, value: try #require(NonFinite(odd)))
        #expect(throws: error) { try codec.stream(latent) }
        #expect("\(error)".contains(NonFinite(odd)?.rawValue ?? "?"))
      }
    }
  }

  /// Whatever is read of finite values is finite and as near as the codec promises, or they are
  /// refused with the value and its place.
  @Test(arguments: CodecCase.all) func farValuesComeBackOrAreRefused(_ test: CodecCase) throws {
    let most = Float.greatestFiniteMagnitude
    for values: [Float] in [
      [1, 65520, 2], [0, -70000, 1], [-most, 0, most], [most, -most, 1], [most, most, most],
      [0, 3e38, 1], [-3e38, -2e38, 3.3e38],
    ] {
      let latent = Tensor<Float>([3], values)
      let (codec, tables) = try test.codec(for: reluLatent([3]))
      let bytes: [UInt8]
      do throws(CodecError) { bytes = try codec.stream(latent) } catch {
        guard case .outOfRange(let index, let value, _) = error else { throw error }
        #expect(values[index] == value && "\(error)".contains("\(value)"))
        continue
      }
      let decoded = try LatentStream(bytes).latent(tables: tables).scalars
      let range = values.map(Double.init).map(abs).max() ?? 0
      for (value, found) in zip(values, decoded) {
        #expect(found.isFinite, "\(values) became \(decoded)")
        #expect(
          abs(Double(value) - Double(found))
            <= Double(test.bound) * range * 2 + Double(test.absolute))
      }
    }
  }

  @Test func halfPrecisionIsTheStandards() throws {
    // IEEE 754: values on and beside every boundary, with their patterns worked out by hand.
    let cases: [(Float, Float)] = [
      (0, 0), (1, 1), (-2, -2), (65504, 65504), (65519, 65504),
      (0x1p-24, 0x1p-24), (0x1p-25, 0), (0x1.8p-25, 0x1p-24), (0x1p-14, 0x1p-14),
      (1 + 0x1p-11, 1), (1 + 0x1.8p-10, 1 + 0x1p-9),
      (0x1.ffep0, 2),
    ]
    let latent = Tensor<Float>([cases.count], cases.map(\.0))
    let decoded = try LatentStream(HalfPrecisionCodec().stream(latent)).latent().scalars
    for (index, test) in cases.enumerated() {
      #expect(decoded[index] == test.1, "\(test.0)")
    }
    // Every finite pattern is the value its parts say, and that value gives the pattern again.
    let values = (UInt16.min..<0x7C00).map { pattern in
      let exponent = max(1, Int(pattern >> 10))
      let mantissa = Int(pattern & 0x3FF) + (pattern >> 10 > 0 ? 1024 : 0)
      return Float(sign: .plus, exponent: exponent - 25, significand: Float(mantissa))
    }
    let found = try LatentStream(
      HalfPrecisionCodec().stream(Tensor([values.count], values))
    ).latent()
    #expect(found.scalars == values)
  }

  @Test func codedBytesAreTheEntropyAndAHeader() throws {
    for bits in [2, 3, 4, 6, 8] {
      let latent = reluLatent([96, 96, 32], seed: 3)
      let quantizer = try AffineQuantizer(fitting: latent, bits: bits)
      var counts = [Int](repeating: 0, count: 1 << bits)
      for symbol in quantizer.symbols(of: latent) { counts[Int(symbol)] += 1 }
      let total = Double(latent.count)
      let entropy = counts.filter { $0 > 0 }.reduce(0.0) {
        $0 - Double($1) * log2(Double($1) / total)
      }
      let bytes = Double(try RANSCodec(bits: bits).stream(latent).count)
      // Magic, shape, quantiser, states and checksum, and at most four bytes a table entry.
      #expect(bytes <= 1.001 * entropy / 8 + 80 + Double(4 * counts.count), "\(bits) bits")
      #expect(bytes >= entropy / 8)
    }
  }

  @Test func contextsTakeFewerBytesWhereNeighboursAreAlike() throws {
    // A smooth latent: each channel a hill of its own height.
    func smooth(_ seed: UInt64) -> Tensor<Float> {
      var random = RandomSource(seed: seed)
      let centre = (0..<16).map { _ in Float.random(in: 2..<12, using: &random) }
      return Tensor(
        [14, 14, 16],
        (0..<14 * 14 * 16).map { index in
          let (row, column, channel) = (index / 224, index / 16 % 14, index % 16)
          let distance = abs(Float(row) - centre[channel]) + abs(Float(column) - 7)
          return max(0, 6 - distance) * Float(1 + channel % 4)
        })
    }
    let tables = try ContextTables(calibratedOn: (1..<20).map { smooth($0) }, bits: 4)
    let latent = smooth(77)
    let context = try ContextCodec(tables, tableNumber: 1).stream(latent).count
    let dense = try RANSCodec(bits: 4).stream(latent).count
    #expect(Double(context) < 0.75 * Double(dense), "\(context) and \(dense) bytes")
  }

  @Test func tablesAreReadAsTheyWereWritten() throws {
    let tables = try ContextTables(calibratedOn: [reluLatent()], bits: 3)
    let bytes = tables.bytes
    #expect(try ContextTables(bytes) == tables)
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x10
      #expect(throws: CodecError.self) { try ContextTables(damaged) }
    }
    #expect(throws: CodecError.self) { try ContextTables(Array(bytes.dropLast())) }
  }

  @Test func streamsNeedTheirTables() throws {
    let latent = reluLatent()
    let tables = try ContextTables(calibratedOn: [latent], bits: 3)
    let stream = try LatentStream(ContextCodec(tables, tableNumber: 5).stream(latent))
    #expect(throws: CodecError.unknownTable(5, known: [4])) {
      try stream.latent(tables: CodecTables([4: tables]))
    }
    let other = try ContextTables(calibratedOn: [reluLatent([4, 4, 5])], bits: 3)
    #expect(throws: CodecError.shape(expected: [5], found: [7, 9, 6])) {
      try stream.latent(tables: CodecTables([5: other]))
    }
    #expect(throws: CodecError.shape(expected: [5], found: [7, 9, 6])) {
      try ContextCodec(other, tableNumber: 0).stream(latent)
    }
  }
}
