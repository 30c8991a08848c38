import Files
import Testing

@Suite struct CRC32CTests {
  // RFC 3720, appendix B.4, and the check value of the catalogue of parametrised CRC algorithms
  // for "123456789".
  @Test(
    arguments: [
      ([UInt8]("123456789".utf8), 0xe306_9283), ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
      ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43), (Array(0..<32), 0x46dd_794e),
      ((0..<32).reversed(), 0x113f_db5c), ([], 0),
    ] as [([UInt8], UInt32)])
  func checksumsAreThePublishedOnes(bytes: [UInt8], expected: UInt32) {
    #expect(CRC32C.checksum(bytes) == expected)
  }

  @Test func piecesGiveTheCheckOfTheWhole() {
    let bytes = (0..<101).map { UInt8($0 * 7 % 251) }
    var check = CRC32C()
    for piece in [bytes[..<3], bytes[3..<20], bytes[20...]] {
      Array(piece).withUnsafeBytes { check.update($0) }
    }
    #expect(check.value == CRC32C.checksum(bytes))
  }

  @Test func everyFlippedBitChangesTheCheck() {
    let bytes = (0..<40).map { UInt8($0) }
    for bit in 0..<320 {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      #expect(CRC32C.checksum(damaged) != CRC32C.checksum(bytes))
    }
  }
}
