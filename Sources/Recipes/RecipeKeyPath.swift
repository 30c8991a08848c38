/// The keys and list indices that lead from the top of a recipe to one of its values.
package struct RecipeKeyPath: Hashable, Sendable {
  /// One step down.
  package enum Component: Hashable, Sendable {
    case key(String)
    case index(Int)
  }

  package var components: [Component]

  package init(_ components: [Component] = []) { self.components = components }

  package init(keys: [String]) { components = keys.map(Component.key) }

  init(_ codingPath: [any CodingKey]) {
    components = codingPath.map { key in
      // Only list indices are of this type: a dictionary's keys may look like integers as well.
      if let index = key as? IndexKey { .index(index.index) } else { .key(key.stringValue) }
    }
  }

  /// Whether this path leads to or into what another one leads to.
  package func starts(with other: RecipeKeyPath) -> Bool {
    components.starts(with: other.components)
  }

  /// This path and one more step.
  package func appending(_ component: Component) -> RecipeKeyPath {
    RecipeKeyPath(components + [component])
  }
}

extension RecipeKeyPath: CustomStringConvertible {
  /// Keys joined by dots, indices in brackets: `train.stages[1].epochs`.
  package var description: String {
    var text = ""
    for component in components {
      switch component {
      case .key(let key): text += (text.isEmpty ? "" : ".") + abbreviated(key, to: 60)
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }

  /// The path in quotes, or `the recipe` for the top.
  package var name: String { components.isEmpty ? "the recipe" : "'\(self)'" }
}

/// The coding key of a list element.
struct IndexKey: CodingKey {
  let index: Int

  init(_ index: Int) { self.index = index }
  init?(intValue: Int) { index = intValue }
  init?(stringValue: String) { return nil }

  var intValue: Int? { index }
  var stringValue: String { "\(index)" }
}
