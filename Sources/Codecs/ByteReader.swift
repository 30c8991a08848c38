/// Reads the bytes of a stream in order and never beyond their end.
public struct ByteReader {
  private let bytes: [UInt8]
  /// The next byte.
  public private(set) var position: Int
  /// One past the last byte.
  public let end: Int

  /// Reads part of a stream.
  ///
  /// - Precondition: the range lies in the bytes.
  public init(_ bytes: [UInt8], _ range: Range<Int>? = nil) {
    let range = range ?? 0..<bytes.count
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// How many bytes are left.
  public var remaining: Int { end - position }

  /// The next byte.
  ///
  /// - Throws: ``CodecError/truncated(needed:)``.
  public mutating func byte(of part: String) throws(CodecError) -> UInt8 {
    guard remaining >= 1 else { throw .truncated(needed: part) }
    defer { position += 1 }
    return bytes[position]
  }

  /// An integer of a fixed width.
  ///
  /// - Throws: ``CodecError/truncated(needed:)``.
  public mutating func fixed<Integer: FixedWidthInteger>(
    _ type: Integer.Type, of part: String
  ) throws(CodecError) -> Integer {
    let size = Integer.bitWidth / 8
    guard remaining >= size else { throw .truncated(needed: part) }
    let start = position
    position += size
    return bytes.withUnsafeBytes {
      Integer(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: Integer.self))
    }
  }

  /// A number in single precision.
  ///
  /// - Throws: ``CodecError/truncated(needed:)``.
  public mutating func float(of part: String) throws(CodecError) -> Float {
    Float(bitPattern: try fixed(UInt32.self, of: part))
  }

  /// An integer of seven bits a byte, within bounds.
  ///
  /// - Throws: ``CodecError``.
  public mutating func variable(
    of part: String, in bounds: ClosedRange<Int>
  ) throws(CodecError) -> Int {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte(of: part)
      guard shift < 63 else { throw .damaged("\(part) is longer than an integer") }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { break }
      shift += 7
    }
    guard let integer = Int(exactly: value), bounds.contains(integer) else {
      throw .damaged(
        "\(part) is \(value), expected \(bounds.lowerBound) to \(bounds.upperBound)")
    }
    return integer
  }

  /// A run of bytes.
  ///
  /// - Throws: ``CodecError/truncated(needed:)``.
  public mutating func bytes(_ count: Int, of part: String) throws(CodecError) -> ArraySlice<UInt8>
  {
    guard count >= 0, remaining >= count else { throw .truncated(needed: part) }
    defer { position += count }
    return bytes[position..<position + count]
  }
}
