/// A type that a single scalar of a recipe is read as.
protocol PrimitiveDecodable: Decodable {
  /// What to go on with where there is no usable value.
  static var blank: Self { get }

  /// Reads a value.
  ///
  /// - Throws: `ProblemsFound`.
  static func value(of node: RecipeNode, at path: RecipeKeyPath) throws(ProblemsFound) -> Self
}

/// The problem that a value is not what it should be.
private func mismatch(
  _ expected: String, _ node: RecipeNode, _ path: RecipeKeyPath, suggestion: String? = nil
) -> ProblemsFound {
  ProblemsFound(problems: [
    RecipeProblem(
      "\(path.name) expects \(expected), found \(node.summary)", at: node.location, path: path,
      suggestion: suggestion)
  ])
}

extension Bool: PrimitiveDecodable {
  static var blank: Bool { false }

  static func value(of node: RecipeNode, at path: RecipeKeyPath) throws(ProblemsFound) -> Bool {
    guard case .scalar(let scalar) = node.content, case .bool(let value) = scalar.meaning else {
      throw mismatch("true or false", node, path, suggestion: meant(node))
    }
    return value
  }

  /// The YAML 1.2 spelling of what is a truth value to older YAML or to other languages.
  private static func meant(_ node: RecipeNode) -> String? {
    guard case .scalar(let scalar) = node.content else { return nil }
    switch scalar.text.lowercased() {
    case "yes", "on", "y", "true": return "true"
    case "no", "off", "n", "false": return "false"
    default: return nil
    }
  }
}

extension String: PrimitiveDecodable {
  static var blank: String { "" }

  static func value(of node: RecipeNode, at path: RecipeKeyPath) throws(ProblemsFound) -> String {
    guard case .scalar(let scalar) = node.content else { throw mismatch("text", node, path) }
    switch scalar.meaning {
    case .text: return scalar.text
    case .null: throw mismatch("text", node, path)
    default:
      throw mismatch("text", node, path, suggestion: "\"\(abbreviated(scalar.text, to: 60))\"")
    }
  }
}

extension PrimitiveDecodable where Self: FixedWidthInteger {
  static var blank: Self { 0 }

  static func value(of node: RecipeNode, at path: RecipeKeyPath) throws(ProblemsFound) -> Self {
    guard case .scalar(let scalar) = node.content, case .integer(let integer) = scalar.meaning
    else { throw mismatch("an integer" + unquoted(node), node, path) }
    guard let value = integer.value(as: Self.self) else {
      throw mismatch("an integer from \(Self.min) to \(Self.max)", node, path)
    }
    return value
  }
}

extension Int: PrimitiveDecodable {}
extension Int8: PrimitiveDecodable {}
extension Int16: PrimitiveDecodable {}
extension Int32: PrimitiveDecodable {}
extension Int64: PrimitiveDecodable {}
extension UInt: PrimitiveDecodable {}
extension UInt8: PrimitiveDecodable {}
extension UInt16: PrimitiveDecodable {}
extension UInt32: PrimitiveDecodable {}
extension UInt64: PrimitiveDecodable {}

extension PrimitiveDecodable where Self: BinaryFloatingPoint & LosslessStringConvertible {
  static var blank: Self { 0 }

  static func value(of node: RecipeNode, at path: RecipeKeyPath) throws(ProblemsFound) -> Self {
    guard case .scalar(let scalar) = node.content else { throw mismatch("a number", node, path) }
    let value: Self?
    switch scalar.meaning {
    case .integer(let integer):
      let magnitude = integer.magnitude.map { Self($0) }
      value = magnitude.map { integer.isNegative ? -$0 : $0 } ?? Self(scalar.text)
    case .number(let number): value = Self(number)
    default: throw mismatch("a number" + unquoted(node), node, path)
    }
    guard let value, value.isFinite else {
      throw mismatch(
        "a finite number of magnitude up to \(Self.greatestFiniteMagnitude)", node, path)
    }
    return value
  }
}

extension Float: PrimitiveDecodable {}
extension Double: PrimitiveDecodable {}

/// What to add to the expectation of a number where one was written in quotes.
private func unquoted(_ node: RecipeNode) -> String {
  guard case .scalar(let scalar) = node.content, !scalar.isPlain else { return "" }
  switch RecipeScalar(scalar.text, isPlain: true).meaning {
  case .integer, .number: return " without quotes"
  default: return ""
  }
}
