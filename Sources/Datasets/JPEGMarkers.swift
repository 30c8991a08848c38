/// The parts of a JPEG file that its markers divide, without its coefficients.
///
/// ITU-T T.81, annex B.
struct JPEGMarkers {
  /// The end of the image, behind its last marker; nil if the file is cut off before.
  ///
  /// Cameras append films and further images.
  private(set) var end: Int?
  /// The orientation in the file's Exif block or, without one, its XMP packet.
  private(set) var orientation: Orientation?
  /// The components of a pixel: 1 for grey, 3 for colours, 4 for printing inks.
  private(set) var componentCount = 0
  /// Indicates whether there is a marker of Adobe's, which says that inks are stored inverted.
  private(set) var hasAdobe = false

  /// Offset at which a marker that belongs to no picture is put in.
  static let start = 2

  /// Walks along the markers.
  init(_ bytes: [UInt8]) {
    var xmp: Orientation?
    var position = JPEGMarkers.start
    while let marker = JPEGMarkers.marker(bytes, &position) {
      switch marker {
      case 0xd9:
        end = position
        orientation = orientation ?? xmp
        return
      // Markers without a segment.
      case 0x01, 0xd0...0xd8: continue
      default: break
      }
      guard let length = bytes.number(at: position, bytes: 2, .big), length >= 2 else { return }
      let segment = position + 2
      switch marker {
      // Frames of all processes; DHT, JPG and DAC lie between their numbers.
      case 0xc0...0xcf where ![0xc4, 0xc8, 0xcc].contains(marker):
        componentCount = bytes.number(at: segment + 5, bytes: 1, .big) ?? 0
      case 0xe1 where bytes.has("Exif\0\0", at: segment):
        orientation = orientation ?? Orientation(exif: bytes, at: segment)
      case 0xe1 where bytes.has("http://ns.adobe.com/xap/1.0/\0", at: segment):
        xmp = xmp ?? Orientation(xmp: bytes[segment..<min(bytes.count, position + length)])
      case 0xee where bytes.has("Adobe", at: segment): hasAdobe = true
      default: break
      }
      position += length
      if marker == 0xda { JPEGMarkers.skipScan(bytes, &position) }
    }
  }

  /// The bytes of the picture alone, as a decoder takes them; nil if they are cut off.
  func picture(of bytes: [UInt8]) -> [UInt8]? {
    guard let end else { return nil }
    var picture = Array(bytes[..<end])
    if componentCount == 4, !hasAdobe {
      // Whoever writes inks inverts them, and not all say so: Adobe's marker without a transform.
      picture.insert(
        contentsOf: [0xff, 0xee, 0, 14] + Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 0],
        at: JPEGMarkers.start)
    }
    return picture
  }

  /// The next marker, behind which the position is then; nil at the end or if there is none.
  private static func marker(_ bytes: [UInt8], _ position: inout Int) -> UInt8? {
    // A few bytes that belong to nothing are tolerated, as decoders do.
    while position < bytes.count, bytes[position] != 0xff { position += 1 }
    while position < bytes.count, bytes[position] == 0xff { position += 1 }
    guard position < bytes.count else { return nil }
    position += 1
    return bytes[position - 1]
  }

  /// Moves behind the coefficients of a scan, up to the marker after them.
  private static func skipScan(_ bytes: [UInt8], _ position: inout Int) {
    bytes.withUnsafeBufferPointer { bytes in
      while position < bytes.count - 1 {
        // 0xff 0x00 is a coefficient's byte, and restarts belong to the scan.
        if bytes[position] == 0xff, bytes[position + 1] != 0, bytes[position + 1] & 0xf8 != 0xd0,
          bytes[position + 1] != 0xff
        {
          return
        }
        position += 1
      }
      position = bytes.count
    }
  }
}
