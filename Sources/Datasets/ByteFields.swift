/// The order of the bytes of a number.
enum ByteOrder {
  /// The least significant byte first.
  case little
  /// The most significant byte first.
  case big
}

extension [UInt8] {
  /// The unsigned number at an offset; nil beyond the end.
  ///
  /// - Precondition: at most 7 bytes.
  func number(at offset: Int, bytes count: Int, _ order: ByteOrder) -> Int? {
    precondition(count < 8, "a number of \(count) bytes")
    guard offset >= 0, offset <= self.count - count else { return nil }
    var value = 0
    for index in 0..<count {
      let byte = self[offset + (order == .big ? index : count - 1 - index)]
      value = value << 8 | Int(byte)
    }
    return value
  }

  /// Indicates whether some text stands at an offset.
  func has(_ text: String, at offset: Int) -> Bool {
    offset >= 0 && offset <= count && self[offset...].starts(with: text.utf8)
  }
}
