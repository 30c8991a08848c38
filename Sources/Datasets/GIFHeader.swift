/// Place of the first frame of a GIF file in its picture.
///
/// GIF89a, sections 18 to 20: https://www.w3.org/Graphics/GIF/spec-gif89a.txt.
struct GIFHeader {
  /// The rows and columns of the whole picture.
  let canvas: ImageSize
  /// The rows of the picture above the first frame.
  let top: Int
  /// The columns of the picture left of the first frame.
  let left: Int
  /// Indicates whether the file holds all data of the first frame.
  let isFrameWhole: Bool

  /// Reads the header and walks to the first frame.
  init?(_ bytes: [UInt8]) {
    guard let width = bytes.number(at: 6, bytes: 2, .little),
      let height = bytes.number(at: 8, bytes: 2, .little), width > 0, height > 0,
      let flags = bytes.number(at: 10, bytes: 1, .little)
    else { return nil }
    canvas = ImageSize(height: height, width: width)
    var position = 13 + (flags & 0x80 == 0 ? 0 : 3 << (flags & 7 + 1))
    // Extensions: a label and blocks of data, of which an empty one is the last.
    while bytes.number(at: position, bytes: 1, .little) == 0x21 {
      position = GIFHeader.end(ofBlocks: bytes, at: position + 2) ?? bytes.count
    }
    guard bytes.number(at: position, bytes: 1, .little) == 0x2c,
      let left = bytes.number(at: position + 1, bytes: 2, .little),
      let top = bytes.number(at: position + 3, bytes: 2, .little),
      let frameFlags = bytes.number(at: position + 9, bytes: 1, .little)
    else { return nil }
    (self.left, self.top) = (left, top)
    // Behind the colours of the frame and the width of its codes.
    let data = position + 11 + (frameFlags & 0x80 == 0 ? 0 : 3 << (frameFlags & 7 + 1))
    isFrameWhole = GIFHeader.end(ofBlocks: bytes, at: data) != nil
  }

  /// The position behind blocks of data, of which an empty one is the last; nil if the file ends before.
  private static func end(ofBlocks bytes: [UInt8], at start: Int) -> Int? {
    var position = start
    while let length = bytes.number(at: position, bytes: 1, .little) {
      position += length + 1
      if length == 0 { return position }
    }
    return nil
  }
}
