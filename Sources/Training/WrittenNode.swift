/// Node of a recipe in the words of a recipe, as the default of a key that has one.
package struct WrittenNode: CustomStringConvertible {
  /// The node, such as `{name: adam}`.
  package let description: String

  /// Writes a node with one entry.
  package init(_ key: String, _ value: String) { description = "{\(key): \(value)}" }
}
