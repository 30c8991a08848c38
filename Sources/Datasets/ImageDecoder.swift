/// The pixels of an image file as they are stored, and which way up the picture is.
struct DecodedImage {
  /// Red, green and blue.
  var stored: PixelImage
  /// Orientation of the stored pixels in the picture.
  var orientation = Orientation.upright

  /// The picture as people see it.
  var upright: PixelImage { orientation.applied(to: stored) }

  /// The pixels that annotations for an image of a size are about: the stored ones, as libraries
  /// without Exif read them, or the picture if only that has the size; nil if neither has.
  func fitting(_ size: ImageSize) -> PixelImage? {
    if stored.size == size { return stored }
    guard orientation.swapsAxes, ImageSize(height: stored.width, width: stored.height) == size
    else { return nil }
    return upright
  }
}

/// Decodes image files of every kind.
enum ImageDecoder {
  /// Decodes a file.
  ///
  /// - Throws: ``DatasetError`` naming the file if it is of no kind that is read, or damaged.
  static func decode(_ bytes: [UInt8], name: String) throws(DatasetError) -> DecodedImage {
    guard let kind = ImageKind(bytes) else {
      throw .malformed(
        file: name, what: "image format", expected: ImageKind.list,
        found: ImageKind.describe(bytes))
    }
    switch kind {
    case .bmp: return DecodedImage(stored: try BMPImage(bytes, name: name).pixels())
    case .netpbm: return DecodedImage(stored: try NetpbmImage(bytes, name: name).pixels())
    case .jpeg:
      let markers = JPEGMarkers(bytes)
      guard let picture = markers.picture(of: bytes) else { throw damaged(kind, name) }
      return DecodedImage(
        stored: try GDImage(decoding: picture, as: kind, name: name).pixels(),
        orientation: markers.orientation ?? .upright)
    case .png:
      let chunks = PNGChunks(bytes)
      return DecodedImage(
        stored: try GDImage(decoding: chunks.withoutProfile, as: kind, name: name).pixels(),
        orientation: chunks.orientation ?? .upright)
    case .webp: return try decodeWebP(bytes, name: name)
    case .gif: return DecodedImage(stored: try decodeGIF(bytes, name: name))
    case .tiff: return try decodeTIFF(bytes, name: name)
    case .avif:
      return DecodedImage(
        stored: try GDImage(decoding: bytes, as: kind, name: name).pixels(),
        orientation: AVIFTransform.orientation(bytes))
    case .heif:
      // The library turns such pictures itself.
      return DecodedImage(stored: try GDImage(decoding: bytes, as: kind, name: name).pixels())
    }
  }

  /// Decodes a file whose pixels are classes: indices into a palette, or grey values.
  ///
  /// - Throws: ``DatasetError`` naming the file as ``decode(_:name:)`` does, if its kind does not
  ///   keep pixels exactly, or if it has more than 8 bits a channel or colours without a palette.
  static func decodeClasses(_ bytes: [UInt8], name: String) throws(DatasetError) -> PixelImage {
    let kind = ImageKind(bytes)
    guard let kind, [.png, .gif, .bmp, .tiff, .netpbm].contains(kind) else {
      throw .malformed(
        file: name, what: "class map",
        expected: "PNG, GIF, BMP, TIFF or PGM, which keep pixels exactly",
        found: kind?.rawValue ?? ImageKind.describe(bytes))
    }
    let bits = kind == .png ? PNGChunks(bytes).bitDepth : TIFFDirectory(bytes)?.bitsPerSample
    // The image library would drop half of them.
    if let bits, bits > 8 {
      throw .malformed(
        file: name, what: "class map", expected: "at most 8 bits a pixel", found: "\(bits)")
    }
    switch kind {
    case .png, .gif:
      let image = try GDImage(decoding: bytes, as: kind, name: name)
      if let indices = image.indices { return indices }
      return try classes(image.pixels(), name: name)
    case .bmp:
      let image = try BMPImage(bytes, name: name)
      if let indices = image.indices { return indices }
      return try classes(image.pixels(), name: name)
    default:
      let map = try classes(decode(bytes, name: name).stored, name: name)
      // The two values of a bitmap are classes 0 and 1.
      guard bits == 1 else { return map }
      return PixelImage(
        height: map.height, width: map.width, channels: 1, bytes: map.bytes.map { $0 & 1 })
    }
  }

