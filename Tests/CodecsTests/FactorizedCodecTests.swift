import Codecs
import Foundation
import Tensors
import Testing

@Suite struct FactorizedCodecTests {
  let tables = FactorizedTables.bellShaped(channels: 6)

  /// A latent drawn from the tables' own distributions, near enough.
  private func latent(_ shape: Shape, seed: UInt64 = 1) -> Tensor<Float> {
    var random = RandomSource(seed: seed)
    return Tensor(
      shape,
      (0..<shape.elementCount).map { index in
        let width = (1 + Double(index % 6 % 5)).squareRoot()
        return -0.25 * Float(index % 6 % 4) + Float(min(4, max(-4, width * random.normal())))
      })
  }

  @Test func whatIsDecodedIsWhatTheBottleneckRoundsTo() throws {
    let latent = latent([9, 5, 6])
    let stream = try FactorizedCodec(tables, tableNumber: 3).stream(latent)
    let decoded = try LatentStream(stream).latent(tables: CodecTables([3: tables]))
    for (index, value) in latent.scalars.enumerated() {
      let median = -0.25 * Float(index % 6 % 4)
      #expect(decoded.scalars[index] == (value - median).rounded(.toNearestOrEven) + median)
    }
  }

  @Test(arguments: [[3, 4, 6], [15, 15, 6], [64, 64, 6]] as [Shape])
  func bytesAreThoseExpectedAndAHeader(_ shape: Shape) throws {
    let codec = FactorizedCodec(tables, tableNumber: 1)
    for seed in 1...5 {
      let latent = latent(shape, seed: UInt64(seed))
      let bytes = Double(try codec.stream(latent).count)
      let expected = try #require(try codec.expectedBytes(latent))
      #expect(bytes >= expected)
      #expect(bytes - expected <= max(20, 0.01 * expected), "\(bytes) of \(expected)")
    }
  }

  @Test func valuesWithoutAnEntryAreEscaped() throws {
    let codec = FactorizedCodec(tables, tableNumber: 1)
    var scalars = latent([4, 4, 6]).scalars
    scalars[7] = 1000
    scalars[8] = -70_000
    scalars[95] = 4.9
    let latent = Tensor<Float>([4, 4, 6], scalars)
    let stream = try codec.stream(latent)
    let decoded = try LatentStream(stream).latent(tables: CodecTables([1: tables]))
    #expect(decoded.scalars[7] == 999.75)
    #expect(decoded.scalars[8] == -70_000.5)
    #expect(decoded.scalars[95] == 4.75)
    #expect(abs(Double(stream.count) - (try codec.expectedBytes(latent) ?? 0)) < 24)
  }

  @Test func tablesAreReadAsTheyWereWritten() throws {
    let bytes = tables.bytes
    #expect(try FactorizedTables(bytes) == tables)
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x10
      #expect(throws: CodecError.self) { try FactorizedTables(damaged) }
    }
    for length in bytes.indices {
      #expect(throws: CodecError.self) { try FactorizedTables(Array(bytes.prefix(length))) }
    }
  }

  @Test func streamsNeedTheirTables() throws {
    let latent = latent([2, 2, 6])
    let stream = try LatentStream(FactorizedCodec(tables, tableNumber: 5).stream(latent))
    #expect(throws: CodecError.unknownTable(5, known: [4])) {
      try stream.latent(tables: CodecTables([4: tables]))
    }
    let other = FactorizedTables.bellShaped(channels: 5)
    #expect(throws: CodecError.shape(expected: [5], found: [2, 2, 6])) {
      try stream.latent(tables: CodecTables([5: other]))
    }
  }
}
