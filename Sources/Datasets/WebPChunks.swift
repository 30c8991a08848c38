/// The chunks of a WebP file: its first frame as a file of its own, and what it says besides.
///
/// https://developers.google.com/speed/webp/docs/riff_container.
struct WebPChunks {
  /// The first frame of an animation.
  struct Frame {
    /// A WebP file of this frame alone.
    var file: [UInt8]
    /// The rows and columns of the whole picture.
    var canvas: ImageSize
    /// The rows of the picture above the frame.
    var top: Int
    /// The columns of the picture left of the frame.
    var left: Int
  }

  /// The first frame, if the file is animated.
  private(set) var firstFrame: Frame?
  /// The orientation in the file's Exif block or, without one, its XMP packet.
  private(set) var orientation: Orientation?

  /// Walks along the chunks.
  init(_ bytes: [UInt8]) {
    var xmp: Orientation?
    var canvas: ImageSize?
    var position = 12
    while let length = bytes.number(at: position + 4, bytes: 4, .little),
      length <= bytes.count - position - 8
    {
      let content = position + 8
      if bytes.has("VP8X", at: position) {
        canvas = WebPChunks.size(bytes, at: content + 4)
      } else if bytes.has("ANMF", at: position), firstFrame == nil, let canvas {
        firstFrame = WebPChunks.frame(bytes, content..<content + length, canvas)
      } else if bytes.has("EXIF", at: position) {
        orientation = orientation ?? Orientation(exif: bytes, at: content)
      } else if bytes.has("XMP ", at: position) {
        xmp = xmp ?? Orientation(xmp: bytes[content..<content + length])
      }
      position = content + length + length % 2
    }
    orientation = orientation ?? xmp
  }

  /// Rows and columns, each less one, in three bytes; the columns come first.
  private static func size(_ bytes: [UInt8], at offset: Int) -> ImageSize? {
    guard let width = bytes.number(at: offset, bytes: 3, .little),
      let height = bytes.number(at: offset + 3, bytes: 3, .little)
    else { return nil }
    return ImageSize(height: height + 1, width: width + 1)
  }

  private static func frame(
    _ bytes: [UInt8], _ content: Range<Int>, _ canvas: ImageSize
  ) -> Frame? {
    let base = content.lowerBound
    guard content.count > 16, let size = size(bytes, at: base + 6),
      let left = bytes.number(at: base, bytes: 3, .little),
      let top = bytes.number(at: base + 3, bytes: 3, .little),
      2 * left + size.width <= canvas.width, 2 * top + size.height <= canvas.height
    else { return nil }
    func little(_ number: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    // An alpha channel stands in a chunk of its own, of which an extended header tells.
    let hasAlpha = bytes.has("ALPH", at: base + 16)
    let header =
      Array("VP8X".utf8) + little(10, 4) + [hasAlpha ? 0x10 : 0, 0, 0, 0]
      + little(size.width - 1, 3) + little(size.height - 1, 3)
    let body =
      Array("WEBP".utf8) + (hasAlpha ? header : []) + bytes[base + 16..<content.upperBound]
    return Frame(
      file: Array("RIFF".utf8) + little(body.count, 4) + body, canvas: canvas, top: 2 * top,
      left: 2 * left)
  }
}
