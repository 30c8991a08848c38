/// A length of time in seconds; not negative.
public struct TimeSpan: Quantity {
  /// Seconds.
  public let seconds: Double

  /// Creates a time from seconds; nil if negative or not finite.
  public init?(baseValue: Double) {
    guard baseValue >= 0, baseValue.isFinite else { return nil }
    seconds = baseValue
  }

  private init(unchecked seconds: Double) { self.seconds = seconds }

  /// No time.
  public static let zero = TimeSpan(unchecked: 0)

  /// A time of some seconds.
  ///
  /// - Precondition: not negative, not NaN.
  public static func seconds(_ seconds: Double) -> TimeSpan {
    precondition(seconds >= 0, "TimeSpan: \(seconds) seconds")
    return TimeSpan(unchecked: seconds)
  }

  /// A time of some milliseconds.
  ///
  /// - Precondition: not negative, not NaN.
  public static func milliseconds(_ milliseconds: Double) -> TimeSpan {
    seconds(milliseconds / 1e3)
  }

  /// Creates a time from a duration; a negative one counts as none.
  public init(_ duration: Duration) { self.init(unchecked: max(0, duration / .seconds(1))) }

  /// Milliseconds.
  public var milliseconds: Double { seconds * 1e3 }

  /// The sum of two times.
  public static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
    TimeSpan(unchecked: left.seconds + right.seconds)
  }
}

extension TimeSpan {
  /// From ns to h.
  public static var units: [QuantityUnit] {
    [
      QuantityUnit("ns", 1, per: 1e9), QuantityUnit("us", 1, per: 1e6, isPrinted: false),
      QuantityUnit("µs", 1, per: 1e6), QuantityUnit("ms", 1, per: 1e3), QuantityUnit("s", 1),
      QuantityUnit("min", 60), QuantityUnit("h", 3600),
    ]
  }

  /// `20 ms`.
  public static var example: String { "20 ms" }

  /// Which times are allowed.
  public static var range: String { "a time of zero or more" }

  /// Seconds.
  public var baseValue: Double { seconds }

  /// ``zero``.
  public static var placeholder: TimeSpan { zero }
}
