/// A value of a recipe with the place where it was written.
package struct RecipeNode: Sendable {
  /// What kind of value it is.
  package enum Content: Sendable {
    case scalar(RecipeScalar)
    case list([RecipeNode])
    case mapping([Entry])
  }

  /// A key and its value.
  package struct Entry: Sendable {
    package var key: String
    package var keyLocation: RecipeLocation
    package var value: RecipeNode
  }

  package var content: Content
  package var location: RecipeLocation

  package var isNull: Bool {
    if case .scalar(let scalar) = content { scalar.meaning == .null } else { false }
  }

  /// The value of a key; nil if this is no mapping or lacks the key.
  package subscript(key: String) -> RecipeNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The keys of a mapping whose values are not null; nil for anything else.
  package var keys: [String]? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.filter { !$0.value.isNull }.map(\.key)
  }

  /// Whether keys, or numbers of elements, lead to a value that is not null.
  package func has(_ keys: ArraySlice<String>) -> Bool {
    guard let key = keys.first else { return !isNull }
    switch content {
    case .mapping: return self[key]?.has(keys.dropFirst()) ?? false
    case .list(let elements):
      guard let index = Int(key), elements.indices.contains(index) else { return false }
      return elements[index].has(keys.dropFirst())
    case .scalar: return false
    }
  }

  /// The node a path leads to, or nil.
  package func node(at path: RecipeKeyPath) -> RecipeNode? {
    var node = self
    for component in path.components {
      switch (component, node.content) {
      case (.key(let key), .mapping):
        guard let next = node[key] else { return nil }
        node = next
      case (.index(let index), .list(let elements)):
        guard elements.indices.contains(index) else { return nil }
        node = elements[index]
      default: return nil
      }
    }
    return node
  }

  /// Where to report what concerns a path: the node it leads to, or else the key of the nearest
  /// mapping or list around it.
  package func nearestLocation(of path: RecipeKeyPath) -> RecipeLocation {
    if let node = node(at: path) { return node.location }
    guard !path.components.isEmpty else { return location }
    let parent = RecipeKeyPath(path.components.dropLast())
    guard node(at: parent) != nil else { return nearestLocation(of: parent) }
    return keyLocation(of: parent)
  }

  /// Where the key that a path ends in is written; for a list element, where the element is.
  package func keyLocation(of path: RecipeKeyPath) -> RecipeLocation {
    guard case .key(let key)? = path.components.last,
      case .mapping(let entries)? =
        node(at: RecipeKeyPath(path.components.dropLast()))?.content,
      let entry = entries.first(where: { $0.key == key })
    else { return node(at: path)?.location ?? location }
    return entry.keyLocation
  }

  /// What the value is, for messages: `the number 3`, `'text'`, `a list`.
  var summary: String {
    switch content {
    case .list: return "a list"
    case .mapping: return "a mapping"
    case .scalar(let scalar):
      let text = abbreviated(scalar.text, to: 60)
      switch scalar.meaning {
      case .null: return "nothing"
      case .bool: return text
      case .integer, .number: return "the number \(text)"
      case .text: return "'\(text)'"
      }
    }
  }
}
