extension FixedPointProgram {
  /// One number for each axis of a buffer.
  public struct Axes: Hashable, Sendable {
    /// Along rows from top to bottom.
    public let height: Int
    /// Along a row.
    public let width: Int
    /// Along the channels of a pixel.
    public let channels: Int

    /// Creates a number for each axis.
    public init(height: Int, width: Int, channels: Int) {
      self.height = height
      self.width = width
      self.channels = channels
    }
  }

  /// The extents of a buffer, channels last.
  public struct Shape: Hashable, Sendable, CustomStringConvertible {
    /// Rows.
    public let height: Int
    /// Pixels of a row.
    public let width: Int
    /// Values of a pixel.
    public let channels: Int

    /// Creates a shape.
    public init(height: Int, width: Int, channels: Int) {
      self.height = height
      self.width = width
      self.channels = channels
    }

    /// How many values there are.
    public var count: Int { height * width * channels }

    /// The extents, such as `32x32x3`.
    public var description: String { "\(height)x\(width)x\(channels)" }

    /// The largest extent of any axis.
    static let largestExtent = 65_535
    /// There are fewer values than this, so that 128 times their number fits 31 bits.
    static let valueLimit = 1 << 24

    /// Whether the extents are within their limits; products cannot overflow then.
    var isSane: Bool {
      let range = 1...Shape.largestExtent
      return range.contains(height) && range.contains(width) && range.contains(channels)
        && count < Shape.valueLimit
    }
  }

  /// The type of a value.
  public enum Element: Hashable, Sendable {
    /// 8 bits with a sign.
    case int8
    /// 16 bits with a sign, with 0 as its zero point.
    case int16
    /// An index in 8 bits without a sign.
    case index

    /// Bytes of a value.
    public var bytes: Int { self == .int16 ? 2 : 1 }

    /// Its type in C.
    var c: String {
      switch self {
      case .int8: "int8_t"
      case .int16: "int16_t"
      case .index: "uint8_t"
      }
    }

    /// The limits of its values.
    package var range: ClosedRange<Int16> {
      switch self {
      case .int8: -128...127
      case .int16: -32_768...32_767
      case .index: 0...255
      }
    }

    /// The largest magnitude of the difference between a value and the zero point.
    var largestDifference: Int { self == .int16 ? 32_768 : 255 }
  }

  /// The image or the result of a step.
  public struct Buffer: Equatable, Sendable {
    /// Its extents.
    public let shape: Shape
    /// The type of its values.
    public let element: Element
    /// The value that stands for 0.
    public let zeroPoint: Int8

    /// Describes a buffer.
    package init(shape: Shape, element: Element, zeroPoint: Int8) {
      self.shape = shape
      self.element = element
      self.zeroPoint = zeroPoint
    }

    /// Its size.
    public var bytes: Int { shape.count * element.bytes }

    func with(_ shape: Shape) -> Buffer {
      Buffer(shape: shape, element: element, zeroPoint: zeroPoint)
    }
  }
}
