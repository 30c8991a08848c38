/// The pixels of a PBM, PGM or PPM file, plain or packed.
///
/// https://netpbm.sourceforge.net/doc/pnm.html.
struct NetpbmImage {
  let height: Int
  let width: Int
  private let channels: Int
  private let levels: [UInt8]

  /// Indicates whether bytes begin as such a file does.
  static func begins(_ head: [UInt8]) -> Bool {
    guard head.count > 2, head[0] == UInt8(ascii: "P") else { return false }
    return (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(head[1])
      && (isSpace(head[2]) || head[2] == UInt8(ascii: "#"))
  }

  /// Decodes a file.
  ///
  /// - Throws: ``DatasetError/malformed(file:what:expected:found:)`` naming the file.
  init(_ bytes: [UInt8], name: String) throws(DatasetError) {
    var reader = Reader(bytes: bytes, position: 2)
    let kind = Int(bytes[1]) - 0x30
    let isPlain = kind <= 3
    let isBitmap = kind % 3 == 1
    guard let width = reader.number(), let height = reader.number(), width > 0, height > 0 else {
      throw ImageDecoder.damaged(.netpbm, name)
    }
    try ImageDecoder.checkSize(height: height, width: width, name: name)
    let most = isBitmap ? 1 : reader.number() ?? 0
    guard (1...65535).contains(most) else {
      throw .malformed(
        file: name, what: "PNM image", expected: "a largest value from 1 to 65535",
        found: "\(most)")
    }
    channels = kind % 3 == 0 ? 3 : 1
    let count = height * width * channels
    // One byte of white space, then the values.
    if !isPlain { reader.position += 1 }
    let values =
      isPlain
      ? reader.plain(count, isBitmap: isBitmap)
      : isBitmap
        ? reader.bits(height: height, width: width) : reader.packed(count, isWide: most > 255)
    guard let values, values.allSatisfy({ $0 <= most }) else {
      throw ImageDecoder.damaged(.netpbm, name)
    }
    // A bitmap's ones are black.
    levels = values.map { value in
      isBitmap ? UInt8(255 * (1 - value)) : UInt8((2 * 255 * value + most) / (2 * most))
    }
    (self.height, self.width) = (height, width)
  }

  /// The pixels as red, green and blue.
  func pixels() -> PixelImage {
    let bytes = channels == 3 ? levels : levels.flatMap { [$0, $0, $0] }
    return PixelImage(height: height, width: width, channels: 3, bytes: bytes)
  }

  fileprivate static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (9...13).contains(byte)
  }
}

/// Reads numbers one after the other.
private struct Reader {
  let bytes: [UInt8]
  var position: Int

  private mutating func skipSpace() {
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      } else if NetpbmImage.isSpace(bytes[position]) {
        position += 1
      } else {
        return
      }
    }
  }

  /// A number of decimal digits.
  mutating func number() -> Int? {
    skipSpace()
    let start = position
    while position < bytes.count, (0x30...0x39).contains(bytes[position]), position - start < 9 {
      position += 1
    }
    return Int(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  mutating func plain(_ count: Int, isBitmap: Bool) -> [Int]? {
    var values: [Int] = []
    while values.count < count {
      if isBitmap {
        // The digits of a bitmap need no space between them.
        skipSpace()
        guard position < bytes.count, (0x30...0x31).contains(bytes[position]) else { return nil }
        values.append(Int(bytes[position]) - 0x30)
        position += 1
      } else {
        guard let value = number() else { return nil }
        values.append(value)
      }
    }
    return values
  }

  func bits(height: Int, width: Int) -> [Int]? {
    let stride = (width + 7) / 8
    guard stride * height <= bytes.count - position else { return nil }
    return (0..<height * width).map { index in
      let (row, column) = index.quotientAndRemainder(dividingBy: width)
      return Int(bytes[position + row * stride + column / 8] >> (7 - column % 8) & 1)
    }
  }

  func packed(_ count: Int, isWide: Bool) -> [Int]? {
    let width = isWide ? 2 : 1
    guard count * width <= bytes.count - position else { return nil }
    return (0..<count).map { index in
      let place = position + index * width
      return isWide ? Int(bytes[place]) << 8 | Int(bytes[place + 1]) : Int(bytes[place])
    }
  }
}
