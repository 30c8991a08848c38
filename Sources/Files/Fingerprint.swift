/// Digest of a text or file: 16 hexadecimal digits that differ where the contents do, except by rare chance.
///
/// FNV-1a of 64 bits, http://www.isthe.com/chongo/tech/comp/fnv; no protection against intent.
package enum Fingerprint {
  /// The digits of a text's bytes in UTF-8.
  package static func of(_ text: String) -> String { of(Array(text.utf8)) }

  /// The digits of a file's bytes.
  ///
  /// - Throws: ``FileError`` if it cannot be read.
  package static func of(file: String) throws(FileError) -> String { of(try WholeFile.read(file)) }

  private static func of(_ bytes: [UInt8]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
