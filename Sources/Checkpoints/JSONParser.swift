/// Reads JSON as Python writes it, that is with `NaN` and `Infinity` as numbers.
struct JSONParser {
  /// Where a text stops being JSON.
  struct Failure: Error, CustomStringConvertible {
    let position: Int
    let expected: String

    var description: String { "not JSON: expected \(expected) at byte \(position)" }
  }

  /// How deep lists and objects may be nested.
  private static let deepest = 200

  private let text: [UInt8]
  private var position = 0

  /// Reads a text that is one value.
  static func parse(_ text: String) throws(Failure) -> JSONValue {
    var parser = JSONParser(text: Array(text.utf8))
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == parser.text.count else { throw parser.failure("the end") }
    return value
  }

  private init(text: [UInt8]) { self.text = text }

  private func failure(_ expected: String) -> Failure {
    Failure(position: position, expected: expected)
  }

  private var next: UInt8? { position < text.count ? text[position] : nil }

  private mutating func skipSpace() {
    while let next, next == 0x20 || (0x09...0x0D).contains(next) { position += 1 }
  }

  /// Passes over a character, if it is next.
  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard let next, next == character.asciiValue else { return false }
    position += 1
    return true
  }

  /// Passes over a word, if it is next.
  private mutating func take(word: String) -> Bool {
    guard text[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func value(depth: Int) throws(Failure) -> JSONValue {
    guard depth < JSONParser.deepest else {
      throw failure("at most \(JSONParser.deepest) levels")
    }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    default: break
    }
    if take(word: "null") { return .null }
    if take(word: "true") { return .bool(true) }
    if take(word: "false") { return .bool(false) }
    if take(word: "NaN") { return .number(.nan) }
    if take(word: "Infinity") { return .number(.infinity) }
    if take(word: "-Infinity") { return .number(-.infinity) }
    return try number()
  }

  private mutating func members(depth: Int) throws(Failure) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    position += 1
    if take("}") { return members }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("a name") }
      let name = try string()
      guard take(":") else { throw failure("':'") }
      members[name] = try value(depth: depth + 1)
    } while take(",")
    guard take("}") else { throw failure("',' or '}'") }
    return members
  }

  private mutating func elements(depth: Int) throws(Failure) -> [JSONValue] {
    var elements: [JSONValue] = []
    position += 1
    if take("]") { return elements }
    repeat { elements.append(try value(depth: depth + 1)) } while take(",")
    guard take("]") else { throw failure("',' or ']'") }
    return elements
  }

  private mutating func number() throws(Failure) -> JSONValue {
    let start = position
    let characters = Set("+-.0123456789Ee".utf8)
    while let next, characters.contains(next) { position += 1 }
    let word = String(decoding: text[start..<position], as: UTF8.self)
    if let integer = Int(word) { return .integer(integer) }
    guard let number = Double(word) else {
      position = start
      throw failure("a value")
    }
    return .number(number)
  }

  private mutating func string() throws(Failure) -> String {
    position += 1
    var bytes: [UInt8] = []
    while let next, next != UInt8(ascii: "\"") {
      position += 1
      if next == UInt8(ascii: "\\") {
        try escape(into: &bytes)
      } else {
        bytes.append(next)
      }
    }
    guard next != nil else { throw failure("'\"'") }
    position += 1
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func escape(into bytes: inout [UInt8]) throws(Failure) {
    guard let next else { throw failure("what is escaped") }
    position += 1
    switch next {
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(next)
    case UInt8(ascii: "u"):
      var units = [try codeUnit()]
      if UTF16.isLeadSurrogate(units[0]), take(word: "\\u") { units.append(try codeUnit()) }
      bytes += String(decoding: units, as: UTF16.self).utf8
    default: throw failure("an escape")
    }
  }

  private mutating func codeUnit() throws(Failure) -> UInt16 {
    let digits = String(decoding: text[position...].prefix(4), as: UTF8.self)
    guard digits.utf8.count == 4, let unit = UInt16(digits, radix: 16) else {
      throw failure("four hexadecimal digits")
    }
    position += 4
    return unit
  }
}
