internal import CImages

/// The formats in which images are read and written.
public enum ImageFormat: Hashable, Sendable {
  /// Lossless.
  case png
  /// Lossy, with a quality from 1 to 100.
  case jpeg(quality: Int)
  /// Lossy, with a quality from 1 to 100.
  case webp(quality: Int)

  /// What people call it.
  var name: String {
    switch self {
    case .png: "PNG"
    case .jpeg: "JPEG"
    case .webp: "WebP"
    }
  }
}

/// Reads and writes JPEG, PNG and WebP.
public enum ImageFile {
  /// The largest number of pixels an image file may have, against a small file made to fill the
  /// memory.
  package static let pixelLimit = 1 << 28

  /// Reads an image as red, green and blue; its format is told from its first bytes.
  ///
  /// Transparency is left out. With a size, the image is scaled so that it covers the size, and
  /// its centre is cut out.
  ///
  /// - Throws: ``DatasetError`` naming the file if it is unreadable, of another format, or damaged.
  public static func read(
    _ path: String, height: Int? = nil, width: Int? = nil
  ) throws(DatasetError) -> PixelImage {
    try decode(readFile(path), name: path, height: height, width: width)
  }

  /// Decodes an image as ``read(_:height:width:)`` does; `name` is what errors call it.
  public static func decode(
    _ bytes: [UInt8], name: String, height: Int? = nil, width: Int? = nil
  ) throws(DatasetError) -> PixelImage {
    let image = try GDImage(decoding: bytes, name: name)
    guard let height, let width, height != image.height || width != image.width else {
      return image.pixels()
    }
    return try image.covering(height: height, width: width, name: name).pixels()
  }

  /// Reads an image and scales it to fit into a size, in the middle, with black beside it.
  ///
  /// - Parameters:
  ///   - expected: the size that the file must have; nil: any.
  ///   - reason: who says that it has that size.
  /// - Throws: ``DatasetError`` naming the file as ``read(_:height:width:)`` does, or if it has
  ///   another size.
  static func readLetterboxed(
    _ path: String, height: Int, width: Int, expected: ImageSize?, reason: String
  ) throws(DatasetError) -> PixelImage {
    let image = try GDImage(decoding: readFile(path), name: path)
    if let expected, expected != ImageSize(height: image.height, width: image.width) {
      throw .malformed(
        file: path, what: "image size", expected: "\(expected) \(reason)",
        found: "\(image.height)×\(image.width)")
    }
    guard image.height != height || image.width != width else { return image.pixels() }
    return try image.letterboxed(height: height, width: width, name: path).pixels()
  }

  /// Reads a PNG whose pixels are classes: the index into the palette, or the value of a grey
  /// pixel.
  ///
  /// - Throws: ``DatasetError`` naming the file if it is unreadable, no PNG, damaged, of more than
  ///   8 bits a channel, or has colours without a palette.
  public static func readClassMap(_ path: String) throws(DatasetError) -> PixelImage {
    let bytes = try readFile(path)
    guard bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]) else {
      throw .malformed(
        file: path, what: "class map", expected: "a PNG, whose pixels are kept exactly",
        found: bytes.isEmpty ? "an empty file" : "another format")
    }
    // The header's bits a channel, of which the library would drop half.
    if bytes.count > 24, bytes[24] == 16 {
      throw .malformed(
        file: path, what: "class map", expected: "at most 8 bits a pixel", found: "16")
    }
    return try GDImage(decoding: bytes, name: path, keepsPalette: true).classMap(name: path)
  }

  /// Encodes an image.
  ///
  /// - Precondition: a quality from 1 to 100.
  /// - Throws: ``DatasetError/unsupportedFormat(_:)`` if the library lacks the format,
  ///   ``DatasetError/inaccessible(file:reason:)`` if the image is too large for it.
  public static func encode(
    _ image: PixelImage, as format: ImageFormat
  ) throws(DatasetError) -> [UInt8] {
    switch format {
    case .jpeg(let quality), .webp(let quality):
      precondition((1...100).contains(quality), "ImageFile.encode: quality \(quality)")
    case .png: break
    }
    return try GDImage(image).encoded(as: format)
  }

  /// Checks that images of a format can be written and read.
  ///
  /// The library may have been built without one of them.
  ///
  /// - Throws: ``DatasetError/unsupportedFormat(_:)``.
  public static func requireSupport(of format: ImageFormat) throws(DatasetError) {
    guard GDImage.supports(format) else { throw .unsupportedFormat(format.name) }
  }

  /// Writes an image whole or not at all.
  ///
  /// - Throws: ``DatasetError/inaccessible(file:reason:)``.
  public static func write(
    _ image: PixelImage, to path: String, as format: ImageFormat = .png
  ) throws(DatasetError) {
    try writeFile(encode(image, as: format), to: path)
  }
}
