import Codecs
import Tensors
import Testing

@Suite struct ErrorControlTests {
  // MARK: - Bit errors

  /// Values of ½ erfc(√10^(d/10)) from `math.erfc` of Python 3.11.
  @Test(arguments: [
    (-6.0, 0.2392287), (0, 0.0786496), (3, 0.0228784), (7, 0.000772674), (10, 3.87211e-6),
  ]) func theRateFollowsFromTheRatio(decibels: Double, rate: Double) {
    #expect(abs(BitErrors.rate(atDecibels: decibels) / rate - 1) < 1e-5)
    #expect(abs(BitErrors.decibels(atRate: rate) - decibels) < 1e-3)
  }

  @Test func ratesWithoutARatioHaveTheirLimits() {
    #expect(BitErrors.decibels(atRate: 0) == .infinity)
    #expect(BitErrors.decibels(atRate: 0.5) == -.infinity)
  }

  /// So many bits are hit as the rate says, within five standard deviations of independent ones.
  @Test(arguments: [
    (0.001, 1.0), (0.05, 1), (0.24, 1), (0.5, 1), (0.01, 8), (0.1, 30), (0.5, 8), (0.45, 1.5),
  ])
  func asManyBitsAreHitAsTheRateSays(rate: Double, burst: Double) {
    var source = RandomSource(seed: 5)
    let bits = 400_000
    var hits = 0
    var last = -1
    BitErrors(rate: rate, burstLength: burst).forEachError(in: bits, using: &source) { place in
      #expect(place > last && place < bits)
      last = place
      hits += 1
    }
    // Bits of a burst go together, which widens the distribution by at most their number.
    let deviation = (rate * (1 - rate) * Double(bits) * burst).squareRoot()
    #expect(abs(Double(hits) - rate * Double(bits)) <= 5 * deviation)
  }

  /// Within a burst every other bit is hit, so that errors stand near each other.
  @Test func burstsBringErrorsTogether() {
    func meanGapWithinBursts(_ burst: Double) -> Double {
      var source = RandomSource(seed: 2)
      var gaps: [Int] = []
      var last: Int?
      BitErrors(rate: 0.02, burstLength: burst).forEachError(in: 200_000, using: &source) {
        if let last { gaps.append($0 - last) }
        last = $0
      }
      return Double(gaps.count { $0 <= 4 }) / Double(gaps.count)
    }
    // Independent errors: 1 − 0.98⁴ = 7.8 % of gaps are of 4 bits or fewer; in bursts of 30 most are.
    #expect(abs(meanGapWithinBursts(1) - 0.078) < 0.02)
    #expect(meanGapWithinBursts(30) > 0.8)
  }

  @Test func theSameSourceTurnsTheSameBitsOver() {
    func corrupted() -> [UInt8] {
      var bytes = [UInt8](repeating: 0xA5, count: 64)
      var source = RandomSource(seed: 9, purpose: "channel")
      BitErrors(rate: 0.1).corrupt(&bytes, using: &source)
      return bytes
    }
    #expect(corrupted() == corrupted())
    #expect(corrupted() != [UInt8](repeating: 0xA5, count: 64))
    var whole: [UInt8] = [1, 2, 3]
    var source = RandomSource(seed: 1)
    #expect(BitErrors(rate: 0).corrupt(&whole, using: &source) == 0)
    #expect(whole == [1, 2, 3])
  }

  /// A symbol is hit if one of its bits would be: `1 − (1 − p)³`, and then becomes any other.
  @Test func symbolsAreReplacedByOthers() {
    var source = RandomSource(seed: 3)
    var symbols = [UInt8](repeating: 5, count: 60_000)
    symbols.withUnsafeMutableBufferPointer {
      IndexErrors(BitErrors(rate: 0.1), kind: .symbols).corrupt($0, bits: 3, using: &source)
    }
    let counts = (0..<8).map { symbol in symbols.count { $0 == UInt8(symbol) } }
    let hit = Double(60_000 - counts[5]) / 60_000
    #expect(abs(hit - 0.271) < 0.01)
    for symbol in 0..<8 where symbol != 5 {
      #expect(abs(Double(counts[symbol]) / 60_000 - hit / 7) < 0.005)
    }
  }