  /// The grey values of pixels.
  private static func classes(
    _ image: PixelImage, name: String
  ) throws(DatasetError) -> PixelImage {
    var values: [UInt8] = []
    values.reserveCapacity(image.height * image.width)
    for pixel in stride(from: 0, to: image.bytes.count, by: 3) {
      let (red, green, blue) = (image.bytes[pixel], image.bytes[pixel + 1], image.bytes[pixel + 2])
      guard red == green, green == blue else {
        let (row, column) = (pixel / 3).quotientAndRemainder(dividingBy: image.width)
        throw .malformed(
          file: name, what: "row \(row), column \(column)",
          expected: "a class as a grey value or an index into a palette",
          found: "the colour (\(red), \(green), \(blue))")
      }
      values.append(red)
    }
    return PixelImage(height: image.height, width: image.width, channels: 1, bytes: values)
  }

  // MARK: - Kinds that the image library reads in part

  private static func decodeWebP(
    _ bytes: [UInt8], name: String
  ) throws(DatasetError) -> DecodedImage {
    let chunks = WebPChunks(bytes)
    let image = try GDImage(
      decoding: chunks.firstFrame?.file ?? bytes, as: .webp, name: name
    ).pixels()
    guard let frame = chunks.firstFrame else {
      return DecodedImage(stored: image, orientation: chunks.orientation ?? .upright)
    }
    try checkSize(height: frame.canvas.height, width: frame.canvas.width, name: name)
    return DecodedImage(
      stored: image.placed(on: frame.canvas, top: frame.top, left: frame.left, [0, 0, 0]),
      orientation: chunks.orientation ?? .upright)
  }

  private static func decodeGIF(
    _ bytes: [UInt8], name: String
  ) throws(DatasetError) -> PixelImage {
    let decoded = try GDImage(decoding: bytes, as: .gif, name: name)
    let image = decoded.pixels()
    let header = GIFHeader(bytes)
    // The library makes up what is missing.
    guard header?.isFrameWhole != false else { throw damaged(.gif, name) }
    guard let header,
      header.top + image.height <= header.canvas.height,
      header.left + image.width <= header.canvas.width
    else { return image }
    try checkSize(height: header.canvas.height, width: header.canvas.width, name: name)
    return image.placed(
      on: header.canvas, top: header.top, left: header.left, decoded.backgroundColor)
  }

  private static func decodeTIFF(
    _ bytes: [UInt8], name: String
  ) throws(DatasetError) -> DecodedImage {
    guard let directory = TIFFDirectory(bytes) else { throw damaged(.tiff, name) }
    let bits = directory.bitsPerSample
    let isFloat = directory[.sampleFormat] == 3
    guard bits <= 16, !isFloat else {
      throw .malformed(
        file: name, what: "TIFF image", expected: "whole numbers of at most 16 bits",
        found: isFloat ? "floating-point numbers" : "\(bits) bits")
    }
    var bytes = bytes
    // The image library turns some pictures and not others, and multiplies colours with alpha.
    directory.set(.orientation, to: 1, in: &bytes)
    directory.set(.extraSamples, to: 0, in: &bytes)
    var image = try GDImage(decoding: bytes, as: .tiff, name: name).pixels()
    // It takes ones for black in every bitmap.
    if bits == 1, directory[.photometric] == 1 {
      image = PixelImage(
        height: image.height, width: image.width, channels: 3, bytes: image.bytes.map { 255 - $0 })
    }
    return DecodedImage(stored: image, orientation: directory.orientation ?? .upright)
  }

  // MARK: - Failures

  /// The error for a file of a kind that does not hold what it should.
  static func damaged(_ kind: ImageKind, _ name: String) -> DatasetError {
    .malformed(
      file: name, what: "\(kind.rawValue) image", expected: "valid data",
      found: "damaged or cut-off data")
  }

  /// Checks that an image is not made to fill the memory.
  static func checkSize(height: Int, width: Int, name: String) throws(DatasetError) {
    guard height <= ImageFile.pixelLimit, width <= ImageFile.pixelLimit,
      height * width <= ImageFile.pixelLimit
    else {
      throw .malformed(
        file: name, what: "image size", expected: "at most \(ImageFile.pixelLimit) pixels",
        found: "\(height)×\(width)")
    }
  }
}

extension PixelImage {
  /// The rows and columns.
  var size: ImageSize { ImageSize(height: height, width: width) }

  /// The image as a part of a larger one of a colour.
  ///
  /// - Precondition: it fits.
  func placed(on canvas: ImageSize, top: Int, left: Int, _ color: [UInt8]) -> PixelImage {
    guard canvas != size else { return self }
    let row = (0..<canvas.width).flatMap { _ in color }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(canvas.height * row.count)
    for _ in 0..<canvas.height { bytes += row }
    for y in 0..<height {
      let source = y * width * channels
      let target = ((top + y) * canvas.width + left) * channels
      bytes.replaceSubrange(
        target..<target + width * channels, with: self.bytes[source..<source + width * channels])
    }
    return PixelImage(
      height: canvas.height, width: canvas.width, channels: channels, bytes: bytes)
  }
}
