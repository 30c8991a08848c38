/// Energy in a time, in watts; not negative.
public struct Power: Quantity {
  /// Watts.
  public let watts: Double

  /// Creates a power from watts; nil if negative or not finite.
  public init?(baseValue: Double) {
    guard baseValue >= 0, baseValue.isFinite else { return nil }
    watts = baseValue
  }

  /// A power of some watts.
  ///
  /// - Precondition: not negative, not NaN.
  public static func watts(_ watts: Double) -> Power { Power(unchecked: watts) }

  private init(unchecked watts: Double) {
    precondition(watts >= 0, "Power: \(watts) W")
    self.watts = watts
  }

  /// The energy that this power uses in a time.
  public static func * (power: Power, time: TimeSpan) -> Energy {
    .joules(power.watts * time.seconds)
  }
}

extension Power {
  /// From µW to kW.
  public static var units: [QuantityUnit] {
    [
      QuantityUnit("uW", 1, per: 1e6, isPrinted: false), QuantityUnit("µW", 1, per: 1e6),
      QuantityUnit("mW", 1, per: 1e3), QuantityUnit("W", 1), QuantityUnit("kW", 1e3),
    ]
  }

  /// `500 mW`.
  public static var example: String { "500 mW" }

  /// Which powers are allowed.
  public static var range: String { "a power of zero or more" }

  /// Watts.
  public var baseValue: Double { watts }

  /// No power.
  public static var placeholder: Power { watts(0) }
}