  @Test func bitsOfIndicesAreHitWhereTheyAreSent() {
    var byHand = IndexFrame.packed([1, 2, 3, 4, 5, 6, 7, 0], bits: 3)
    var source = RandomSource(seed: 4)
    BitErrors(rate: 0.2).corrupt(&byHand, using: &source)
    var indices: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 0]
    source = RandomSource(seed: 4)
    indices.withUnsafeMutableBufferPointer {
      IndexErrors(BitErrors(rate: 0.2)).corrupt($0, bits: 3, using: &source)
    }
    #expect(indices == IndexFrame.unpacked(byHand, count: 8, bits: 3))
  }

  // MARK: - Codes

  @Test(arguments: BitCode.allCases, [0, 1, 2, 7, 200])
  func codesGiveBackWhatWasEncoded(code: BitCode, count: Int) {
    var source = RandomSource(seed: 7)
    let message = (0..<count).map { _ in UInt8(truncatingIfNeeded: source.next()) }
    let sent = code.encode(message)
    #expect(sent.count == code.encodedByteCount(count))
    #expect(code.decode(sent, count: count) == message)
  }

  /// 100 bytes: 800 bits, times three 300 bytes, and times 7/4 175.
  @Test func codesTakeTheirShare() {
    #expect(BitCode.allCases.map { $0.encodedByteCount(100) } == [100, 300, 175])
    #expect(BitCode.hamming74.rate == 4.0 / 7)
  }

  /// Any single bit of the 56 that two bytes become may be wrong.
  @Test(arguments: [BitCode.repetition3, .hamming74])
  func anySingleErrorIsPutRight(code: BitCode) {
    let message: [UInt8] = [0xB7, 0x12]
    let sent = code.encode(message)
    let bits = code == .hamming74 ? 28 : 48
    for bit in 0..<bits {
      var received = sent
      received[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(code.decode(received, count: 2) == message)
    }
  }

  /// A burst of as many bits as there are codewords hits each once.
  @Test func aBurstAcrossCodewordsIsPutRight() {
    let message = (0..<64).map { UInt8($0 * 3) }
    var received = BitCode.hamming74.encode(message)
    for bit in 200..<328 { received[bit / 8] ^= 1 << UInt8(bit % 8) }
    #expect(BitCode.hamming74.decode(received, count: 64) == message)
  }

  /// At a rate p a code of seven bits fails with `1 − (1−p)⁷ − 7p(1−p)⁶`.
  @Test func whatIsLeftOfErrorsIsWhatTheCodeCannotRight() {
    let message = [UInt8](repeating: 0, count: 20_000)
    var received = BitCode.hamming74.encode(message)
    var source = RandomSource(seed: 8)
    BitErrors(rate: 0.05).corrupt(&received, using: &source)
    let decoded = BitCode.hamming74.decode(received, count: message.count)
    let wrong = decoded.reduce(0) { $0 + ($1 & 0xF == 0 ? 0 : 1) + ($1 >> 4 == 0 ? 0 : 1) }
    // 0.0444 of 40,000 words; a word with two errors never decodes to zeros.
    #expect(abs(Double(wrong) / 40_000 - 0.0444) < 0.004)
  }

  // MARK: - Frames

  @Test(arguments: 1...8) func framesGiveBackIndices(bits: Int) throws {
    var source = RandomSource(seed: UInt64(bits))
    let indices = (0..<133).map { _ in UInt8(source.index(below: 1 << bits)) }
    for code in BitCode.allCases {
      let frame = IndexFrame(sequence: 65_530, indices: indices)
      let bytes = frame.bytes(bits: bits, code: code)
      #expect(bytes.count == IndexFrame.byteCount(indices: 133, bits: bits, code: code))
      #expect(try IndexFrame(bytes, bits: bits, code: code) == frame)
    }
  }

  /// 128 indices of 3 bits are 48 bytes, and 6 of the header.
  @Test func aFrameOfThePaperTakesFewBytes() {
    #expect(IndexFrame.byteCount(indices: 128, bits: 3) == 54)
    #expect(
      IndexFrame(sequence: 0, indices: [1, 2, 4]).bytes(bits: 3).suffix(2) == [0b0001_0001, 1])
  }

  /// A bit of the body changes one index; one of the header is noticed.
  @Test func aDamagedBodyIsReadAndADamagedHeaderIsNot() throws {
    let frame = IndexFrame(sequence: 7, indices: [0, 1, 2, 3, 4, 5, 6, 7])
    let sent = frame.bytes(bits: 3)
    for bit in 0..<8 * sent.count {
      var bytes = sent
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      if bit < 8 * IndexFrame.headerByteCount {
        #expect(throws: CodecError.self) { try IndexFrame(bytes, bits: 3) }
      } else {
        let received = try IndexFrame(bytes, bits: 3)
        #expect(zip(received.indices, frame.indices).count { $0 != $1 } == 1)
      }
    }
  }

  @Test func framesOfAnotherLengthAreRefused() {
    let bytes = IndexFrame(sequence: 1, indices: [1, 2, 3]).bytes(bits: 3)
    #expect(throws: CodecError.truncated(needed: "the indices")) {
      try IndexFrame(Array(bytes.dropLast()), bits: 3)
    }
    #expect(throws: CodecError.damaged("1 bytes are left over")) {
      try IndexFrame(bytes + [0], bits: 3)
    }
    #expect(throws: CodecError.tooLarge(elements: 3, most: 2)) {
      try IndexFrame(bytes, bits: 3, most: 2)
    }
    #expect(throws: CodecError.truncated(needed: "the checksum")) {
      try IndexFrame(Array(bytes[..<5]), bits: 3)
    }
  }

  // MARK: - Centres

  @Test func valuesBecomeTheirNearestCentre() throws {
    let quantizer = CenterQuantizer([2, -1, 0.5])
    #expect(quantizer.centers == [-1, 0.5, 2])
    #expect(quantizer.bits == 2)
    // Middles are −0.25 and 1.25; of two that are equally near it is the lower one.
    let codes = try quantizer.codes(of: Tensor([6], [-9, -0.25, -0.2, 1.25, 1.3, 9]))
    #expect(codes == [0, 0, 1, 1, 2, 2])
    #expect(quantizer.values(of: [0, 1, 2, 3], shape: [4]).scalars == [-1, 0.5, 2, 2])
  }

  @Test func aNaNHasNoNearestCentre() {
    let quantizer = CenterQuantizer([2, -1, 0.5])
    #expect(throws: CodecError.notFinite(index: 2, value: .nan)) {
      try quantizer.codes(of: Tensor([3], [0, 1, .nan]))
    }
  }

  @Test func neighboursOfGrayIndicesDifferInABit() throws {
    let gray = CenterQuantizer(evenly: -3.5...3.5, levels: 8, mapping: .gray)
    let values = Tensor<Float>([8], (0..<8).map { -3.5 + Float($0) })
    let codes = try gray.codes(of: values)
    #expect(codes == [0, 1, 3, 2, 6, 7, 5, 4])
    #expect(gray.values(of: codes, shape: [8]) == values)
    for (one, next) in zip(codes, codes.dropFirst()) { #expect((one ^ next).nonzeroBitCount == 1) }
  }
}
