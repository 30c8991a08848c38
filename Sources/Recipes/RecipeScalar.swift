/// A single value of a recipe as it was written, and what it means.
///
/// Plain text is read by YAML 1.2's core schema, in which `yes`, `no`, `on`, `off`, `1_000`, `1:30`
/// and dates are text.
package struct RecipeScalar: Hashable, Sendable {
  package let text: String
  /// Whether it was written without quotes, so that it may be something else than text.
  package let isPlain: Bool

  package init(_ text: String, isPlain: Bool) {
    self.text = text
    self.isPlain = isPlain
  }

  /// What a scalar means.
  package enum Meaning: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(RecipeInteger)
    case number(Double)
    case text
  }

  package var meaning: Meaning {
    guard isPlain else { return .text }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
    case ".nan", ".NaN", ".NAN": return .number(.nan)
    default: break
    }
    if let integer = RecipeInteger(text) { return .integer(integer) }
    if RecipeScalar.isDecimal(text), let number = Double(text) { return .number(number) }
    return .text
  }

  /// Whether a text is a decimal number of the core schema: Swift reads more, such as `0x1p3`.
  private static func isDecimal(_ text: String) -> Bool {
    var rest = Substring(text)
    if let sign = rest.first, sign == "-" || sign == "+" { rest.removeFirst() }
    let isDigit: (Character) -> Bool = { $0.isASCII && $0.isNumber }
    let whole = rest.prefix(while: isDigit)
    rest = rest.dropFirst(whole.count)
    var fraction = Substring()
    if rest.first == "." {
      fraction = rest.dropFirst().prefix(while: isDigit)
      rest = rest.dropFirst(1 + fraction.count)
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return false }
    if rest.isEmpty { return true }
    guard rest.removeFirst().lowercased() == "e" else { return false }
    if let sign = rest.first, sign == "-" || sign == "+" { rest.removeFirst() }
    return !rest.isEmpty && rest.allSatisfy(isDigit)
  }
}

/// An integer of any size as it was written.
package struct RecipeInteger: Hashable, Sendable {
  package let isNegative: Bool
  /// The absolute value; nil if it does not fit.
  package let magnitude: UInt64?

  /// Reads a decimal, `0x` hexadecimal or `0o` octal integer; nil if the text is none.
  init?(_ text: String) {
    var digits = Substring(text)
    var negative = false
    if let sign = digits.first, sign == "-" || sign == "+" {
      negative = sign == "-"
      digits.removeFirst()
    }
    var radix = 10
    if digits.count == text.count {
      // The core schema has no signed hexadecimal or octal numbers.
      if digits.hasPrefix("0x") { radix = 16 }
      if digits.hasPrefix("0o") { radix = 8 }
      if radix != 10 { digits = digits.dropFirst(2) }
    }
    guard !digits.isEmpty,
      digits.allSatisfy({ $0.isASCII && ($0.hexDigitValue ?? 16) < radix })
    else { return nil }
    magnitude = UInt64(digits, radix: radix)
    isNegative = negative && magnitude != 0
  }

  /// The integer as a type, or nil if it is out of the type's range.
  package func value<Integer: FixedWidthInteger>(as type: Integer.Type) -> Integer? {
    guard let magnitude else { return nil }
    guard isNegative else { return Integer(exactly: magnitude) }
    if magnitude == UInt64(Int64.max) + 1 { return Integer(exactly: Int64.min) }
    return Int64(exactly: magnitude).flatMap { Integer(exactly: -$0) }
  }
}
