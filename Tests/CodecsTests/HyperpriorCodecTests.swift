import Codecs
import Tensors
import Testing

@Suite struct HyperpriorCodecTests {
  private func latent(
    _ shape: Shape, width: Double = 2, seed: UInt64 = 1
  ) -> Tensor<Float> {
    var random = RandomSource(seed: seed)
    return Tensor(shape, (0..<shape.elementCount).map { _ in Float(width * random.normal()) })
  }

  @Test(arguments: [false, true]) func whatIsDecodedIsRoundedFromItsMean(hasMeans: Bool) throws {
    let tables = HyperpriorTables.random(channels: 6, hasMeans: hasMeans)
    #expect(tables.hasMeans == hasMeans && tables.channels == 6 && tables.scaleCount == 40)
    for shape: Shape in [[8, 8, 6], [7, 5, 6], [1, 1, 6], [2, 9, 6]] {
      let latent = latent(shape)
      let stream = try HyperpriorCodec(tables, tableNumber: 3).stream(latent)
      let decoded = try LatentStream(stream).latent(tables: CodecTables([3: tables]))
      var whole = 0
      for (value, found) in zip(latent.scalars, decoded.scalars) {
        #expect(abs(value - found) <= 0.50001)
        if found == found.rounded() { whole += 1 }
      }
      if hasMeans { #expect(whole < latent.count / 2) } else { #expect(whole == latent.count) }
    }
  }

  @Test(arguments: [false, true]) func bytesAreThoseExpectedAndAHeader(hasMeans: Bool) throws {
    let tables = HyperpriorTables.random(channels: 4, hasMeans: hasMeans)
    let codec = HyperpriorCodec(tables, tableNumber: 0)
    for seed in 1...8 {
      for shape: Shape in [[4, 4, 4], [16, 16, 4]] {
        // Narrow, so that most values have an entry in the tables of networks nobody trained.
        let latent = latent(shape, width: 0.3, seed: UInt64(seed))
        let bytes = Double(try codec.stream(latent).count)
        let expected = try #require(try codec.expectedBytes(latent))
        #expect(bytes >= expected)
        // Twenty of the header and the coder's state, and what counts values without an entry.
        #expect(bytes - expected <= max(23, 0.01 * expected), "\(bytes) of \(expected)")
      }
    }
  }

  @Test func aWiderLatentNeedsMoreTables() throws {
    // With magnitudes as they are for deviations.
    let same = [Float](repeating: 0, count: 1)
    func identity(_ count: Int, stride: Int = 1) -> IntegerNetwork.Layer {
      .convolution(
        IntegerNetwork.Convolution(
          inputs: 1, outputs: count, kernel: 1, stride: stride,
          weights: [Float](repeating: 1, count: count), biases: same))
    }
    let tables = HyperpriorTables(
      analysis: IntegerNetwork([.absolute, identity(1)]),
      synthesis: IntegerNetwork([identity(1)]),
      hyper: [FactorizedTables.Channel(median: 0, lowest: 0, probabilities: [0.5, 0.3])])
    func count(_ value: Float) throws -> Int {
      try tables.scaleCount(for: Tensor([2, 2, 1], repeating: value))
    }
    #expect(try count(0) == 1)
    #expect(try count(3) < count(-40))
    #expect(try count(16000) == 64)
    #expect(HyperpriorTables.scales.count == 64)
    #expect(abs(HyperpriorTables.scales[0] - 0.11) < 1e-12)
    #expect(abs(HyperpriorTables.scales[63] - 256) < 1e-9)
    // The table is that of the nearest deviation: its neighbours have more bits for what it expects.
    let wide = try #require(
      try HyperpriorCodec(tables, tableNumber: 0).expectedBytes(Tensor([2, 2, 1], repeating: 100)))
    let narrow = try #require(
      try HyperpriorCodec(tables, tableNumber: 0).expectedBytes(Tensor([2, 2, 1], repeating: 5)))
    #expect(narrow < wide)
    #expect(tables.bytes.count > 10_000)
  }

  @Test func multiplyAccumulatesAreThoseOfBothNetworks() {
    let codec = HyperpriorCodec(.random(channels: 4, hasMeans: true), tableNumber: 0)
    // Halved twice from 7×5: 4×3 and 2×2; back over 4×3 to 7×5.
    let down = 9 * (35 * 4 * 3 + 12 * 3 * 3 + 4 * 3 * 3)
    let up = 9 * (12 * 3 * 5 + 35 * 5 * 5 + 35 * 5 * 8)
    #expect(codec.multiplyAccumulates([7, 5, 4]) == down + up)
    #expect(IdentityCodec().multiplyAccumulates([7, 5, 4]) == 0)
  }

  @Test func tablesAreReadAsTheyWereWritten() throws {
    let tables = HyperpriorTables.random(channels: 2, hasMeans: true)
    let bytes = tables.bytes
    #expect(try HyperpriorTables(bytes) == tables)
    #expect(try CodecTables(bytes, number: 9).byNumber[9] as? HyperpriorTables == tables)
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x10
      #expect(throws: CodecError.self) { try CodecTables(damaged) }
    }
    for length in bytes.indices {
      #expect(throws: CodecError.self) { try CodecTables(Array(bytes.prefix(length))) }
    }
  }

  @Test func streamsNeedTheirTables() throws {
    let tables = HyperpriorTables.random(channels: 4, hasMeans: false)
    let stream = try LatentStream(
      HyperpriorCodec(tables, tableNumber: 5).stream(latent([2, 2, 4])))
    #expect(throws: CodecError.unknownTable(5, known: [4])) {
      try stream.latent(tables: CodecTables([4: tables]))
    }
    // Tables of another kind are none.
    #expect(throws: CodecError.unknownTable(5, known: [])) {
      try stream.latent(tables: CodecTables([5: FactorizedTables.bellShaped(channels: 4)]))
    }
    let other = HyperpriorTables.random(channels: 3, hasMeans: false)
    #expect(throws: CodecError.shape(expected: [3], found: [2, 2, 4])) {
      try stream.latent(tables: CodecTables([5: other]))
    }
  }
}
