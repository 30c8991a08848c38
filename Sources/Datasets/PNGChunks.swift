/// Facts in the chunks of a PNG file besides its pixels.
///
/// PNG, third edition, sections 5 and 11: https://www.w3.org/TR/png-3/.
struct PNGChunks {
  /// The bits of a channel; nil without a header.
  private(set) var bitDepth: Int?
  /// The file without its colour profile, which no pixel depends on here and about which libpng complains.
  private(set) var withoutProfile: [UInt8]
  /// The orientation in the file's Exif block or, without one, its XMP packet.
  private(set) var orientation: Orientation?

  /// Walks along the chunks.
  init(_ bytes: [UInt8]) {
    var xmp: Orientation?
    withoutProfile = bytes
    var position = 8
    while let length = bytes.number(at: position, bytes: 4, .big),
      length <= bytes.count - position - 12
    {
      let content = position + 8
      if bytes.has("IHDR", at: position + 4) {
        bitDepth = bytes.number(at: content + 8, bytes: 1, .big)
      } else if bytes.has("iCCP", at: position + 4) {
        withoutProfile.removeSubrange(
          position + withoutProfile.count - bytes.count..<content + length + 4
            + withoutProfile.count - bytes.count)
      } else if bytes.has("eXIf", at: position + 4) {
        orientation = orientation ?? Orientation(exif: bytes, at: content)
      } else if bytes.has("iTXtXML:com.adobe.xmp\0", at: position + 4) {
        xmp = xmp ?? Orientation(xmp: bytes[content..<content + length])
      } else if bytes.has("IEND", at: position + 4) {
        break
      }
      position = content + length + 4
    }
    orientation = orientation ?? xmp
  }
}
