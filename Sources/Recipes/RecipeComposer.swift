internal import Suggestions
internal import Yams

/// Turns YAML text into nodes with positions.
///
/// Aliases are resolved here and not by Yams, which compares keys by walking through everything an
/// alias stands for and so would need exponential time for nested ones. Yams never sees an alias:
/// each `*` is replaced by a private-use character, which is an ordinary letter to YAML. A plain
/// scalar cannot begin with `*`, so one that begins with the character was an alias; anywhere else
/// it is turned back.
struct RecipeComposer {
  private static let mark: Unicode.Scalar = "\u{E000}"

  /// Makes a location of a line and a column, both counted from 1.
  private let place: (_ line: Int, _ column: Int) -> RecipeLocation
  private var anchors: [String: Composed] = [:]
  private var nodeCount = 0

  /// A node with what it costs to use it again.
  private struct Composed {
    var node: RecipeNode
    var height = 1
    var size = 1

    mutating func include(_ child: Composed) {
      height = max(height, child.height + 1)
      size += child.size
    }
  }

  private init(place: @escaping (_ line: Int, _ column: Int) -> RecipeLocation) {
    self.place = place
  }

  private func locate(_ mark: Mark?) -> RecipeLocation { place(mark?.line ?? 1, mark?.column ?? 1) }

  /// Reads the text of a file.
  ///
  /// - Throws: `RecipeProblems` with the position of a syntax error, a duplicate key, an undefined
  ///   alias, or of what exceeds ``RecipeLimits``.
  static func compose(file: String, text: String) throws(RecipeProblems) -> RecipeNode {
    try compose(text) { line, column in .position(file: file, line: line, column: column) }
  }

  /// Reads the value of an override; every location is the override.
  static func compose(
    override location: RecipeLocation, text: String
  ) throws(RecipeProblems) -> RecipeNode {
    try compose(text) { _, _ in location }
  }

  private static func compose(
    _ text: String, place: @escaping (_ line: Int, _ column: Int) -> RecipeLocation
  ) throws(RecipeProblems) -> RecipeNode {
    var composer = RecipeComposer(place: place)
    guard text.utf8.count <= RecipeLimits.byteCount else {
      throw problem("the recipe is larger than \(RecipeLimits.byteCount) bytes", at: place(1, 1))
    }
    guard !text.unicodeScalars.contains(mark) else {
      throw problem("the recipe contains the private-use character U+E000", at: place(1, 1))
    }
    var marked = String.UnicodeScalarView()
    marked.append(contentsOf: text.unicodeScalars.lazy.map { $0 == "*" ? mark : $0 })
    do {
      // Without resolver rules every scalar is a string to Yams; what it means is decided by
      // `RecipeScalar`. The encoding is explicit, since the default reads the environment.
      let parser = try Parser(yaml: String(marked), resolver: .basic, encoding: .utf8)
      // Nodes refer weakly to their anchors, which the parser owns.
      defer { withExtendedLifetime(parser) {} }
      guard let root = try parser.singleRoot() else {
        return RecipeNode(content: .mapping([]), location: place(1, 1))
      }
      return try composer.convert(root, depth: 1).node
    } catch let problems as RecipeProblems {
      throw problems
    } catch let error as YamlError {
      throw composer.problem(of: error, text: text)
    } catch {
      throw problem("\(error)", at: place(1, 1))
    }
  }

  private static func problem(
    _ message: String, at location: RecipeLocation, suggestion: String? = nil
  ) -> RecipeProblems {
    RecipeProblems([RecipeProblem(message, at: location, suggestion: suggestion)])
  }

  private mutating func convert(_ node: Node, depth: Int) throws(RecipeProblems) -> Composed {
    let location = locate(node.mark)
    guard depth <= RecipeLimits.depth else {
      throw RecipeComposer.problem(
        "lists and mappings are nested more than \(RecipeLimits.depth) deep", at: location)
    }
    try checkTag(of: node, at: location)
    var composed: Composed
    switch node {
    case .scalar(let scalar):
      if scalar.style == .plain, scalar.string.unicodeScalars.first == RecipeComposer.mark {
        return try resolve(RecipeComposer.unmarked(scalar.string), at: location, depth: depth)
      }
      let plain = scalar.style == .plain
      composed = Composed(
        node: RecipeNode(
          content: .scalar(
            RecipeScalar(RecipeComposer.unmarked(scalar.string), isPlain: plain)),
          location: location))
      try count(1, at: location)
    case .sequence(let sequence):
      composed = Composed(node: RecipeNode(content: .list([]), location: location))
      try count(1, at: location)
      var elements: [RecipeNode] = []
      for element in sequence {
        let child = try convert(element, depth: depth + 1)
        composed.include(child)
        elements.append(child.node)
      }
      composed.node.content = .list(elements)
    case .mapping(let mapping):
      composed = Composed(node: RecipeNode(content: .mapping([]), location: location))
      try count(1, at: location)
      var entries: [RecipeNode.Entry] = []
      for (key, value) in mapping {
        let name = try keyName(key)
        let child = try convert(value, depth: depth + 1)
        composed.include(child)
        entries.append(
          RecipeNode.Entry(key: name, keyLocation: locate(key.mark), value: child.node))
      }
      composed.node.content = .mapping(entries)
    case .alias:
      throw RecipeComposer.problem("unexpected alias", at: location)
    }
    if let anchor = node.anchor { anchors[RecipeComposer.unmarked(anchor.rawValue)] = composed }
    return composed
  }

