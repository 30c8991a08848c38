public import Configurations

/// A number with a unit, which is always written with it: `20 ms`, `10 Mbit/s`, `64 MiB`.
public protocol Quantity: Codable, Comparable, Hashable, Sendable, CustomStringConvertible,
  PlaceholderProviding
{
  /// The units it can be written in, the smallest first; the first of a size is the one printed.
  static var units: [QuantityUnit] { get }

  /// A text that is a valid quantity, for messages.
  static var example: String { get }

  /// The number in the base unit, whose factor is 1.
  var baseValue: Double { get }

  /// Creates a quantity from a number in the base unit; nil if the number is not allowed.
  init?(baseValue: Double)

  /// Which numbers are allowed, for messages: `a rate above zero`.
  static var range: String { get }
}

/// A unit of a quantity.
public struct QuantityUnit: Hashable, Sendable {
  /// How it is written, upper and lower case as in the SI.
  public let symbol: String
  /// How many base units it is, as a fraction, so that decimal parts of the base are exact.
  public let numerator: Double
  /// What to divide by, 1 for a unit that is larger than the base.
  public let denominator: Double
  /// Whether quantities are printed in it.
  public let isPrinted: Bool

  /// Creates a unit of `numerator / denominator` base units.
  public init(
    _ symbol: String, _ numerator: Double, per denominator: Double = 1, isPrinted: Bool = true
  ) {
    self.symbol = symbol
    self.numerator = numerator
    self.denominator = denominator
    self.isPrinted = isPrinted
  }

  func base(_ value: Double) -> Double { value * numerator / denominator }
  func value(_ base: Double) -> Double { base * denominator / numerator }
}

// MARK: - Reading

extension Quantity {
  /// Reads a number and a unit, with or without a space between them.
  ///
  /// - Throws: `QuantityError` if the number or the unit is missing, the unit is unknown, or the
  ///   number is out of range.
  public init(parsing text: String) throws(QuantityError) {
    let shown = String(text.prefix(60))
    let number = Self.leadingNumber(text)
    guard let value = Double(String(number)) else {
      throw .noNumber(text: shown, example: Self.example)
    }
    let symbol = String(text[number.endIndex...].drop { $0 == " " })
    let symbols = Self.units.map(\.symbol)
    guard !symbol.isEmpty else {
      throw .noUnit(text: shown, units: symbols, example: Self.example)
    }
    guard let unit = Self.units.first(where: { $0.symbol == symbol }) else {
      throw .unknownUnit(unit: String(symbol.prefix(60)), text: shown, units: symbols)
    }
    guard let quantity = Self(baseValue: unit.base(value)) else {
      throw .outOfRange(text: shown, expected: Self.range)
    }
    self = quantity
  }

  /// The number a text begins with; an `e` belongs to it only if digits follow.
  private static func leadingNumber(_ text: String) -> Substring {
    let isDigit: (Character) -> Bool = { $0.isASCII && $0.isNumber }
    var end = text.startIndex
    func skip(_ condition: (Character) -> Bool) {
      while end < text.endIndex, condition(text[end]) { end = text.index(after: end) }
    }
    if let sign = text.first, sign == "-" || sign == "+" { end = text.index(after: end) }
    skip(isDigit)
    if end < text.endIndex, text[end] == "." {
      end = text.index(after: end)
      skip(isDigit)
    }
    let mantissa = end
    if end < text.endIndex, text[end] == "e" || text[end] == "E" {
      end = text.index(after: end)
      if end < text.endIndex, text[end] == "-" || text[end] == "+" { end = text.index(after: end) }
      let digits = end
      skip(isDigit)
      if digits == end { end = mantissa }
    }
    return text[..<end]
  }

  /// Reads a quantity from a text with a unit.
  ///
  /// - Throws: `DecodingError` with the message of a `QuantityError`; a bare number is one.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      if let number = try? container.decode(Double.self) {
        let text = Int64(exactly: number).map { "\($0)" } ?? "\(number)"
        throw QuantityError.noUnit(
          text: text, units: Self.units.map(\.symbol), example: Self.example)
      }
      self = try Self(parsing: try container.decode(String.self))
    } catch let error as QuantityError {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
    }
  }
}

// MARK: - Writing

extension Quantity {
  /// For people: three significant digits and a fitting unit, such as `1.5 Mbit/s`.
  public var description: String {
    let printed = Self.units.filter(\.isPrinted)
    var index = printed.lastIndex { abs($0.value(baseValue)) >= 1 } ?? printed.startIndex
    if baseValue == 0 {
      index = printed.firstIndex { $0.numerator == 1 && $0.denominator == 1 } ?? index
    }
    var digits = significant(printed[index].value(baseValue))
    // 999.6 kbit/s is 1 Mbit/s to three digits.
    if digits.value >= 1000, index + 1 < printed.endIndex {
      index += 1
      digits = significant(printed[index].value(baseValue))
    }
    return "\(digits.text) \(printed[index].symbol)"
  }

  /// Writes the quantity so that it reads back as the same number, in the largest unit that can; zero in
  /// the base unit.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    for unit in Self.units.reversed() where unit.isPrinted {
      let value = unit.value(baseValue)
      if abs(value) >= 1, unit.base(value) == baseValue {
        return try container.encode("\(exact(value)) \(unit.symbol)")
      }
    }
    let base = Self.units.first { $0.numerator == 1 && $0.denominator == 1 }
    try container.encode("\(exact(baseValue)) \(base?.symbol ?? "")")
  }

  /// Orders by size.
  public static func < (left: Self, right: Self) -> Bool { left.baseValue < right.baseValue }
}

/// A number in the shortest form that reads back as the same, without `.0`.
private func exact(_ value: Double) -> String {
  Int64(exactly: value).map { "\($0)" } ?? "\(value)"
}

/// A number rounded to three significant digits (but never to tens), without trailing zeros.
func significant(_ value: Double) -> (value: Double, text: String) {
  let magnitude = abs(value)
  guard magnitude > 0, magnitude < 1e15 else { return (value, exact(value)) }
  // Two decimals from 1 to 10, one to 100, none above; below 1, one more for each leading zero.
  var decimals = 2
  var bound = 10.0
  while magnitude >= bound, decimals > 0 {
    decimals -= 1
    bound *= 10
  }
  bound = 1
  while magnitude < bound, decimals < 15 {
    decimals += 1
    bound /= 10
  }
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let scaled = (magnitude * scale).rounded()
  let rounded = scaled / scale
  var digits = "\(Int64(scaled))"
  if decimals > 0 {
    digits = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let whole = digits.dropLast(decimals)
    var fraction = digits.suffix(decimals)
    while fraction.last == "0" { fraction.removeLast() }
    digits = fraction.isEmpty ? String(whole) : "\(whole).\(fraction)"
  }
  return (rounded, (value < 0 ? "-" : "") + digits)
}
