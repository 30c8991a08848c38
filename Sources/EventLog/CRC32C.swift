/// The cyclic redundancy check CRC-32C (Castagnoli): RFC 3720, appendix B.4,
/// https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4.
package enum CRC32C {
  /// The check value of bytes.
  package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
  }

  /// The check value as TFRecord files store it, so that a file of check values is checked well:
  /// rotated right by 15 bits, plus a constant.
  package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let checksum = checksum(bytes)
    return ((checksum >> 15) | (checksum << 17)) &+ 0xa282_ead8
  }

  /// The remainders of all bytes by the reflected polynomial 0x1EDC6F41.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? (value >> 1) ^ 0x82f6_3b78 : value >> 1
    }
  }
}
