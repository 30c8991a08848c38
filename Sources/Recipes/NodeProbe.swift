internal import Configurations

/// A key that decoding asked a node for.
package struct AskedKey {
  /// What it was to be read as.
  package let type: any Decodable.Type
  /// Whether it must be there.
  package let isRequired: Bool
}

/// A node with no more than it needs, as decoding reads it: what it is then, and what it was asked
/// for.
package struct NodeProbe<Node: Decodable> {
  /// The node; stand-ins take the place of what it lacks.
  package let node: Node
  /// The keys that were asked for, with their types.
  package let asked: [String: AskedKey]

  /// Decodes a node from YAML, leniently.
  ///
  /// - Throws: what keeps the node from being made even of stand-ins.
  package init(_ type: Node.Type, _ text: String) throws {
    let root = try RecipeDocument(name: "", text: text).root
    let decoder = NodeDecoder(
      node: root, keyLocation: root.location, codingPath: [], log: DecodingLog(root: root),
      isPlaceholder: true)
    node = try Node(from: decoder)
    asked = decoder.asked
  }
}
