/// The pixels of a BMP file, read without the image library, which knows only some of its kinds.
struct BMPImage {
  private let header: BMPHeader
  /// The pixels as they are packed: an index, or the number that masks divide; row-major, the
  /// picture's first row first.
  private let values: [UInt32]

  /// Decodes a file.
  ///
  /// - Throws: ``DatasetError/malformed(file:what:expected:found:)`` naming the file.
  init(_ bytes: [UInt8], name: String) throws(DatasetError) {
    header = try BMPHeader(bytes, name: name)
    let isPackedInRuns = header.compression == .runs8 || header.compression == .runs4
    let values =
      isPackedInRuns
      ? BMPImage.unpackRuns(bytes, header) : BMPImage.unpackRows(bytes, header)
    guard let values else { throw ImageDecoder.damaged(.bmp, name) }
    self.values = values
  }

  /// The indices into the palette; nil if there is none.
  var indices: PixelImage? {
    guard header.bitsPerPixel <= 8 else { return nil }
    return PixelImage(
      height: header.height, width: header.width, channels: 1,
      bytes: values.map { UInt8(truncatingIfNeeded: $0) })
  }

  /// The pixels as red, green and blue.
  func pixels() -> PixelImage {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * values.count)
    if header.bitsPerPixel <= 8 {
      for value in values {
        // An index beyond the palette is black.
        let color = Int(value) < header.palette.count ? header.palette[Int(value)] : (0, 0, 0)
        bytes += [color.0, color.1, color.2]
      }
    } else {
      let channels = header.masks.map { mask in
        (shift: UInt32(mask == 0 ? 0 : mask.trailingZeroBitCount), mask: UInt32(clamping: mask))
      }
      for value in values {
        for (shift, mask) in channels {
          let most = UInt64(mask >> shift)
          let level = UInt64((value & mask) >> shift)
          bytes.append(most == 0 ? 0 : UInt8(truncatingIfNeeded: level * 255 / most))
        }
      }
    }
    return PixelImage(height: header.height, width: header.width, channels: 3, bytes: bytes)
  }

  private static func unpackRows(_ bytes: [UInt8], _ header: BMPHeader) -> [UInt32]? {
    let stride = header.stride
    guard header.offset >= 14, stride * header.height <= bytes.count - header.offset else {
      return nil
    }
    var values: [UInt32] = []
    values.reserveCapacity(header.height * header.width)
    let bits = header.bitsPerPixel
    for y in 0..<header.height {
      let row = header.offset + stride * (header.isTopDown ? y : header.height - 1 - y)
      for x in 0..<header.width {
        guard bits < 8 else {
          let pixel = row + x * (bits / 8)
          var value: UInt32 = 0
          for byte in 0..<bits / 8 { value |= UInt32(bytes[pixel + byte]) << (8 * UInt32(byte)) }
          values.append(value)
          continue
        }
        let place = x * bits
        let shift = 8 - bits - place % 8
        values.append(UInt32(bytes[row + place / 8] >> shift) & (1 << bits - 1))
      }
    }
    return values
  }

  /// Unpacks runs of one index, or of two that alternate, and stretches of single indices.
  private static func unpackRuns(_ bytes: [UInt8], _ header: BMPHeader) -> [UInt32]? {
    let (height, width) = (header.height, header.width)
    let isNarrow = header.compression == .runs4
    var values = [UInt32](repeating: 0, count: height * width)
    var (x, y) = (0, 0)
    var position = header.offset
    func put(_ index: UInt8) {
      if x < width, y < height {
        values[(header.isTopDown ? y : height - 1 - y) * width + x] = UInt32(index)
      }
      x += 1
    }
    func half(_ byte: UInt8, _ index: Int) -> UInt8 {
      isNarrow ? (index % 2 == 0 ? byte >> 4 : byte & 15) : byte
    }
    while let count = bytes.number(at: position, bytes: 1, .little),
      let code = bytes.number(at: position + 1, bytes: 1, .little)
    {
      position += 2
      switch (count, code) {
      case (1..., _):
        for index in 0..<count { put(half(UInt8(code), index)) }
      case (_, 0): (x, y) = (0, y + 1)
      case (_, 1): return values
      case (_, 2):
        guard let right = bytes.number(at: position, bytes: 1, .little),
          let down = bytes.number(at: position + 1, bytes: 1, .little)
        else { return nil }
        (x, y) = (x + right, y + down)
        position += 2
      default:
        let length = isNarrow ? (code + 1) / 2 : code
        guard length <= bytes.count - position else { return nil }
        for index in 0..<code { put(half(bytes[position + (isNarrow ? index / 2 : index)], index)) }
        position += length + length % 2
      }
    }
    // Some writers leave the last mark out.
    return y >= height - 1 ? values : nil
  }
}
