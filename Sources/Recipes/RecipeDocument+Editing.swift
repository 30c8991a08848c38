extension RecipeDocument {
  /// A key of the recipe's first level and what becomes of it.
  enum Change {
    /// The key is gone.
    case removed
    /// The key has a value, as JSON.
    case json(String)
    /// The key has the value of another place, without some of its own keys.
    case copied(RecipeNode, without: Set<String>)
  }

  /// The recipe with other values for keys of its first level; new keys come last.
  ///
  /// - Throws: `RecipeProblems` for JSON that is none.
  func with(
    name: String, _ changes: [(key: String, change: Change)]
  ) throws(RecipeProblems) -> RecipeDocument {
    var entries: [RecipeNode.Entry] = []
    if case .mapping(let there) = root.content { entries = there }
    for (key, change) in changes {
      let place = entries.firstIndex { $0.key == key }
      let value: RecipeNode
      switch change {
      case .removed:
        if let place { entries.remove(at: place) }
        continue
      case .json(let text):
        value = try RecipeComposer.compose(file: name, text: text)
      case .copied(var node, let without):
        if case .mapping(let members) = node.content {
          node.content = .mapping(members.filter { !without.contains($0.key) })
        }
        value = node
      }
      if let place {
        entries[place].value = value
      } else {
        entries.append(
          RecipeNode.Entry(key: key, keyLocation: root.location, value: value))
      }
    }
    var changed = root
    changed.content = .mapping(entries)
    return RecipeDocument(name: name, root: changed)
  }
}
