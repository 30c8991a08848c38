internal import Files

/// The framing of TensorFlow's record files: for each record its length in eight bytes, the masked
/// check value of those, the data, and the masked check value of the data, all little-endian;
/// https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details.
package enum TFRecord {
  /// The bytes around the data of a record.
  package static let overhead = 16

  /// Data in its frame.
  package static func frame(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(masked(length)) + data
      + littleEndian(masked(data))
  }

  /// The data of the record that begins at a position, or `nil` if no whole, undamaged record
  /// does.
  package static func record(in file: [UInt8], at position: Int) -> ArraySlice<UInt8>? {
    guard position >= 0, file.count - position >= overhead else { return nil }
    let lengthBytes = file[position..<position + 8]
    guard integer(file[position + 8..<position + 12]) == UInt64(masked(Array(lengthBytes))),
      let length = Int(exactly: integer(lengthBytes)),
      length <= file.count - position - overhead
    else { return nil }
    let data = file[position + 12..<position + 12 + length]
    let check = file[data.endIndex..<data.endIndex + 4]
    return integer(check) == UInt64(masked(Array(data))) ? data : nil
  }

  /// A check value as the files store it, so that a file of check values is checked well: rotated
  /// right by 15 bits, plus a constant.
  package static func masked(_ bytes: [UInt8]) -> UInt32 {
    let checksum = CRC32C.checksum(bytes)
    return ((checksum >> 15) | (checksum << 17)) &+ 0xa282_ead8
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
