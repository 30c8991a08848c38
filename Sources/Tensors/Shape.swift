/// The extents of a tensor, outermost first; row-major order makes the last one contiguous.
///
/// Images are channels-last: `[batch, height, width, channels]`. The extents are stored inline, so
/// that a shape costs no allocation; at most ``maximumRank`` of them are supported.
public struct Shape: Hashable, Sendable {
  /// The highest number of dimensions a shape can have.
  public static let maximumRank = 8

  private var extents: SIMD8<Int32>
  private var count: UInt8

  /// Creates a shape from its extents, outermost first.
  ///
  /// - Precondition: at most ``maximumRank`` extents, none negative or above `Int32.max`.
  public init(_ dimensions: some Collection<Int>) {
    precondition(
      dimensions.count <= Shape.maximumRank,
      "Shape: \(dimensions.count) dimensions, at most \(Shape.maximumRank) are supported")
    extents = SIMD8(repeating: 0)
    count = UInt8(dimensions.count)
    for (axis, extent) in dimensions.enumerated() {
      precondition(
        extent >= 0 && extent <= Int(Int32.max), "Shape: extent \(extent) is out of range")
      extents[axis] = Int32(extent)
    }
  }

  /// The number of dimensions.
  public var rank: Int { Int(count) }

  /// The extents, outermost first.
  public var dimensions: [Int] { (0..<rank).map { Int(extents[$0]) } }

  /// The number of elements, the product of the extents; 1 for a scalar.
  public var elementCount: Int {
    var product = 1
    for axis in 0..<rank { product *= Int(extents[axis]) }
    return product
  }

  /// The extent along an axis; a negative axis counts from the end, -1 being the last.
  public subscript(axis: Int) -> Int {
    get { Int(extents[resolve(axis)]) }
    set { extents[resolve(axis)] = Int32(newValue) }
  }

  /// The non-negative form of an axis that may count from the end.
  ///
  /// - Precondition: `-rank <= axis < rank`.
  public func resolve(_ axis: Int) -> Int {
    let resolved = axis < 0 ? axis + rank : axis
    precondition(
      resolved >= 0 && resolved < rank, "Shape: axis \(axis) of a shape of rank \(rank)")
    return resolved
  }

  /// The product of the extents in a range of axes.
  public func product(_ axes: Range<Int>) -> Int {
    var product = 1
    for axis in axes { product *= Int(extents[axis]) }
    return product
  }

  /// This shape with one more axis in front.
  public func prepending(_ extent: Int) -> Shape { Shape([extent] + dimensions) }

  /// This shape with one more axis at the end.
  public func appending(_ extent: Int) -> Shape { Shape(dimensions + [extent]) }

  /// This shape without its outermost axis.
  ///
  /// - Precondition: the rank is at least 1.
  public func droppingFirst() -> Shape { Shape(dimensions.dropFirst()) }
}

extension Shape: ExpressibleByArrayLiteral {
  /// Creates a shape from the extents in a literal.
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Shape: CustomStringConvertible {
  /// The extents joined by a multiplication sign, such as `32×32×3`; `scalar` without any.
  public var description: String {
    rank == 0 ? "scalar" : dimensions.map(String.init).joined(separator: "×")
  }
}

extension Shape: Codable {
  /// Reads a shape from a list of extents.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let dimensions = try container.decode([Int].self)
    guard dimensions.count <= Shape.maximumRank,
      dimensions.allSatisfy({ $0 >= 0 && $0 <= Int(Int32.max) })
    else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\(dimensions) is not a shape")
    }
    self.init(dimensions)
  }

  /// Writes the shape as a list of extents.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(dimensions)
  }
}
