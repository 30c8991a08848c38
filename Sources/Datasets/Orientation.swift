/// Which way up an image's pixels are stored, by the numbers of Exif and TIFF.
///
/// Exif 2.32, 4.6.4.A: the sides of the picture at which the first stored row and column lie.
enum Orientation: Int {
  case upright = 1
  case mirrored = 2
  case upsideDown = 3
  case flipped = 4
  case transposed = 5
  /// The first row is the picture's right side: it has to be turned clockwise.
  case turnedLeft = 6
  case transversed = 7
  /// The first row is the picture's left side: it has to be turned counter-clockwise.
  case turnedRight = 8

  /// Indicates whether rows of the file are columns of the picture.
  var swapsAxes: Bool { rawValue >= 5 }

  /// The picture of stored pixels.
  func applied(to image: PixelImage) -> PixelImage {
    guard self != .upright else { return image }
    let (height, width) =
      swapsAxes ? (image.width, image.height) : (image.height, image.width)
    let channels = image.channels
    let bytes = [UInt8](unsafeUninitializedCapacity: image.bytes.count) { target, initialized in
      image.bytes.withUnsafeBufferPointer { source in
        var place = 0
        for y in 0..<height {
          for x in 0..<width {
            let (row, column) = stored(y, x, height: height, width: width)
            let pixel = (row * image.width + column) * channels
            for channel in 0..<channels { target[place + channel] = source[pixel + channel] }
            place += channels
          }
        }
      }
      initialized = image.bytes.count
    }
    return PixelImage(height: height, width: width, channels: channels, bytes: bytes)
  }

  /// The stored row and column that a pixel of the picture shows.
  private func stored(_ y: Int, _ x: Int, height: Int, width: Int) -> (row: Int, column: Int) {
    switch self {
    case .upright: (y, x)
    case .mirrored: (y, width - 1 - x)
    case .upsideDown: (height - 1 - y, width - 1 - x)
    case .flipped: (height - 1 - y, x)
    case .transposed: (x, y)
    case .turnedLeft: (width - 1 - x, y)
    case .transversed: (width - 1 - x, height - 1 - y)
    case .turnedRight: (x, height - 1 - y)
    }
  }
}
