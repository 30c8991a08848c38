/// A `--set path=value` of the command line.
struct RecipeOverride {
  let path: RecipeKeyPath
  let value: RecipeNode
  let location: RecipeLocation

  /// Reads the argument of an override.
  ///
  /// - Throws: `RecipeProblems` that name the override.
  init(_ argument: String, index: Int) throws(RecipeProblems) {
    let location = RecipeLocation.override(index: index, argument: argument)
    self.location = location
    guard let equals = argument.firstIndex(of: "=") else {
      throw RecipeProblems([
        RecipeProblem("expected 'key.path=value', found no '='", at: location)
      ])
    }
    guard let path = RecipeOverride.path(argument[..<equals]) else {
      throw RecipeProblems([
        RecipeProblem(
          "'\(abbreviated(String(argument[..<equals]), to: 60))' is no path of keys: "
            + "expected 'train.epochs' or 'data.classes[0]'", at: location)
      ])
    }
    self.path = path
    let text = String(argument[argument.index(after: equals)...])
    if text.allSatisfy(\.isWhitespace) {
      value = RecipeNode(
        content: .scalar(RecipeScalar("", isPlain: true)), location: location)
    } else {
      value = try RecipeComposer.compose(override: location, text: text)
    }
  }

  /// Reads `a.b[0].c` or `a.b.0.c`; nil if a part is empty or a bracket does not close.
  private static func path(_ text: Substring) -> RecipeKeyPath? {
    guard text.count <= 1000 else { return nil }
    var components: [RecipeKeyPath.Component] = []
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
      guard let name = pieces.first, !name.isEmpty, !name.contains("]"),
        !name.contains(where: \.isWhitespace)
      else { return nil }
      components.append(.key(String(name)))
      for piece in pieces.dropFirst() {
        guard piece.last == "]", let index = Int(piece.dropLast()), index >= 0 else { return nil }
        components.append(.index(index))
      }
    }
    return components.count <= RecipeLimits.depth ? RecipeKeyPath(components) : nil
  }

  /// Puts the value at the path, making mappings on the way where there is nothing.
  func apply(to root: inout RecipeNode) throws(RecipeProblems) {
    try apply(to: &root, step: 0)
  }

  private func apply(to node: inout RecipeNode, step: Int) throws(RecipeProblems) {
    guard step < path.components.count else {
      node = value
      return
    }
    let reached = RecipeKeyPath(Array(path.components[..<step]))
    var component = path.components[step]
    if case .list = node.content, case .key(let key) = component, let index = Int(key) {
      component = .index(index)
    }
    if node.isNull, case .key = component { node = empty }
    switch (component, node.content) {
    case (.key(let key), .mapping(var entries)):
      if let index = entries.firstIndex(where: { $0.key == key }) {
        try apply(to: &entries[index].value, step: step + 1)
      } else {
        var child = empty
        try apply(to: &child, step: step + 1)
        entries.append(RecipeNode.Entry(key: key, keyLocation: location, value: child))
      }
      node.content = .mapping(entries)
    case (.index(let index), .list(var elements)):
      guard index >= 0, index <= elements.count else {
        throw problem(
          "\(reached.name) has \(elements.count) elements: expected an index from 0 to "
            + "\(elements.count), which appends, found \(index)")
      }
      if index == elements.count { elements.append(empty) }
      try apply(to: &elements[index], step: step + 1)
      node.content = .list(elements)
    case (.key(let key), _):
      throw problem(
        "\(reached.name) is \(node.summary), so it has no key '\(abbreviated(key, to: 60))'")
    case (.index(let index), _):
      throw problem("\(reached.name) is \(node.summary), so it has no element \(index)")
    }
  }

  private var empty: RecipeNode { RecipeNode(content: .mapping([]), location: location) }

  private func problem(_ message: String) -> RecipeProblems {
    RecipeProblems([RecipeProblem(message, at: location, path: path)])
  }
}
