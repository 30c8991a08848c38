internal import Configurations

/// A key that decoding asked a node for.
struct AskedKey {
  /// What it was to be read as.
  let type: any Decodable.Type
  /// Whether it must be there.
  let isRequired: Bool
}

/// A node with no more than it needs, as decoding reads it: what it is then, and what it was asked
/// for.
struct NodeProbe<Node: Decodable> {
  /// The node; stand-ins take the place of what it lacks.
  let node: Node
  /// The keys that were asked for, with their types.
  let asked: [String: AskedKey]

  /// Decodes a node from YAML, leniently.
  ///
  /// - Throws: what keeps the node from being made even of stand-ins.
  init(_ type: Node.Type, _ text: String) throws {
    let root = try RecipeDocument(name: "", text: text).root
    let decoder = NodeDecoder(
      node: root, keyLocation: root.location, codingPath: [], log: DecodingLog(root: root),
      isPlaceholder: true)
    node = try Node(from: decoder)
    asked = decoder.asked
  }
}
