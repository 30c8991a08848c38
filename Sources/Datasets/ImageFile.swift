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

/// Reads images as PIL does, and writes JPEG, PNG and WebP.
///
/// JPEG (of inks too), PNG, WebP, GIF, BMP, TIFF, PBM, PGM and PPM are read, and AVIF and HEIC where
/// the image library was built with them; the kind is told from the first bytes, not from the name.
/// Pictures are turned as their Exif blocks, XMP packets or tags say. Of an animation the first
/// frame is read, and what follows the end of a picture, such as the film of a motion photo, is not.
/// Transparency is left out, as by `convert("RGB")`.
///
/// Deviation: of 16 bits a channel the upper 8 are kept, in grey images too, as TensorFlow does; PIL
/// makes everything from 256 on white there. Colours that a TIFF stores multiplied with their alpha
/// stay so.
public enum ImageFile {
  /// The largest number of pixels an image file may have, against a small file made to fill the
  /// memory.
  package static let pixelLimit = 1 << 28

  /// Reads an image as red, green and blue.
  ///
  /// - Throws: ``DatasetError`` naming the file if it is unreadable, of another format, or damaged.
  public static func read(_ path: String) throws(DatasetError) -> PixelImage {
    try decoded(path).upright
  }

  /// Decodes an image as ``read(_:)`` does; `name` is what errors call it.
  public static func decode(
    _ bytes: [UInt8], name: String
  ) throws(DatasetError) -> PixelImage {
    try ImageDecoder.decode(bytes, name: name).upright
  }

  /// The pixels of a file as they are stored, and which way up the picture is.
  static func decoded(_ path: String) throws(DatasetError) -> DecodedImage {
    try ImageDecoder.decode(readFile(path), name: path)
  }

  /// Reads a file whose pixels are classes: the index into the palette, or the value of a grey
  /// pixel; PNG, GIF, BMP, TIFF and PGM keep them exactly.
  ///
  /// - Throws: ``DatasetError`` naming the file if it is unreadable, of another kind, damaged, of
  ///   more than 8 bits a channel, or has colours without a palette.
  public static func readClassMap(_ path: String) throws(DatasetError) -> PixelImage {
    try ImageDecoder.decodeClasses(readFile(path), name: path)
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
