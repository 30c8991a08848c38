import Codecs
import Foundation
import Tensors
import Testing

/// A feature as a convolution and a ReLU leave it: in every channel some hills, and zeros between.
private func hillFeature(_ shape: Shape = [14, 14, 32], seed: UInt64 = 1) -> Tensor<Float> {
  var random = RandomSource(seed: seed)
  let (height, width, channels) = (shape[0], shape[1], shape[2])
  let centres = (0..<channels).map { _ in
    (
      Float.random(in: 0..<Float(height), using: &random),
      Float.random(in: 0..<Float(width), using: &random),
      Float.random(in: 1..<4, using: &random)
    )
  }
  let noise = (random.normal(shape) as Tensor<Float>).scalars
  return Tensor(
    shape,
    (0..<shape.elementCount).map { index in
      let (row, column) = (index / (width * channels), index / channels % width)
      let (y, x, size) = centres[index % channels]
      let distance =
        ((Float(row) - y) * (Float(row) - y) + (Float(column) - x) * (Float(column) - x))
        .squareRoot()
      return max(0, size * (1 - distance / 5) + 0.4 * noise[index])
    })
}

@Suite struct SLICERTests {
  // MARK: - Filtering

  @Test func negativeValuesCountTheirAsymmetry() {
    // Scores 1, 2, 3, 4 with λ = 1; 1, 1, 3, 2 with λ = 1/2.
    let values: [Float] = [1, -2, 3, -4]
    #expect(MagnitudeFilter(count: 2).survivors(of: values) == [2, 3])
    #expect(MagnitudeFilter(count: 1, asymmetry: 0.5).survivors(of: values) == [2])
    // The tie of 0 and 1 goes to the lowest index.
    #expect(MagnitudeFilter(count: 3, asymmetry: 0.5).survivors(of: values) == [0, 2, 3])
    #expect(MagnitudeFilter(count: 2, asymmetry: 0).survivors(of: values) == [0, 2])
    #expect(MagnitudeFilter(count: 2, asymmetry: 2).survivors(of: values) == [1, 3])
  }

