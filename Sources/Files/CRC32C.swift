/// The Castagnoli cyclic redundancy check, RFC 3720 appendix B.4: finds every damage of up to 32
/// neighbouring bits, and any other with probability 1 − 2⁻³².
package struct CRC32C {
  private var state: UInt32 = 0xFFFF_FFFF

  /// Creates the check of nothing.
  package init() {}

  /// The check of what was added so far.
  package var value: UInt32 { ~state }

  /// Adds bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var crc = state
    CRC32C.tables.withUnsafeBufferPointer { table in
      var offset = 0
      // Eight bytes at a time, one table for the distance of each from the end.
      while offset + 8 <= bytes.count {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
        let low = UInt32(truncatingIfNeeded: word) ^ crc
        let high = UInt32(truncatingIfNeeded: word >> 32)
        crc =
          table[7 * 256 + Int(low & 0xFF)] ^ table[6 * 256 + Int(low >> 8 & 0xFF)]
          ^ table[5 * 256 + Int(low >> 16 & 0xFF)] ^ table[4 * 256 + Int(low >> 24)]
        crc ^=
          table[3 * 256 + Int(high & 0xFF)] ^ table[2 * 256 + Int(high >> 8 & 0xFF)]
          ^ table[256 + Int(high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
        offset += 8
      }
      while offset < bytes.count {
        crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[offset])) & 0xFF)]
        offset += 1
      }
    }
    state = crc
  }

  /// Adds a text and its length, so that neighbouring texts cannot be mistaken for each other.
  package mutating func update(_ text: String) {
    update(text.utf8.count)
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// Adds a number.
  package mutating func update(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: UInt64(truncatingIfNeeded: number).littleEndian) { update($0) }
  }

  /// Eight tables of 256: the check of a byte followed by zero to seven zero bytes.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
      tables[byte] = crc
    }
    for index in 256..<8 * 256 {
      let shorter = tables[index - 256]
      tables[index] = shorter >> 8 ^ tables[Int(shorter & 0xFF)]
    }
    return tables
  }()

  /// The check of bytes.
  package static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var check = CRC32C()
    bytes.withUnsafeBytes { check.update($0) }
    return check.value
  }
}
