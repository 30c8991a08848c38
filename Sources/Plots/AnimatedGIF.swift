internal import CImages

/// Pictures one after the other, as a GIF file that repeats.
///
/// Every picture has a palette of its own, of the 256 colours that suit it best.
public struct AnimatedGIF: Sendable {
  /// The pictures, all of one size, each with the time it is shown in hundredths of a second.
  public private(set) var pictures: [(picture: PixelPicture, delay: Int)] = []

  /// Creates an animation without pictures.
  public init() {}

  /// Adds a picture.
  ///
  /// - Parameters:
  ///   - picture: the picture.
  ///   - delay: how long it is shown, in hundredths of a second.
  /// - Precondition: it has the size of those before it; the delay is 1 to 65535.
  public mutating func append(_ picture: PixelPicture, delay: Int = 20) {
    if let first = pictures.first?.picture {
      precondition(
        first.width == picture.width && first.height == picture.height,
        "AnimatedGIF: \(picture.width)×\(picture.height) after \(first.width)×\(first.height)")
    }
    precondition((1...65535).contains(delay), "AnimatedGIF: a delay of \(delay)")
    pictures.append((picture, delay))
  }

  /// The animation as a file.
  ///
  /// - Throws: ``DrawingError`` if there is no picture, or no memory for one.
  public func gif() throws(DrawingError) -> [UInt8] {
    guard !pictures.isEmpty else { throw DrawingError(description: "an animation has no pictures") }
    var bytes: [UInt8] = []
    for (index, (picture, delay)) in pictures.enumerated() {
      let image = try picture.image()
      defer { gdImageDestroy(image) }
      guard gdImageTrueColorToPalette(image, 0, 256) != 0 else {
        throw DrawingError(description: "there is no memory for a palette")
      }
      // No palette for all, and repeated without end.
      if index == 0 { try AnimatedGIF.append(&bytes) { gdImageGifAnimBeginPtr(image, $0, 0, 0) } }
      try AnimatedGIF.append(&bytes) {
        gdImageGifAnimAddPtr(image, $0, 1, 0, 0, Int32(delay), Int32(gdDisposalNone), nil)
      }
    }
    try AnimatedGIF.append(&bytes) { gdImageGifAnimEndPtr($0) }
    return bytes
  }

  /// Adds what the library wrote.
  private static func append(
    _ bytes: inout [UInt8], _ write: (UnsafeMutablePointer<Int32>) -> UnsafeMutableRawPointer?
  ) throws(DrawingError) {
    var size: Int32 = 0
    guard let data = write(&size) else {
      throw DrawingError(description: "the picture cannot be compressed")
    }
    defer { gdFree(data) }
    bytes += UnsafeRawBufferPointer(start: data, count: Int(size))
  }
}