  @Test func budgetsShareOutTheSurvivors() {
    let values: [Float] = [1, -2, 3, -4, 0, -9, 2]
    // ⌈0.5 · 3⌉ = 2 that are not negative, 1 that is.
    #expect(
      MagnitudeFilter(count: 3, asymmetry: 0.5, reading: .budget).survivors(of: values)
        == [2, 5, 6])
    // Of five negatives there are three: the other side has two more than its none.
    #expect(
      MagnitudeFilter(count: 5, asymmetry: 0, reading: .budget).survivors(of: values)
        == [1, 2, 3, 5, 6])
    // Of six that are not negative there are four, zero among them.
    #expect(
      MagnitudeFilter(count: 6, asymmetry: 1, reading: .budget).survivors(of: values)
        == [0, 2, 3, 4, 5, 6])
  }

  @Test(arguments: MagnitudeFilter.Reading.allCases, [Float(0), 0.3, 1])
  func exactlySoManySurviveAndNoneOfThemIsSmaller(
    reading: MagnitudeFilter.Reading, asymmetry: Float
  ) {
    var random = RandomSource(seed: 4)
    // Few different values, so that there are ties.
    let values = (0..<300).map { _ in
      Float((Float.random(in: -4...4, using: &random) * 3).rounded()) * 0x1p-20
    }
    for count in [0, 1, 2, 37, 150, 299, 300] {
      let survivors = MagnitudeFilter(count: count, asymmetry: asymmetry, reading: reading)
        .survivors(of: values)
      #expect(survivors.count == count)
      #expect(survivors == Array(Set(survivors)).sorted())
      let isKept = Set(survivors)
      for sign in [true, false] {
        // Within a sign, both readings go by magnitude and then by index.
        let ordered = values.indices.filter { (values[$0] < 0) == sign }
          .sorted { (abs(values[$1]), $0) < (abs(values[$0]), $1) }
        let kept = ordered.filter { isKept.contains($0) }
        if reading == .budget || asymmetry > 0 {
          #expect(Array(ordered.prefix(kept.count)) == kept)
        }
      }
    }
  }

  // MARK: - Splitting

  @Test func blocksAreOfOneSizeAndInOrder() {
    var random = RandomSource(seed: 5)
    let values = (0..<101).map { _ in (Float.random(in: -9...9, using: &random)).rounded() }
    for count in [1, 2, 3, 4, 8, 16] {
      let blocks = SLICERCodec.split(Array(values.indices), of: values, into: count)
      #expect(blocks.count == count)
      #expect(Set(blocks.joined()) == Set(values.indices))
      let sizes = blocks.map(\.count)
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
      for (low, high) in zip(blocks, blocks.dropFirst()) {
        #expect(
          (low.map { abs(values[$0]) }.max() ?? 0) <= (high.map { abs(values[$0]) }.min() ?? 0))
      }
    }
  }

  // MARK: - Quantising

  @Test func theFewestBitsThatAreGoodEnoughAreTaken() {
    // 0 … 255 are their own indices. With b bits and w = 2^(8−b), half of the indices are w/4 off
    // on average, but the last w/2 that would become 256 are read as 255.
    let values = (0...255).map { Float($0) }
    func bits(_ tolerance: Float, _ bound: AdaptiveBitQuantizer.Bound) -> Int {
      AdaptiveBitQuantizer(values, tolerance: tolerance, bound: bound, meanMagnitude: 127.5).bits
    }
    #expect(bits(0, .index) == 8)
    #expect(bits(0.001, .index) == 8)
    // w = 2: every odd index is 1 off, the last is not: 127 / 256 / 256 = 0.00194.
    #expect(bits(0.00194, .index) == 7)
    // The middle is 64 off on average: 64 / 256 = 0.25.
    #expect(bits(0.2499, .index) == 1)
    #expect(bits(0.25, .index) == 0)
    // Relative to 127.5: 64 / 127.5 = 0.50196, and 127 / 256 / 127.5 = 0.00389.
    #expect(bits(0.502, .relative) == 0)
    #expect(bits(0.5019, .relative) == 1)
    #expect(bits(0.0039, .relative) == 7)
    #expect(bits(0.0038, .relative) == 8)
  }

  @Test func theToleranceHolds() throws {
    let latent = hillFeature()
    for tolerance in [Float(0.01), 0.05, 0.2] {
      for blocks in [1, 4] {
        let codec = SLICERCodec(keep: 0.2, blocks: blocks, tolerance: tolerance)
        let decoded = try LatentStream(codec.stream(latent)).latent().scalars
        let sent = zip(latent.scalars, decoded).filter { $0.1 != 0 }
        #expect(abs(sent.count - 1254) <= 1, "keeps a fifth of 6272")
        let lost = sent.reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) }
        let all = sent.reduce(0.0) { $0 + Double(abs($1.0)) }
        #expect(lost <= Double(tolerance) * all * 1.0001)
      }
    }
  }

  // MARK: - Coding

  @Test func onlySurvivorsAreSent() throws {
    // 5 of 10 survive, of which one is zero; the values are indices of one block, or its middle.
    let latent = Tensor<Float>([10], [0, 4, 0, 0, 1, 0, -2, 0, 0, 3])
    let exact = SLICERCodec(keep: 0.5, tolerance: 0)
    let decoded = try LatentStream(exact.stream(latent)).latent().scalars
    for (value, found) in zip(latent.scalars, decoded) { #expect(abs(value - found) <= 6 / 510) }
    let middle = SLICERCodec(keep: 0.2, tolerance: 1)
    #expect(
      try LatentStream(middle.stream(latent)).latent().scalars
        == [0, 3.5, 0, 0, 0, 0, 0, 0, 0, 3.5])
    let nothing = SLICERCodec(keep: 0)
    #expect(try LatentStream(nothing.stream(latent)).latent() == Tensor([10], repeating: 0))
  }

  @Test func extremeValuesStayFinite() throws {
    let most = Float.greatestFiniteMagnitude
    let latent = Tensor<Float>([4], [-most, most, most / 2, -most / 3])
    for blocks in [1, 2, 4] {
      let codec = SLICERCodec(keep: 1, blocks: blocks, tolerance: 0)
      let decoded = try LatentStream(codec.stream(latent)).latent().scalars
      for (value, found) in zip(latent.scalars, decoded) {
        #expect(found.isFinite)
        #expect(abs(value / 2 - found / 2) <= most / 255)
      }
    }
  }

  /// The ideal accounting: what positions, membership and codes take at order 0, and a header.
  private func idealBytes(_ latent: Tensor<Float>, _ codec: SLICERCodec) throws -> Double {
    let decoded = try LatentStream(codec.stream(latent)).latent().scalars
    let values = latent.scalars
    let sent = decoded.indices.filter { decoded[$0] != 0 }
    func entropy(_ counts: [Int]) -> Double {
      let total = Double(counts.reduce(0, +))
      return counts.filter { $0 > 0 }.reduce(0) { $0 - Double($1) * log2(Double($1) / total) }
    }
    let blocks = SLICERCodec.split(sent, of: values, into: codec.blocks)
    var bits = entropy([sent.count, values.count - sent.count]) + entropy(blocks.map(\.count))
    for block in blocks {
      var counts: [Float: Int] = [:]
      for index in block { counts[decoded[index], default: 0] += 1 }
      bits += entropy(Array(counts.values))
    }
    // The container and three extents, flags, λ, M, δ, K, what is sent, bits and range of each
    // block, and the coder's last state.
    let header = 12 + 3 + 1 + 4 + 1 + 4 + 2 + 2 + Double(blocks.count) * 8.5 + 4
    return bits / 8 + header
  }

  @Test(arguments: [1, 2, 4, 8], [0.1, 0.2, 0.3])
  func codedBytesAreNearTheIdeal(blocks: Int, keep: Double) throws {
    for seed in 1...3 {
      let latent = hillFeature(seed: UInt64(seed))
      let codec = SLICERCodec(keep: keep, blocks: blocks, tolerance: 0.05)
      let bytes = Double(try codec.stream(latent).count)
      let ideal = try idealBytes(latent, codec)
      #expect(bytes <= 1.02 * ideal, "\(bytes) and \(ideal)")
    }
    // Nothing to learn from neighbours: what adapting costs stays small in a large feature.
    let noise = reluLatent([48, 48, 32])
    let codec = SLICERCodec(keep: keep, blocks: blocks, tolerance: 0.05)
    let bytes = Double(try codec.stream(noise).count)
    let ideal = try idealBytes(noise, codec)
    #expect(bytes <= 1.02 * ideal && bytes >= 0.98 * ideal, "\(bytes) and \(ideal)")
  }

  @Test func claimsThatCannotBeAreRefused() throws {
    // 60 values, of which 70 survive.
    var payload = ByteWriter()
    payload.write(byte: 0)
    payload.write(variable: 70)
    #expect(throws: CodecError.damaged("the number of survivors is 70, expected 0 to 60")) {
      try LatentStream(codec: SLICERCodec.number, shape: [5, 12], payload: payload.bytes).latent()
    }
    // A NaN as δ, after 3 survivors, λ = 1 and M = 1.
    payload = ByteWriter()
    payload.write(byte: 0)
    payload.write(variable: 3)
    payload.write(Float(1))
    payload.write(byte: 1)
    payload.write(Float.nan)
    #expect(throws: CodecError.damaged("the tolerance is nan")) {
      try LatentStream(codec: SLICERCodec.number, shape: [5, 12], payload: payload.bytes).latent()
    }
  }
}
