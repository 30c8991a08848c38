/// Layout of a BMP file's pixels, as its headers have it.
///
/// https://learn.microsoft.com/windows/win32/gdi/bitmap-storage; headers of all versions from
/// OS/2's core header on.
struct BMPHeader {
  /// Packing of pixels.
  enum Compression: Int {
    case none = 0
    case runs8 = 1
    case runs4 = 2
    case masks = 3
    case masksWithAlpha = 6
  }

  let height: Int
  let width: Int
  /// Indicates whether the first row is the picture's first; usually it is the last.
  let isTopDown: Bool
  let bitsPerPixel: Int
  let compression: Compression
  /// The colours of indices, red, green and blue.
  let palette: [(UInt8, UInt8, UInt8)]
  /// Which bits of a pixel are red, green and blue.
  let masks: [Int]
  /// Offset of the first pixel, in bytes.
  let offset: Int

  /// The bytes of a row, which fill whole words.
  var stride: Int { (width * bitsPerPixel + 31) / 32 * 4 }

  /// Indicates whether bytes begin as a BMP file does.
  static func begins(_ head: [UInt8]) -> Bool {
    guard head.has("BM", at: 0), let size = head.number(at: 14, bytes: 4, .little) else {
      return false
    }
    return [12, 40, 52, 56, 64, 108, 124].contains(size)
  }

  /// Reads the headers and the palette.
  ///
  /// - Throws: ``DatasetError/malformed(file:what:expected:found:)``.
  init(_ bytes: [UInt8], name: String) throws(DatasetError) {
    func number(_ offset: Int, _ count: Int) throws(DatasetError) -> Int {
      guard let value = bytes.number(at: offset, bytes: count, .little) else {
        throw ImageDecoder.damaged(.bmp, name)
      }
      return value
    }
    func signed(_ offset: Int) throws(DatasetError) -> Int {
      Int(Int32(truncatingIfNeeded: try number(offset, 4)))
    }
    offset = try number(10, 4)
    let size = try number(14, 4)
    let isCore = size == 12
    let rows = isCore ? try number(20, 2) : try signed(22)
    width = isCore ? try number(18, 2) : try signed(18)
    height = abs(rows)
    isTopDown = rows < 0
    bitsPerPixel = try number(isCore ? 24 : 28, 2)
    let packing = isCore ? 0 : try number(30, 4)
    guard width > 0, height > 0, let compression = Compression(rawValue: packing),
      [1, 4, 8, 16, 24, 32].contains(bitsPerPixel)
    else {
      throw .malformed(
        file: name, what: "BMP image",
        expected: "1, 4, 8, 16, 24 or 32 bits a pixel, packed plainly, in runs or by masks",
        found: "\(height)×\(width) pixels of \(bitsPerPixel) bits, packed in way \(packing)")
    }
    self.compression = compression
    try ImageDecoder.checkSize(height: height, width: width, name: name)
    if compression == .masks || compression == .masksWithAlpha {
      // Behind a short header or, in longer ones, at the same place in it.
      var read: [Int] = []
      for index in 0..<3 { read.append(try number(54 + 4 * index, 4)) }
      masks = read
    } else {
      masks = bitsPerPixel == 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff0000, 0x00ff00, 0x0000ff]
    }
    var palette: [(UInt8, UInt8, UInt8)] = []
    if bitsPerPixel <= 8 {
      let used = isCore ? 0 : try number(46, 4)
      let entry = isCore ? 3 : 4
      let start = 14 + size
      let most = 1 << bitsPerPixel
      for index in 0..<(used == 0 ? most : min(used, most)) {
        let color = start + entry * index
        guard color + 2 < bytes.count, color + 2 < offset || offset < start else { break }
        palette.append((bytes[color + 2], bytes[color + 1], bytes[color]))
      }
    }
    self.palette = palette
  }
}
