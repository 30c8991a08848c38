internal import Splitting

/// A number that a report writes with its unit, such as `4.43 ms`.
struct Measured {
  /// The unit it is written in.
  let unit: String
  private let base: Double
  private let units: [QuantityUnit]

  /// Reads a text; nil if it is no number with a unit.
  init?(_ text: String) {
    guard let space = text.lastIndex(of: " ") else { return nil }
    let symbol = String(text[text.index(after: space)...])
    for type in Measured.quantities where type.units.contains(where: { $0.symbol == symbol }) {
      guard let base = Measured.base(of: text, as: type) else { return nil }
      unit = symbol
      self.base = base
      units = type.units
      return
    }
    return nil
  }

  /// The number in another unit of its kind; nil for any other unit.
  func value(in symbol: String) -> Double? {
    units.first { $0.symbol == symbol }.map { base * $0.denominator / $0.numerator }
  }

  private static func base<Read: Quantity>(of text: String, as type: Read.Type) -> Double? {
    (try? Read(parsing: text))?.baseValue
  }

  private static let quantities: [any Quantity.Type] = [
    TimeSpan.self, Energy.self, Power.self, DataRate.self, ByteCount.self,
  ]
}
