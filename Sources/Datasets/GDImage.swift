internal import CImages

/// An image of the GD library, true-colour.
struct GDImage: ~Copyable {
  private let handle: gdImagePtr

  /// Runs once: the library's messages go nowhere, since its results tell of every failure.
  private static let silenced: Void = cleave_gd_silence()

  private init(handle: gdImagePtr) { self.handle = handle }

  deinit { gdImageDestroy(handle) }

  /// Decodes JPEG, PNG or WebP.
  ///
  /// - Parameter keepsPalette: whether an image with a palette, as grey ones have too, is left as it
  ///   is instead of being turned into true colours; ``classMap(name:)`` alone reads such an image.
  init(decoding bytes: [UInt8], name: String, keepsPalette: Bool = false) throws(DatasetError) {
    handle = try GDImage.decode(bytes, name: name, keepsPalette: keepsPalette)
  }

  private static func decode(
    _ bytes: [UInt8], name: String, keepsPalette: Bool
  ) throws(DatasetError) -> gdImagePtr {
    _ = silenced
    let size = Int32(clamping: bytes.count)
    // The library takes a mutable pointer and only reads.
    var bytes = bytes
    let format: String
    let decoded: gdImagePtr?
    if bytes.starts(with: [0xff, 0xd8, 0xff]) {
      format = "JPEG"
      // The library fills in what a cut-off file lacks, so the end is looked for here; 0: other
      // warnings are failures.
      decoded = bytes.hasJPEGEnd ? gdImageCreateFromJpegPtrEx(size, &bytes, 0) : nil
    } else if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]) {
      format = "PNG"
      decoded = gdImageCreateFromPngPtr(size, &bytes)
    } else if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
      format = "WebP"
      decoded = gdImageCreateFromWebpPtr(size, &bytes)
    } else {
      throw .malformed(
        file: name, what: "image format", expected: "JPEG, PNG or WebP",
        found: bytes.isEmpty
          ? "an empty file" : bytes.prefix(4).map(byteText).joined(separator: " "))
    }
    guard let decoded else {
      guard gdSupportsFileType(".\(format.lowercased())", 0) != 0 else {
        throw .unsupportedFormat(format)
      }
      throw .malformed(
        file: name, what: "\(format) image", expected: "valid data",
        found: "damaged or cut-off data")
    }
    let (width, height) = (Int(cleave_gd_width(decoded)), Int(cleave_gd_height(decoded)))
    guard width * height <= ImageFile.pixelLimit else {
      gdImageDestroy(decoded)
      throw .malformed(
        file: name, what: "image size", expected: "at most \(ImageFile.pixelLimit) pixels",
        found: "\(width)×\(height)")
    }
    guard
      keepsPalette || cleave_gd_is_truecolor(decoded) != 0
        || gdImagePaletteToTrueColor(decoded) != 0
    else {
      gdImageDestroy(decoded)
      throw .inaccessible(file: name, reason: "its palette could not be resolved")
    }
    return decoded
  }

  /// Takes over pixels; grey ones are repeated in every channel.
  init(_ image: PixelImage) throws(DatasetError) {
    _ = GDImage.silenced
    guard let created = gdImageCreateTrueColor(Int32(image.width), Int32(image.height)) else {
      throw .inaccessible(
        file: "image", reason: "no memory for \(image.height)×\(image.width) pixels")
    }
    for y in 0..<image.height {
      guard let row = cleave_gd_row(created, Int32(y)) else { continue }
      for x in 0..<image.width {
        let pixel = (y * image.width + x) * image.channels
        let red = Int32(image.bytes[pixel])
        let green = image.channels == 3 ? Int32(image.bytes[pixel + 1]) : red
        let blue = image.channels == 3 ? Int32(image.bytes[pixel + 2]) : red
        row[x] = red << 16 | green << 8 | blue
      }
    }
    handle = created
  }

  var width: Int { Int(cleave_gd_width(handle)) }
  var height: Int { Int(cleave_gd_height(handle)) }

  /// The pixels as red, green and blue.
  func pixels() -> PixelImage {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * height * 3)
    for y in 0..<height {
      guard let row = cleave_gd_row(handle, Int32(y)) else { continue }
      for x in 0..<width {
        bytes.append(UInt8(truncatingIfNeeded: row[x] >> 16))
        bytes.append(UInt8(truncatingIfNeeded: row[x] >> 8))
        bytes.append(UInt8(truncatingIfNeeded: row[x]))
      }
    }
    return PixelImage(height: height, width: width, channels: 3, bytes: bytes)
  }

  /// The pixels as classes: the index into the palette, or the value of a grey pixel.
  func classMap(name: String) throws(DatasetError) -> PixelImage {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * height)
    for y in 0..<height {
      guard cleave_gd_is_truecolor(handle) != 0 else {
        bytes += UnsafeBufferPointer(start: cleave_gd_palette_row(handle, Int32(y)), count: width)
        continue
      }
      guard let row = cleave_gd_row(handle, Int32(y)) else { continue }
      for x in 0..<width {
        let (red, green, blue) = (row[x] >> 16 & 0xff, row[x] >> 8 & 0xff, row[x] & 0xff)
        guard red == green, green == blue else {
          throw .malformed(
            file: name, what: "row \(y), column \(x)",
            expected: "a class as a grey value or an index into a palette",
            found: "the colour (\(red), \(green), \(blue))")
        }
        bytes.append(UInt8(truncatingIfNeeded: blue))
      }
    }
    return PixelImage(height: height, width: width, channels: 1, bytes: bytes)
  }

  /// The image scaled to fit into a size, in the middle, with black beside it.
  func letterboxed(height targetHeight: Int, width targetWidth: Int, name: String)
    throws(DatasetError) -> GDImage
  {
    guard let target = gdImageCreateTrueColor(Int32(targetWidth), Int32(targetHeight)) else {
      throw .inaccessible(file: name, reason: "no memory for \(targetHeight)×\(targetWidth) pixels")
    }
    let place = Letterbox(
      height: height, width: width, targetHeight: targetHeight, targetWidth: targetWidth)
    gdImageAlphaBlending(target, 0)
    gdImageCopyResampled(
      target, handle, Int32(place.left), Int32(place.top), 0, 0, Int32(place.width),
      Int32(place.height), Int32(width), Int32(height))
    return GDImage(handle: target)
  }

  /// The image scaled to cover a size and cut to its centre.
  func covering(height targetHeight: Int, width targetWidth: Int, name: String)
    throws(DatasetError) -> GDImage
  {
    guard let target = gdImageCreateTrueColor(Int32(targetWidth), Int32(targetHeight)) else {
      throw .inaccessible(file: name, reason: "no memory for \(targetHeight)×\(targetWidth) pixels")
    }
    // The largest centred part of the source with the target's proportions.
    let scale = min(Double(width) / Double(targetWidth), Double(height) / Double(targetHeight))
    let partWidth = max(1, min(width, Int((Double(targetWidth) * scale).rounded())))
    let partHeight = max(1, min(height, Int((Double(targetHeight) * scale).rounded())))
    gdImageAlphaBlending(target, 0)
    gdImageCopyResampled(
      target, handle, 0, 0, Int32((width - partWidth) / 2), Int32((height - partHeight) / 2),
      Int32(targetWidth), Int32(targetHeight), Int32(partWidth), Int32(partHeight))
    return GDImage(handle: target)
  }

  /// Whether the library can write and read a format.
  static func supports(_ format: ImageFormat) -> Bool {
    let suffix = ".\(format.name.lowercased())"
    return gdSupportsFileType(suffix, 1) != 0 && gdSupportsFileType(suffix, 0) != 0
  }

  /// The image as a file's bytes.
  func encoded(as format: ImageFormat) throws(DatasetError) -> [UInt8] {
    var size: Int32 = 0
    let data: UnsafeMutableRawPointer? =
      switch format {
      case .png: gdImagePngPtr(handle, &size)
      case .jpeg(let quality): gdImageJpegPtr(handle, &size, Int32(quality))
      case .webp(let quality): gdImageWebpPtrEx(handle, &size, Int32(quality))
      }
    guard let data else {
      guard GDImage.supports(format) else { throw .unsupportedFormat(format.name) }
      throw .inaccessible(file: "image", reason: "\(height)×\(width) pixels cannot be encoded")
    }
    defer { gdFree(data) }
    return Array(UnsafeRawBufferPointer(start: data, count: Int(size)))
  }
}

extension [UInt8] {
  /// Whether a JPEG's end marker is among the last bytes; files may carry a little padding.
  fileprivate var hasJPEGEnd: Bool {
    let tail = suffix(64)
    return zip(tail, tail.dropFirst()).contains { $0 == 0xff && $1 == 0xd9 }
  }
}
