/// How much is sent in a time, in bits per second; above zero.
public struct DataRate: Quantity {
  /// Bits per second.
  public let bitsPerSecond: Double

  /// Creates a rate from bits per second; nil unless above zero and finite.
  public init?(baseValue: Double) {
    guard baseValue > 0, baseValue.isFinite else { return nil }
    bitsPerSecond = baseValue
  }

  private init(unchecked bitsPerSecond: Double) { self.bitsPerSecond = bitsPerSecond }

  /// 10 Mbit/s.
  public static let tenMegabits = DataRate(unchecked: 10e6)

  /// The time a number of bytes takes at this rate.
  ///
  /// - Precondition: the count is not negative.
  public func time(for bytes: Int) -> TimeSpan { .seconds(8 * Double(bytes) / bitsPerSecond) }
}

extension DataRate {
  /// From bit/s to Gbit/s, and bytes per second from B/s to GB/s.
  public static var units: [QuantityUnit] {
    [
      QuantityUnit("bit/s", 1), QuantityUnit("kbit/s", 1e3), QuantityUnit("Mbit/s", 1e6),
      QuantityUnit("Gbit/s", 1e9), QuantityUnit("B/s", 8, isPrinted: false),
      QuantityUnit("kB/s", 8e3, isPrinted: false), QuantityUnit("MB/s", 8e6, isPrinted: false),
      QuantityUnit("GB/s", 8e9, isPrinted: false),
    ]
  }

  /// `10 Mbit/s`.
  public static var example: String { "10 Mbit/s" }

  /// Which rates are allowed.
  public static var range: String { "a rate above zero" }

  /// Bits per second.
  public var baseValue: Double { bitsPerSecond }

  /// ``tenMegabits``.
  public static var placeholder: DataRate { tenMegabits }
}
