internal import Tensors

/// Random changes to training images, decided by the seed, the epoch and the sample alone.
public struct Augmentation: Hashable, Sendable {
  /// Whether half of the images, chosen at random, are mirrored left to right.
  public let flipsHorizontally: Bool
  /// How many black pixels are added on each side before a part of the original size is cut out at
  /// a random place; 0 leaves images where they are.
  public let cropPadding: Int

  /// The augmentation that changes nothing.
  public static let none = Augmentation(flips: false, padding: 0)

  /// Creates an augmentation.
  ///
  /// - Throws: ``DatasetError/invalidOption(name:value:expected:)`` for a padding that is negative.
  public init(flipsHorizontally: Bool = false, cropPadding: Int = 0) throws(DatasetError) {
    guard (0...4096).contains(cropPadding) else {
      throw .invalidOption(
        name: "crop_padding", value: "\(cropPadding)", expected: "0 to 4096 pixels")
    }
    self.init(flips: flipsHorizontally, padding: cropPadding)
  }

  private init(flips: Bool, padding: Int) {
    flipsHorizontally = flips
    cropPadding = padding
  }

  /// One image's change: it is mirrored or not, and then moved.
  ///
  /// Annotations follow their image, see ``Draw/classMap(_:height:width:ignored:)`` and its
  /// siblings.
  public struct Draw: Hashable, Sendable {
    /// Whether the image is mirrored left to right.
    public internal(set) var flips = false
    /// By how many rows it is moved down; negative: up.
    public internal(set) var down = 0
    /// By how many columns it is moved to the right; negative: to the left.
    public internal(set) var right = 0

    /// The change that changes nothing.
    public static let none = Draw()
  }

  /// The change of a sample in an epoch.
  ///
  /// - Parameters:
  ///   - seed: the seed of the run, ``BatchPlan/seed``.
  ///   - epoch: the epoch, from 0.
  ///   - sample: the sample's index in the data set.
  public func draw(seed: UInt64, epoch: Int, sample: Int) -> Draw {
    guard self != .none else { return Draw() }
    var random = RandomSource(
      seed: seed, purpose: "augmentation", index: epoch << 32 | sample & 0xffff_ffff)
    var draw = Draw()
    // Both are drawn whether used or not, so that one option does not change the other's outcome.
    let flips = random.uniform() < 0.5
    let span = 2 * cropPadding + 1
    let down = Int(random.uniform() * Double(span)) - cropPadding
    let right = Int(random.uniform() * Double(span)) - cropPadding
    if flipsHorizontally { draw.flips = flips }
    if cropPadding > 0 { (draw.down, draw.right) = (down, right) }
    return draw
  }

  /// Writes a changed image through a table of transformed bytes.
  ///
  /// - Parameters:
  ///   - shape: `[height, width, channels]`.
  ///   - table: at `byte · channels + channel`, see ``InputTransform``.
  static func write(
    _ source: UnsafePointer<UInt8>, shape: Shape, draw: Draw, table: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>
  ) {
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    for y in 0..<height {
      let sourceY = draw.row(from: y)
      let insideRow = sourceY >= 0 && sourceY < height
      for x in 0..<width {
        let sourceX = draw.column(from: x, width: width)
        let pixel = target + (y * width + x) * channels
        if insideRow && sourceX >= 0 && sourceX < width {
          let bytes = source + (sourceY * width + sourceX) * channels
          for channel in 0..<channels {
            pixel[channel] = table[Int(bytes[channel]) * channels + channel]
          }
        } else {
          for channel in 0..<channels { pixel[channel] = table[channel] }
        }
      }
    }
  }
}

extension Augmentation: Codable {
  private enum CodingKeys: String, CodingKey {
    case flipsHorizontally = "horizontal_flip"
    case cropPadding = "crop_padding"
  }

  /// Reads an augmentation; missing parts change nothing.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let padding = try container.decodeIfPresent(Int.self, forKey: .cropPadding) ?? 0
    do {
      try self.init(
        flipsHorizontally: container.decodeIfPresent(Bool.self, forKey: .flipsHorizontally)
          ?? false, cropPadding: padding)
    } catch let error as DatasetError {
      throw DecodingError.dataCorruptedError(
        forKey: .cropPadding, in: container, debugDescription: "\(error)")
    }
  }

  /// Writes both parts.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(flipsHorizontally, forKey: .flipsHorizontally)
    try container.encode(cropPadding, forKey: .cropPadding)
  }
}
