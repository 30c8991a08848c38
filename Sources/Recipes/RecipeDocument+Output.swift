internal import Files
internal import Yams

extension RecipeDocument {
  /// The recipe with overrides applied and aliases resolved, as YAML text that reads back as the
  /// same recipe.
  public var yaml: String {
    get throws(RecipeProblems) {
      do {
        return try Yams.serialize(
          node: RecipeDocument.yamsNode(root), width: -1, allowUnicode: true)
      } catch {
        throw RecipeProblems([
          RecipeProblem("the recipe cannot be written as YAML: \(error)", at: .file(name))
        ])
      }
    }
  }

  private static func yamsNode(_ node: RecipeNode) -> Node {
    let tag = Tag(.implicit, .basic)
    switch node.content {
    case .scalar(let scalar):
      guard scalar.isPlain else {
        let style: Node.Scalar.Style =
          scalar.text.contains(where: \.isNewline) ? .doubleQuoted : .singleQuoted
        return .scalar(Node.Scalar(scalar.text, tag, style))
      }
      return .scalar(Node.Scalar(scalar.meaning == .null ? "null" : scalar.text, tag, .plain))
    case .list(let elements):
      let short =
        elements.count <= 16
        && elements.allSatisfy { if case .scalar = $0.content { true } else { false } }
      return .sequence(
        Node.Sequence(elements.map(yamsNode), Tag(.seq, .basic), short ? .flow : .block))
    case .mapping(let entries):
      return .mapping(
        Node.Mapping(
          entries.map { (Node.scalar(keyScalar($0.key)), yamsNode($0.value)) },
          Tag(.map, .basic), .block))
    }
  }

  private static func keyScalar(_ key: String) -> Node.Scalar {
    let isWord = key.allSatisfy { $0.isLetter || $0.isNumber || "_-.".contains($0) }
    return Node.Scalar(key, Tag(.implicit, .basic), isWord ? .plain : .doubleQuoted)
  }

  /// The recipe's values as JSON with sorted keys and no space, the same for two recipes that mean
  /// the same; numbers are written in their shortest form.
  public var canonicalJSON: String { RecipeDocument.json(root) }

  /// 16 hexadecimal digits that differ for recipes that differ, except by rare chance (FNV-1a).
  public var fingerprint: String { Fingerprint.of(canonicalJSON) }

  /// The values that are no mappings, as JSON, and the keys that lead to them, in the recipe's order.
  public var leaves: [(key: String, json: String)] {
    RecipeDocument.leaves(of: root, under: RecipeKeyPath())
  }

  private static func leaves(
    of node: RecipeNode, under path: RecipeKeyPath
  ) -> [(key: String, json: String)] {
    guard case .mapping(let entries) = node.content else { return [(path.description, json(node))] }
    return entries.flatMap { leaves(of: $0.value, under: path.appending(.key($0.key))) }
  }

  static func json(_ node: RecipeNode) -> String {
    switch node.content {
    case .list(let elements):
      return "[" + elements.map(json).joined(separator: ",") + "]"
    case .mapping(let entries):
      let members = entries.sorted { $0.key < $1.key }
        .map { quoted($0.key) + ":" + json($0.value) }
      return "{" + members.joined(separator: ",") + "}"
    case .scalar(let scalar):
      switch scalar.meaning {
      case .null: return "null"
      case .bool(let value): return value ? "true" : "false"
      case .text: return quoted(scalar.text)
      case .integer(let integer):
        guard let magnitude = integer.magnitude else { return quoted(scalar.text) }
        return (integer.isNegative ? "-" : "") + "\(magnitude)"
      case .number(let number):
        guard number.isFinite else { return quoted("\(number)") }
        // 3.0 and 3 are one number to JSON and to whoever reads it as a Double.
        return Int64(exactly: number).map { "\($0)" } ?? "\(number)"
      }
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// Where this recipe and another one differ, in the order of this one's keys.
  ///
  /// - Parameter ignored: key paths whose values, and all below them, may differ.
  public func differences(
    from other: RecipeDocument, ignoring ignored: [String] = []
  ) -> [RecipeDifference] {
    var differences: [RecipeDifference] = []
    RecipeDocument.compare(root, other.root, RecipeKeyPath(), Set(ignored), &differences)
    return differences
  }

  private static func compare(
    _ mine: RecipeNode, _ theirs: RecipeNode, _ path: RecipeKeyPath, _ ignored: Set<String>,
    _ differences: inout [RecipeDifference]
  ) {
    if ignored.contains(path.description) { return }
    guard case .mapping(let mineEntries) = mine.content,
      case .mapping(let theirEntries) = theirs.content
    else {
      let (own, other) = (json(mine), json(theirs))
      if own != other {
        differences.append(
          RecipeDifference(keyPath: path.description, value: own, otherValue: other))
      }
      return
    }
    var rest = Dictionary(theirEntries.map { ($0.key, $0.value) }) { first, _ in first }
    for entry in mineEntries {
      let path = path.appending(.key(entry.key))
      if let counterpart = rest.removeValue(forKey: entry.key) {
        compare(entry.value, counterpart, path, ignored, &differences)
      } else if !ignored.contains(path.description) {
        differences.append(
          RecipeDifference(
            keyPath: path.description, value: json(entry.value), otherValue: nil))
      }
    }
    for entry in theirEntries where rest[entry.key] != nil {
      let path = path.appending(.key(entry.key))
      if ignored.contains(path.description) { continue }
      differences.append(
        RecipeDifference(keyPath: path.description, value: nil, otherValue: json(entry.value)))
    }
  }
}
