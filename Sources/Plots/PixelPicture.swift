internal import CImages

/// A picture of pixels, to be written as a file.
public struct PixelPicture: Hashable, Sendable {
  /// The columns.
  public let width: Int
  /// The rows.
  public let height: Int
  /// Red, green and blue of 0 to 255: `[height, width, 3]`.
  public let bytes: [UInt8]

  /// Creates a picture.
  ///
  /// - Precondition: three bytes for every pixel, and at least one pixel.
  public init(width: Int, height: Int, bytes: [UInt8]) {
    precondition(
      width >= 1 && height >= 1 && bytes.count == 3 * width * height,
      "PixelPicture: \(bytes.count) bytes for \(width)×\(height) pixels")
    self.width = width
    self.height = height
    self.bytes = bytes
  }

  /// The picture as a PNG file.
  ///
  /// - Throws: ``DrawingError`` if there is no memory for it.
  public func png() throws(DrawingError) -> [UInt8] {
    let image = try image()
    defer { gdImageDestroy(image) }
    return try PixelPicture.png(of: image)
  }

  /// A picture of the library's as a PNG file.
  static func png(of image: gdImagePtr) throws(DrawingError) -> [UInt8] {
    var size: Int32 = 0
    guard let data = gdImagePngPtr(image, &size) else {
      throw DrawingError(description: "the picture cannot be compressed")
    }
    defer { gdFree(data) }
    return Array(UnsafeRawBufferPointer(start: data, count: Int(size)))
  }

  /// The picture as the library has it; the caller destroys it.
  func image() throws(DrawingError) -> gdImagePtr {
    guard let image = gdImageCreateTrueColor(Int32(width), Int32(height)) else {
      throw DrawingError(description: "there is no memory for a picture of \(width)×\(height)")
    }
    for y in 0..<height {
      guard let row = cleave_gd_row(image, Int32(y)) else { continue }
      for x in 0..<width {
        let place = 3 * (y * width + x)
        row[x] =
          Int32(bytes[place]) << 16 | Int32(bytes[place + 1]) << 8 | Int32(bytes[place + 2])
      }
    }
    return image
  }
}
