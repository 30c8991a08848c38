internal import Files

/// Indices of a fixed number of bits behind a short header, in a frame that bit errors cannot make
/// unreadable: a bit that is turned over changes the index it belongs to and no other.
///
/// | bytes | what |
/// |---|---|
/// | 2 | the number of the frame |
/// | 2 | how many indices |
/// | 2 | the lower half of the CRC-32C of the header before |
/// | the rest | the indices, the first in the lowest bits, in a ``BitCode`` |
///
/// The header is what a link protects as it does its own; a receiver knows the bits of an index and the
/// code beforehand. Source: SemanticNN, https://arxiv.org/abs/2511.11038, whose packets have a checksum of
/// the header alone.
public struct IndexFrame: Equatable, Sendable {
  /// Bytes of the header.
  public static let headerByteCount = 6

  /// How many indices a frame may have.
  public static let mostIndices = Int(UInt16.max)

  /// The bits an index may have.
  public static let bitRange = 1...8

  /// The number of the frame, which returns to 0 behind 65,535.
  public var sequence: UInt16
  /// The indices.
  public var indices: [UInt8]

  /// Creates a frame.
  ///
  /// - Precondition: at most ``mostIndices``.
  public init(sequence: UInt16, indices: [UInt8]) {
    precondition(
      indices.count <= IndexFrame.mostIndices, "IndexFrame: \(indices.count) indices")
    self.sequence = sequence
    self.indices = indices
  }

  /// How many bytes a frame of so many indices takes.
  public static func byteCount(indices: Int, bits: Int, code: BitCode = .none) -> Int {
    headerByteCount + code.encodedByteCount((indices * bits + 7) / 8)
  }

  /// The frame as it is sent.
  ///
  /// - Precondition: 1 to 8 bits, which hold every index.
  public func bytes(bits: Int, code: BitCode = .none) -> [UInt8] {
    precondition(
      IndexFrame.bitRange.contains(bits) && indices.allSatisfy { Int($0) < 1 << bits },
      "IndexFrame: an index of more than \(bits) bits")
    var writer = ByteWriter()
    writer.write(fixed: sequence)
    writer.write(fixed: UInt16(indices.count))
    writer.write(fixed: IndexFrame.check(writer.bytes[...]))
    writer.write(code.encode(IndexFrame.packed(indices, bits: bits)))
    return writer.bytes
  }

  /// Reads a frame whose body may have been damaged; its header tells whether it itself was.
  ///
  /// - Parameter most: as many indices as the receiver expects at most.
  /// - Throws: ``CodecError`` if the header is damaged or the body of another length than it says.
  public init(
    _ bytes: [UInt8], bits: Int, code: BitCode = .none, most: Int = IndexFrame.mostIndices
  ) throws(CodecError) {
    precondition(IndexFrame.bitRange.contains(bits), "IndexFrame: indices of \(bits) bits")
    var reader = ByteReader(bytes)
    sequence = try reader.fixed(UInt16.self, of: "the number of the frame")
    let count = Int(try reader.fixed(UInt16.self, of: "the number of indices"))
    guard try reader.fixed(UInt16.self, of: "the checksum") == IndexFrame.check(bytes[..<4]) else {
      throw .checksum
    }
    guard count <= most else { throw .tooLarge(elements: count, most: most) }
    let packed = (count * bits + 7) / 8
    let body = try reader.bytes(code.encodedByteCount(packed), of: "the indices")
    guard reader.remaining == 0 else {
      throw .damaged("\(reader.remaining) bytes are left over")
    }
    indices = IndexFrame.unpacked(
      code.decode(Array(body), count: packed), count: count, bits: bits)
  }

  /// Indices side by side, the first in the lowest bits.
  public static func packed(_ indices: [UInt8], bits: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (indices.count * bits + 7) / 8)
    for (index, value) in indices.enumerated() {
      let place = index * bits
      let shifted = UInt16(value) << UInt16(place % 8)
      bytes[place / 8] |= UInt8(truncatingIfNeeded: shifted)
      if place % 8 + bits > 8 { bytes[place / 8 + 1] |= UInt8(truncatingIfNeeded: shifted >> 8) }
    }
    return bytes
  }

  /// The indices that ``packed(_:bits:)`` made bytes.
  ///
  /// - Precondition: as many bytes as it makes.
  public static func unpacked(_ bytes: [UInt8], count: Int, bits: Int) -> [UInt8] {
    precondition(
      bytes.count == (count * bits + 7) / 8, "IndexFrame: \(bytes.count) bytes for \(count) indices"
    )
    let mask = UInt16(1 << bits - 1)
    return (0..<count).map { index in
      let place = index * bits
      var value = UInt16(bytes[place / 8])
      if place % 8 + bits > 8 { value |= UInt16(bytes[place / 8 + 1]) << 8 }
      return UInt8(truncatingIfNeeded: value >> UInt16(place % 8) & mask)
    }
  }

  private static func check(_ header: ArraySlice<UInt8>) -> UInt16 {
    var crc = CRC32C()
    header.withUnsafeBytes { crc.update($0) }
    return UInt16(truncatingIfNeeded: crc.value)
  }
}
