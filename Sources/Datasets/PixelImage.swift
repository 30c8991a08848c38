public import Tensors

/// One image of 8-bit pixels.
public struct PixelImage: Hashable, Sendable {
  /// Rows of pixels.
  public let height: Int
  /// Pixels in a row.
  public let width: Int
  /// 1 for grey, 3 for red, green and blue.
  public let channels: Int
  /// The pixels, row-major and channels-last: `height · width · channels` bytes.
  public let bytes: [UInt8]

  /// Whether what has a shape is an image of this kind: `[height, width, channels]`.
  public static func holds(_ shape: Shape) -> Bool {
    shape.rank == 3 && [1, 3].contains(shape[2])
  }

  /// Creates an image from its pixels.
  ///
  /// - Precondition: positive extents, 1 or 3 channels, and as many bytes as they need.
  public init(height: Int, width: Int, channels: Int, bytes: [UInt8]) {
    precondition(height > 0 && width > 0, "PixelImage: \(height)×\(width)")
    precondition(channels == 1 || channels == 3, "PixelImage: \(channels) channels")
    precondition(
      bytes.count == height * width * channels,
      "PixelImage: \(bytes.count) bytes for \(height)×\(width)×\(channels)")
    self.height = height
    self.width = width
    self.channels = channels
    self.bytes = bytes
  }

  /// One channel of luma, 0.299 R + 0.587 G + 0.114 B, as PIL and TensorFlow take it (ITU-R BT.601).
  public func grey() -> PixelImage {
    guard channels == 3 else { return self }
    // The weights in units of 2⁻¹⁶, whose sum is 1.
    let weights = [19_595, 38_470, 7471]
    let luma = (0..<height * width).map { pixel in
      let sum = (0..<3).reduce(1 << 15) { $0 + weights[$1] * Int(bytes[3 * pixel + $1]) }
      return UInt8(sum >> 16)
    }
    return PixelImage(height: height, width: width, channels: 1, bytes: luma)
  }

  /// Three equal channels of a grey image.
  public func colour() -> PixelImage {
    guard channels == 1 else { return self }
    let colours = [UInt8](unsafeUninitializedCapacity: 3 * bytes.count) { target, count in
      for (index, byte) in bytes.enumerated() {
        for channel in 0..<3 { target.initializeElement(at: 3 * index + channel, to: byte) }
      }
      count = 3 * bytes.count
    }
    return PixelImage(height: height, width: width, channels: 3, bytes: colours)
  }
}
