internal import CImages

/// An image of the GD library: true colours, or a palette.
struct GDImage: ~Copyable {
  private let handle: gdImagePtr

  /// Runs once: the library's messages go nowhere, since its results tell of every failure.
  private static let silenced: Void = cleave_gd_silence()

  private init(handle: gdImagePtr) { self.handle = handle }

  deinit { gdImageDestroy(handle) }

  /// Decodes a file of a kind.
  ///
  /// - Throws: ``DatasetError/unsupportedFormat(_:)`` if the library was built without the kind, or
  ///   ``DatasetError/malformed(file:what:expected:found:)`` if the file is damaged or too large.
  init(decoding bytes: [UInt8], as kind: ImageKind, name: String) throws(DatasetError) {
    handle = try GDImage.decode(bytes, as: kind, name: name)
  }

  private static func decode(
    _ bytes: [UInt8], as kind: ImageKind, name: String
  ) throws(DatasetError) -> gdImagePtr {
    _ = GDImage.silenced
    let size = Int32(clamping: bytes.count)
    // The library takes a mutable pointer and only reads.
    var bytes = bytes
    let decoded: gdImagePtr? =
      switch kind {
      // 1: what is only odd, such as a few bytes between two markers, is read.
      case .jpeg: gdImageCreateFromJpegPtrEx(size, &bytes, 1)
      case .png: gdImageCreateFromPngPtr(size, &bytes)
      case .webp: gdImageCreateFromWebpPtr(size, &bytes)
      case .gif: gdImageCreateFromGifPtr(size, &bytes)
      case .tiff: gdImageCreateFromTiffPtr(size, &bytes)
      case .avif: gdImageCreateFromAvifPtr(size, &bytes)
      case .heif: gdImageCreateFromHeifPtr(size, &bytes)
      case .bmp, .netpbm: nil
      }
    guard let decoded else {
      let ending = kind == .heif ? "heic" : kind.rawValue.lowercased()
      guard gdSupportsFileType(".\(ending)", 0) != 0 else {
        throw .unsupportedFormat(kind.rawValue)
      }
      throw ImageDecoder.damaged(kind, name)
    }
    do throws(DatasetError) {
      try ImageDecoder.checkSize(
        height: Int(cleave_gd_height(decoded)), width: Int(cleave_gd_width(decoded)), name: name)
    } catch {
      gdImageDestroy(decoded)
      throw error
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

  /// The pixels as red, green and blue; transparency is left out.
  func pixels() -> PixelImage {
    let isTrueColor = cleave_gd_is_truecolor(handle) != 0
    let palette = isTrueColor ? [] : (0..<256).map { cleave_gd_palette_color(handle, $0) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * height * 3)
    for y in 0..<height {
      let row = isTrueColor ? cleave_gd_row(handle, Int32(y)) : nil
      let indices = isTrueColor ? nil : cleave_gd_palette_row(handle, Int32(y))
      for x in 0..<width {
        let color = row?[x] ?? indices.map { palette[Int($0[x])] } ?? 0
        bytes.append(UInt8(truncatingIfNeeded: color >> 16))
        bytes.append(UInt8(truncatingIfNeeded: color >> 8))
        bytes.append(UInt8(truncatingIfNeeded: color))
      }
    }
    return PixelImage(height: height, width: width, channels: 3, bytes: bytes)
  }

  /// The pixels as indices into the palette, which grey images have too; nil for true colours.
  var indices: PixelImage? {
    guard cleave_gd_is_truecolor(handle) == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * height)
    for y in 0..<height {
      bytes += UnsafeBufferPointer(start: cleave_gd_palette_row(handle, Int32(y)), count: width)
    }
    return PixelImage(height: height, width: width, channels: 1, bytes: bytes)
  }

  /// Colour of an image with a palette where it has no pixels: red, green and blue.
  var backgroundColor: [UInt8] {
    let transparent = cleave_gd_transparent(handle)
    let color = cleave_gd_palette_color(handle, transparent >= 0 ? transparent : 0)
    return [16, 8, 0].map { UInt8(truncatingIfNeeded: color >> $0) }
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
