/// Turn of an AVIF file's picture after decoding, which the image library leaves out.
///
/// ISO/IEC 23008-12, 6.5.10 and 6.5.12: `irot` turns counter-clockwise, then `imir` mirrors. Exif
/// blocks in such files say nothing that counts.
enum AVIFTransform {
  /// The orientation that the properties of a file stand for.
  static func orientation(_ bytes: [UInt8]) -> Orientation {
    var path = 0..<bytes.count
    for name in ["meta", "iprp", "ipco"] {
      guard var inner = box(name, bytes, path) else { return .upright }
      // `meta` begins with a version and flags.
      if name == "meta" { inner = min(inner.lowerBound + 4, inner.upperBound)..<inner.upperBound }
      path = inner
    }
    let turns = value("irot", bytes, path).map { Int($0 & 3) } ?? 0
    // 0: top and bottom change places, 1: left and right do.
    switch (turns, value("imir", bytes, path).map { $0 & 1 }) {
    case (0, nil): return .upright
    case (1, nil): return .turnedRight
    case (2, nil): return .upsideDown
    case (_, nil): return .turnedLeft
    case (0, 0): return .flipped
    case (1, 0): return .transposed
    case (2, 0): return .mirrored
    case (_, 0): return .transversed
    case (0, _): return .mirrored
    case (1, _): return .transversed
    case (2, _): return .flipped
    case (_, _): return .transposed
    }
  }

  /// The contents of the first box of a name.
  private static func box(
    _ name: String, _ bytes: [UInt8], _ range: Range<Int>
  ) -> Range<Int>? {
    var position = range.lowerBound
    while position + 8 <= range.upperBound,
      let size = bytes.number(at: position, bytes: 4, .big), size >= 8,
      size <= range.upperBound - position
    {
      if bytes.has(name, at: position + 4) { return position + 8..<position + size }
      position += size
    }
    return nil
  }

  private static func value(_ name: String, _ bytes: [UInt8], _ range: Range<Int>) -> UInt8? {
    box(name, bytes, range).flatMap { $0.isEmpty ? nil : bytes[$0.lowerBound] }
  }
}
