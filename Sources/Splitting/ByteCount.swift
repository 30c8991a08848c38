/// A number of bytes; whole and not negative.
public struct ByteCount: Quantity {
  /// Bytes.
  public let bytes: Int

  /// Creates a number of bytes; nil unless whole, not negative, and at most 2⁵³.
  public init?(baseValue: Double) {
    guard let bytes = Int(exactly: baseValue), bytes >= 0, bytes <= 1 << 53 else { return nil }
    self.bytes = bytes
  }

  /// Creates a number of bytes.
  ///
  /// - Precondition: not negative.
  public init(_ bytes: Int) {
    precondition(bytes >= 0, "ByteCount: \(bytes) bytes")
    self.bytes = bytes
  }
}

extension ByteCount {
  /// From B to TiB by powers of 1024, and from kB to TB by powers of 1000.
  public static var units: [QuantityUnit] {
    [
      QuantityUnit("B", 1), QuantityUnit("KiB", 0x1p10), QuantityUnit("MiB", 0x1p20),
      QuantityUnit("GiB", 0x1p30), QuantityUnit("TiB", 0x1p40),
      QuantityUnit("kB", 1e3, isPrinted: false), QuantityUnit("MB", 1e6, isPrinted: false),
      QuantityUnit("GB", 1e9, isPrinted: false), QuantityUnit("TB", 1e12, isPrinted: false),
    ]
  }

  /// `64 MiB`.
  public static var example: String { "64 MiB" }

  /// Which sizes are allowed.
  public static var range: String { "a whole number of bytes, zero or more" }

  /// Bytes.
  public var baseValue: Double { Double(bytes) }

  /// No bytes.
  public static var placeholder: ByteCount { ByteCount(0) }
}
