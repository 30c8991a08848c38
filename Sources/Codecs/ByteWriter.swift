/// Collects the bytes of a stream, little-endian.
public struct ByteWriter {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []

  /// Begins with nothing.
  public init() {}

  /// Appends a byte.
  public mutating func write(byte: UInt8) { bytes.append(byte) }

  /// Appends bytes.
  public mutating func write(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  /// Appends an integer of a fixed width.
  public mutating func write<Integer: FixedWidthInteger>(fixed value: Integer) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Appends a number in single precision.
  public mutating func write(_ value: Float) { write(fixed: value.bitPattern) }

  /// Appends an integer of seven bits a byte, the lowest first.
  ///
  /// - Precondition: it is not negative.
  public mutating func write(variable value: Int) {
    precondition(value >= 0, "ByteWriter: \(value) is negative")
    var rest = UInt64(value)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

extension ByteWriter {
  /// Appends words of sixteen bits.
  mutating func write(words: UnsafeBufferPointer<UInt16>) {
    #if _endian(little)
      bytes.append(contentsOf: UnsafeRawBufferPointer(words))
    #else
      for word in words { write(fixed: word) }
    #endif
  }
}