  private mutating func count(_ nodes: Int, at location: RecipeLocation) throws(RecipeProblems) {
    nodeCount += nodes
    guard nodeCount <= RecipeLimits.nodeCount else {
      throw RecipeComposer.problem(
        "the recipe has more than \(RecipeLimits.nodeCount) values once aliases are resolved",
        at: location)
    }
  }

  private func checkTag(of node: Node, at location: RecipeLocation) throws(RecipeProblems) {
    let tag = node.tag.rawValue
    let ordinary: [Tag.Name] = [.str, .seq, .map]
    guard !ordinary.contains(where: { $0.rawValue == tag }) else { return }
    throw RecipeComposer.problem(
      "tags such as '\(RecipeComposer.unmarked(tag))' are not allowed in a recipe",
      at: location)
  }

  private mutating func resolve(
    _ text: String, at location: RecipeLocation, depth: Int
  ) throws(RecipeProblems) -> Composed {
    let name = String(text.dropFirst())
    guard let target = anchors[name] else {
      guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || "_-".contains($0) })
      else {
        throw RecipeComposer.problem(
          "'\(abbreviated(text, to: 60))' begins with '*', which refers to an anchor: "
            + "put text in quotes", at: location)
      }
      throw RecipeComposer.problem(
        "the alias '*\(name)' has no anchor '&\(name)' before it", at: location,
        suggestion: NearestName.of(name, among: anchors.keys).map { "*" + $0 })
    }
    guard depth + target.height - 1 <= RecipeLimits.depth else {
      throw RecipeComposer.problem(
        "lists and mappings are nested more than \(RecipeLimits.depth) deep", at: location)
    }
    try count(target.size, at: location)
    return target
  }

  private func keyName(_ key: Node) throws(RecipeProblems) -> String {
    let location = locate(key.mark)
    guard case .scalar(let scalar) = key else {
      throw RecipeComposer.problem("a key must be a name, not a list or mapping", at: location)
    }
    let name = RecipeComposer.unmarked(scalar.string)
    if scalar.style == .plain {
      if scalar.string.unicodeScalars.first == RecipeComposer.mark {
        throw RecipeComposer.problem("a key must be a name, not an alias", at: location)
      }
      if name == "<<" {
        throw RecipeComposer.problem("merge keys ('<<') are not allowed in a recipe", at: location)
      }
      if name.isEmpty { throw RecipeComposer.problem("a key must not be empty", at: location) }
    }
    return name
  }

  private static func unmarked(_ text: String) -> String {
    guard text.unicodeScalars.contains(mark) else { return text }
    var restored = String.UnicodeScalarView()
    restored.append(contentsOf: text.unicodeScalars.lazy.map { $0 == mark ? "*" : $0 })
    return String(restored)
  }
}

// MARK: - Errors of Yams

extension RecipeComposer {
  fileprivate func problem(of error: YamlError, text: String) -> RecipeProblems {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let circumstance = context.map { "\($0.text): " } ?? ""
      return RecipeComposer.problem(
        RecipeComposer.unmarked("\(circumstance)\(problem)"), at: locate(mark))
    case .reader(let problem, let offset, _, _):
      return RecipeComposer.problem(problem, at: location(of: offset ?? 0, in: text))
    case .duplicatedKeysInMapping(let duplicates, let context):
      let key = RecipeComposer.unmarked(duplicates.first ?? "")
      let again = secondLine(of: key, after: context.mark, in: text)
      return RecipeComposer.problem(
        "the key '\(abbreviated(key, to: 60))' appears more than once in the same mapping"
          + (again.map { ", again in line \($0)" } ?? ""),
        at: locate(context.mark))
    case .memory:
      return RecipeComposer.problem("lists and mappings are nested too deep", at: locate(nil))
    default:
      return RecipeComposer.problem("\(error)", at: locate(nil))
    }
  }

  /// The location of a character counted from the beginning of a text.
  private func location(of offset: Int, in text: String) -> RecipeLocation {
    let lines = text.prefix(offset).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return place(max(lines.count, 1), (lines.last?.unicodeScalars.count ?? 0) + 1)
  }

  /// The line in which a block mapping repeats a key; nil if it cannot be told from the layout.
  private func secondLine(of key: String, after first: Mark, in text: String) -> Int? {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let indent = first.column - 1
    for (index, line) in lines.enumerated().dropFirst(first.line) {
      let spaces = line.prefix { $0 == " " }.count
      let rest = line.dropFirst(spaces)
      if rest.isEmpty || rest.hasPrefix("#") || spaces > indent { continue }
      if spaces < indent { return nil }
      let after = rest.dropFirst(key.count).drop { $0 == " " }
      if rest.hasPrefix(key), after.first == ":" { return index + 1 }
    }
    return nil
  }
}
