import Codecs
import Files
import Tensors
import Testing

/// Bytes that no codec wrote: they give a tensor or a typed error, and never anything else.
@Suite struct DamagedStreamTests {
  /// Decodes bytes and returns the error, if there is one; anything but a `CodecError` does not
  /// compile.
  func error(_ bytes: [UInt8], _ tables: CodecTables = .none) -> CodecError? {
    do throws(CodecError) {
      _ = try LatentStream(bytes, mostElements: 1 << 16).latent(tables: tables)
      return nil
    } catch {
      return error
    }
  }

  /// A stream with a checksum that fits whatever it holds.
  func checked(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var crc = CRC32C()
    let body = Array(bytes)
    body.withUnsafeBytes { crc.update($0) }
    return body + (0..<4).map { UInt8(truncatingIfNeeded: crc.value >> (8 * $0)) }
  }

  @Test(arguments: CodecCase.all) func everyTruncationIsNoticed(_ test: CodecCase) throws {
    let (codec, tables) = try test.codec(for: reluLatent([5, 4, 3]))
    let bytes = try codec.stream(reluLatent([5, 4, 3]))
    for length in 0..<bytes.count { #expect(error(Array(bytes.prefix(length)), tables) != nil) }
    // So are truncations that were given a checksum.
    for length in 8..<bytes.count - 4 {
      #expect(error(checked(bytes.prefix(length)), tables) != nil)
    }
    #expect(error(bytes, tables) == nil)
    #expect(error(bytes + [0], tables) != nil)
    #expect(error(checked(bytes.dropLast(4) + [0]), tables) != nil)
  }

  @Test(arguments: CodecCase.all) func everyFlippedBitIsNoticed(_ test: CodecCase) throws {
    let (codec, tables) = try test.codec(for: reluLatent([5, 4, 3]))
    var bytes = try codec.stream(reluLatent([5, 4, 3]))
    for bit in 0..<8 * bytes.count {
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(error(bytes, tables) != nil, "bit \(bit)")
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    }
  }

  /// With a checksum that fits, a flipped bit may make another latent, and no worse.
  @Test(arguments: CodecCase.all) func forgedBitsDoNoHarm(_ test: CodecCase) throws {
    let (codec, tables) = try test.codec(for: reluLatent([5, 4, 3]))
    var body = Array(try codec.stream(reluLatent([5, 4, 3])).dropLast(4))
    var refused = 0
    for bit in 0..<8 * body.count {
      body[bit / 8] ^= 1 << UInt8(bit % 8)
      if error(checked(body), tables) != nil { refused += 1 }
      body[bit / 8] ^= 1 << UInt8(bit % 8)
    }
    #expect(refused > 0)
  }

  @Test(arguments: CodecCase.all) func randomBytesDoNoHarm(_ test: CodecCase) throws {
    var random = RandomSource(seed: 8)
    let (codec, tables) = try test.codec(for: reluLatent([5, 4, 3]))
    let whole = Array(try codec.stream(reluLatent([5, 4, 3])).dropLast(4))
    let header = Array(whole.prefix(11))
    var refused = 0
    for _ in 0..<3000 {
      // A header that fits, and anything after it: now all random, now from the stream.
      let length = Int.random(in: 0...80, using: &random)
      let kept = Bool.random(using: &random) ? Int.random(in: 0..<whole.count, using: &random) : 11
      var body = kept > 11 ? Array(whole.prefix(kept)) : header
      for _ in 0..<length { body.append(UInt8.random(in: 0...255, using: &random)) }
      if error(checked(body), tables) != nil { refused += 1 }
    }
    #expect(refused > 0)
  }

  @Test func hugeClaimsAreRefusedBeforeAnythingIsAllocated() {
    let head = Array("CLVL".utf8) + [1, 3, 0]
    // 2³¹ − 1 in each of two axes.
    let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x07]
    #expect(
      error(checked(head + [2] + huge + huge))
        == .tooLarge(elements: 2_147_483_647, most: 1 << 16))
    #expect(
      error(checked(head + [9])) == .damaged("the rank is 9, expected at most 8"))
    #expect(
      error(checked(Array("CLVL".utf8) + [1, 200, 0, 0])) == .unknownCodec(200))
    #expect(error(checked(Array("CLVL".utf8) + [2, 0, 0, 0])) == .version(found: 2, newest: 1))
    #expect(error(Array("PNG!".utf8) + [0, 0, 0, 0, 0]) == .notAStream)
    #expect(error([]) == .truncated(needed: "the header"))
  }
}
