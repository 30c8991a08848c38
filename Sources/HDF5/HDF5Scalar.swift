/// A number that datasets and attributes can be read as and written from.
///
/// The library converts between what the file holds and this type. A number that does not fit an
/// integer type is an error; floating-point types round.
public protocol HDF5Scalar: BitwiseCopyable, Numeric, Sendable {
  /// The type of these numbers in a file.
  static var elementType: HDF5ElementType { get }

  /// Converts a number if it fits: integers exactly, floating point with rounding.
  init?(fitting value: Double)

  /// Converts a number if it fits: integers exactly, floating point with rounding.
  init?(fitting value: some FixedWidthInteger)
}

extension HDF5Scalar where Self: FixedWidthInteger {
  /// Converts a whole number in range.
  public init?(fitting value: Double) { self.init(exactly: value) }

  /// Converts a number in range.
  public init?(fitting value: some FixedWidthInteger) { self.init(exactly: value) }
}

extension HDF5Scalar where Self: BinaryFloatingPoint {
  /// Converts any number, with rounding.
  public init?(fitting value: Double) { self.init(value) }

  /// Converts any number, with rounding.
  public init?(fitting value: some FixedWidthInteger) { self.init(value) }
}

extension Float: HDF5Scalar {
  /// `float32`.
  public static var elementType: HDF5ElementType { .float32 }
}

extension Double: HDF5Scalar {
  /// `float64`.
  public static var elementType: HDF5ElementType { .float64 }
}

extension Int8: HDF5Scalar {
  /// `int8`.
  public static var elementType: HDF5ElementType { .int8 }
}

extension Int16: HDF5Scalar {
  /// `int16`.
  public static var elementType: HDF5ElementType { .int16 }
}

extension Int32: HDF5Scalar {
  /// `int32`.
  public static var elementType: HDF5ElementType { .int32 }
}

extension Int64: HDF5Scalar {
  /// `int64`.
  public static var elementType: HDF5ElementType { .int64 }
}

extension Int: HDF5Scalar {
  /// `int64`.
  public static var elementType: HDF5ElementType { .int64 }
}

extension UInt8: HDF5Scalar {
  /// `uint8`.
  public static var elementType: HDF5ElementType { .uint8 }
}

extension UInt16: HDF5Scalar {
  /// `uint16`.
  public static var elementType: HDF5ElementType { .uint16 }
}

extension UInt32: HDF5Scalar {
  /// `uint32`.
  public static var elementType: HDF5ElementType { .uint32 }
}

extension UInt64: HDF5Scalar {
  /// `uint64`.
  public static var elementType: HDF5ElementType { .uint64 }
}
