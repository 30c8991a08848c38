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
