/// A node of a recipe that says what each of its keys means.
///
/// Help and messages are made of this. What a key is called, what type its value has and whether it
/// must be there is taken from decoding, and its default from a node without it, so that only
/// sentences are written. A key that is added to `CodingKeys` needs a case in ``describe(_:)``, or
/// the switch there does not compile.
///
/// ```swift
/// extension EnergyModel: DescribedNode {
///   package static let summary = "The powers of the device."
///
///   package static func describe(_ key: CodingKeys) -> KeyDescription<EnergyModel> {
///     switch key {
///     case .idlePower: .init(\.idlePower, "What the device draws while it waits for the answer.")
///     …
/// ```
package protocol DescribedNode: Decodable {
  /// The keys, as decoding names them.
  associatedtype CodingKeys: CodingKey

  /// What the node is about, in a sentence.
  static var summary: String { get }

  /// All keys of its own; those of `CodingKeys` unless said otherwise.
  static var describedKeys: [CodingKeys] { get }

  /// The nodes whose keys stand beside its own, without a node around them.
  static var parts: [any DescribedNode.Type] { get }

  /// The kinds of the node, if a key decides which others there are; else none.
  static var variants: [NodeVariant] { get }

  /// What a key means.
  static func describe(_ key: CodingKeys) -> KeyDescription<Self>
}

extension DescribedNode where CodingKeys: CaseIterable {
  package static var describedKeys: [CodingKeys] { Array(CodingKeys.allCases) }
}

extension DescribedNode {
  package static var parts: [any DescribedNode.Type] { [] }
  package static var variants: [NodeVariant] { [] }
}

/// A kind of a node, such as the optimizer `sgd`.
package struct NodeVariant: Sendable {
  /// The key that decides.
  package let key: String
  /// Its value.
  package let name: String
  /// The least that a node of the kind has, as YAML, such as `{name: sgd}`.
  package let text: String
  /// The other keys that the kind knows; nil for those that decoding asks for.
  package let keys: Set<String>?

  /// Describes a kind by the value of the key that decides.
  package init(_ name: String, key: String, knows keys: Set<String>? = nil) {
    self.key = key
    self.name = name
    text = "{\(key): \(name)}"
    self.keys = keys
  }
}

/// What a key of a node means.
package struct KeyDescription<Node> {
  /// Where the default comes from.
  private enum Standard {
    case value((Node) -> String?)
    case words(String)
    case none
  }

  /// What the key is for, in a sentence.
  package let sentence: String
  /// The unit of a number.
  package let unit: String?
  private let standard: Standard

  /// Describes a key whose default is that of a node without it.
  package init<Value>(
    _ value: @escaping (Node) -> Value, unit: String? = nil, _ sentence: String
  ) {
    standard = .value { ReferenceText.of(value($0)) }
    self.unit = unit
    self.sentence = sentence
  }

  /// Describes a key that may be absent, which means something that is no value.
  package init(absent words: String, unit: String? = nil, _ sentence: String) {
    standard = .words(words)
    self.unit = unit
    self.sentence = sentence
  }

  /// Describes a key that must be there.
  package init(unit: String? = nil, _ sentence: String) {
    standard = .none
    self.unit = unit
    self.sentence = sentence
  }

  /// The default as a recipe would have it, in a node that lacks the key; nil if that is no value.
  package func value(in node: Node) -> String? {
    if case .value(let text) = standard { text(node) } else { nil }
  }

  /// What holds without the key, if that is no value.
  package var words: String? {
    if case .words(let words) = standard { words } else { nil }
  }

  /// Whether the key is said to have a default that is a value.
  package var hasValue: Bool {
    if case .value = standard { true } else { false }
  }
}

/// A value that a recipe writes in one piece, such as `20 ms`, and that is no number, text or name.
package protocol DescribedValue {
  /// What it is, such as `time`.
  static var words: String { get }
  /// The units it may be written in.
  static var writtenIn: String? { get }
}

extension DescribedValue {
  package static var writtenIn: String? { nil }
}
