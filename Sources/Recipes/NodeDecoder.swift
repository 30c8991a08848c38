internal import Suggestions

/// The decoder that a value's `init(from:)` sees; all its containers share one record of the keys
/// that were asked for.
package final class NodeDecoder: Decoder {
  let node: RecipeNode
  let keyLocation: RecipeLocation
  package let codingPath: [any CodingKey]
  let log: DecodingLog
  /// Whether this stands for nothing in the recipe, see ``Placeholder``.
  let isPlaceholder: Bool
  package let userInfo: [CodingUserInfoKey: Any] = [:]

  /// The keys that are known, in the order they are listed in messages.
  private var knownKeys: [String] = []
  private var knownKeySet: Set<String> = []
  /// What the keys were to be read as, for help.
  private(set) var asked: [String: AskedKey] = [:]
  private var listsAllKeys = false
  private var isReadAsMapping = false
  private var nested: [NodeDecoder] = []
  private lazy var indices: [String: Int] = {
    guard case .mapping(let entries) = node.content else { return [:] }
    return Dictionary(entries.enumerated().map { ($1.key, $0) }) { first, _ in first }
  }()

  package init(
    node: RecipeNode, keyLocation: RecipeLocation, codingPath: [any CodingKey], log: DecodingLog,
    isPlaceholder: Bool = false
  ) {
    self.isPlaceholder = isPlaceholder
    self.node = node
    self.keyLocation = keyLocation
    self.codingPath = codingPath
    self.log = log
  }

  var path: RecipeKeyPath { RecipeKeyPath(codingPath) }

  /// The entries of the mapping in the order they are written.
  var entries: [RecipeNode.Entry] {
    if case .mapping(let entries) = node.content { entries } else { [] }
  }

  /// The entry of a key, which becomes a known one.
  ///
  /// - Parameter isListed: whether messages list the key among the known ones.
  func entry(_ key: String, isListed: Bool = true) -> RecipeNode.Entry? {
    learn(key, isListed: isListed)
    return indices[key].map { entries[$0] }
  }

  private func learn(_ key: String, isListed: Bool = true) {
    if knownKeySet.insert(key).inserted, isListed { knownKeys.append(key) }
  }

  /// Notes what a key is to be read as.
  func note(_ key: String, _ type: any Decodable.Type, isRequired: Bool) {
    asked[key] = AskedKey(type: type, isRequired: isRequired)
  }

  // MARK: Containers

  package func container<Key: CodingKey>(
    keyedBy type: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    switch node.content {
    case .mapping: break
    // `salt:` with nothing below it is a mapping without entries.
    case .scalar where node.isNull: break
    default: throw mismatch("a mapping")
    }
    isReadAsMapping = true
    if let keys = Key.self as? any (CodingKey & CaseIterable).Type {
      listsAllKeys = true
      allNames(keys).forEach { learn($0) }
    }
    return KeyedDecodingContainer(KeyedNodeContainer(decoder: self))
  }

  private func allNames<Key: CodingKey & CaseIterable>(_: Key.Type) -> [String] {
    Key.allCases.map(\.stringValue)
  }

  package func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .list(let elements) = node.content else { throw mismatch("a list") }
    return UnkeyedNodeContainer(decoder: self, elements: elements)
  }

  package func singleValueContainer() throws -> any SingleValueDecodingContainer {
    SingleNodeContainer(decoder: self)
  }

  private func mismatch(_ expected: String) -> ProblemsFound {
    ProblemsFound(problems: [
      RecipeProblem(
        "\(path.name) expects \(expected), found \(node.summary)", at: node.location, path: path)
    ])
  }

  /// A decoder for a value inside this one whose keys are checked together with this one's.
  func nestedDecoder(
    for node: RecipeNode, keyLocation: RecipeLocation, key: any CodingKey
  ) -> NodeDecoder {
    let decoder = NodeDecoder(
      node: node, keyLocation: keyLocation, codingPath: codingPath + [key], log: log)
    nested.append(decoder)
    return decoder
  }

  // MARK: Unknown keys

  /// Records the keys of the mapping that nobody asked for.
  ///
  /// - Parameter isComplete: whether the value was decoded to its end, so that a key it did not
  ///   ask for is one it does not know.
  package func reportUnknownKeys(isComplete: Bool, alsoKnown: [String] = []) {
    for decoder in nested { decoder.reportUnknownKeys(isComplete: isComplete) }
    guard isReadAsMapping, isComplete || listsAllKeys else { return }
    alsoKnown.forEach { learn($0) }
    for entry in entries where !knownKeySet.contains(entry.key) {
      let missing = knownKeys.filter { indices[$0] == nil }
      // A key that is there already is hardly meant by another one.
      let suggestion =
        NearestName.of(entry.key, among: missing) ?? NearestName.of(entry.key, among: knownKeys)
      let place = codingPath.isEmpty ? "" : " in \(path.name)"
      log.record(
        RecipeProblem(
          "unknown key '\(abbreviated(entry.key, to: 60))'\(place)", at: entry.keyLocation,
          path: path.appending(.key(entry.key)), suggestion: suggestion, knownKeys: knownKeys))
    }
  }
}
