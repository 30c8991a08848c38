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
  let codec: any LatentCodec
  let bound: Float
  var name: String

  var testDescription: String { name }

  init(_ codec: any LatentCodec, _ bound: Float, _ name: String) {
    self.codec = codec
    self.bound = bound
    self.name = name
  }

  static let all: [CodecCase] =
    [
      CodecCase(IdentityCodec(), 0, "fp32"), CodecCase(HalfPrecisionCodec(), 0x1p-11, "fp16"),
    ]
    + [1, 2, 3, 4, 7, 8, 11, 16].map {
      CodecCase(PackedCodec(bits: $0), 0.5001 / Float(1 << $0 - 1) + 1e-6, "packed \($0)")
    }
    + [1, 2, 3, 4, 6, 8, 12].flatMap { bits in
      RANSCodec.Layout.allCases.map {
        CodecCase(
          RANSCodec(bits: bits, layout: $0), 0.5001 / Float(1 << bits - 1) + 1e-6,
          "rans \(bits) \($0)")
      }
    }
}

@Suite struct CodecTests {
  @Test func everyCodecIsTestedAndNumberedOnce() {
    let tested = Set(CodecCase.all.map { type(of: $0.codec).number })
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
      let bytes = try test.codec.stream(latent)
      let decoded = try LatentStream(bytes).latent()
      #expect(decoded.shape == latent.shape)
      let values = latent.scalars
      let range = max(abs(values.max() ?? 0), abs(values.min() ?? 0), 1e-30)
      let error = zip(values, decoded.scalars).map { abs($0 - $1) }.max() ?? .infinity
      #expect(error <= test.bound * range * 2, "\(error) of \(range)")
      // Encoding what was decoded changes nothing any more, and the bytes repeat.
      #expect(try test.codec.stream(latent) == bytes)
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
      let decoded = try LatentStream(test.codec.stream(latent)).latent()
      #expect(decoded.shape == latent.shape)
      // None of them has a value of which more than half a step of its range could be lost.
      for (value, found) in zip(latent.scalars, decoded.scalars) {
        let lost = abs(value - found)
        #expect(lost <= abs(value) * 0x1p-11 || lost < 1e-7 || found.isInfinite && value > 65519)
      }
    }
    let isExact = test.codec is IdentityCodec || test.codec is HalfPrecisionCodec
    for odd in [Float.nan, .infinity, -.infinity] {
      let latent = Tensor<Float>([3], [1, odd, 2])
      if isExact {
        let found = try LatentStream(test.codec.stream(latent)).latent().scalars[1]
        #expect(odd.isNaN ? found.isNaN : found == odd)
      } else {
        #expect(throws: CodecError.notFinite(index: 1)) { try test.codec.stream(latent) }
      }
    }
  }

  @Test func halfPrecisionIsTheStandards() throws {
    // IEEE 754: values on and beside every boundary, with their patterns worked out by hand.
    let cases: [(Float, Float)] = [
      (0, 0), (1, 1), (-2, -2), (65504, 65504), (65519, 65504), (65520, .infinity),
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
}
