/// Energy in joules; not negative.
public struct Energy: Quantity {
  /// Joules.
  public let joules: Double

  /// Creates an energy from joules; nil if negative or not finite.
  public init?(baseValue: Double) {
    guard baseValue >= 0, baseValue.isFinite else { return nil }
    joules = baseValue
  }

  /// An energy of some joules.
  ///
  /// - Precondition: not negative, not NaN.
  public static func joules(_ joules: Double) -> Energy { Energy(unchecked: joules) }

  private init(unchecked joules: Double) {
    precondition(joules >= 0, "Energy: \(joules) J")
    self.joules = joules
  }

  /// The sum of two energies.
  public static func + (left: Energy, right: Energy) -> Energy {
    joules(left.joules + right.joules)
  }
}

extension Energy {
  /// From µJ to kJ.
  public static var units: [QuantityUnit] {
    [
      QuantityUnit("uJ", 1, per: 1e6, isPrinted: false), QuantityUnit("µJ", 1, per: 1e6),
      QuantityUnit("mJ", 1, per: 1e3), QuantityUnit("J", 1), QuantityUnit("kJ", 1e3),
    ]
  }

  /// `3 J`.
  public static var example: String { "3 J" }

  /// Which energies are allowed.
  public static var range: String { "an energy of zero or more" }

  /// Joules.
  public var baseValue: Double { joules }

  /// No energy.
  public static var placeholder: Energy { joules(0) }
}
