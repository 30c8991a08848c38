package import Configurations

/// Everything about the keys of a type of node: what decoding asks for, and what the type says.
package struct NodeFacts {
  /// A key.
  package struct Key {
    package let name: String
    package let kind: ValueKind
    let isRequired: Bool
    /// What holds without it, by the kind of the node; nil for a node of one kind.
    var standards: [(variant: String?, text: String)] = []
    let unit: String?
    let sentence: String
    /// The kinds of the node that know it; nil for all.
    let variants: [String]?
  }

  /// The keys, required ones first.
  package let keys: [Key]
  /// What is wrong with the description, for tests: it does not fit decoding.
  package let problems: [String]

  private let type: any DescribedNode.Type

  /// Decodes a node with no more than it needs, once for each of its kinds.
  package init(_ type: any DescribedNode.Type) {
    self.type = type
    var collector = Collector()
    collector.add(type)
    keys = collector.keys.filter(\.isRequired) + collector.keys.filter { !$0.isRequired }
    problems = collector.problems
  }

  /// The node as help shows it.
  func reference(at path: [String], isList: Bool) -> NodeReference {
    NodeReference(
      path: path, summary: type.summary, isList: isList,
      keys: keys.map { key in
        let words: (type: String, choices: [String]?, unit: String?) =
          switch key.kind {
          case .value(let words, _, let choices, let unit): (words, choices, unit)
          case .node(_, let isList): (isList ? "list of nodes" : "node", nil, nil)
          case .unknown(let type): ("\(type)", nil, nil)
          }
        return NodeReference.Key(
          key: key.name, type: words.type, choices: words.choices, isRequired: key.isRequired,
          standard: key.standard, unit: key.unit ?? words.unit, sentence: key.sentence,
          variants: key.variants)
      })
  }
}

extension NodeFacts.Key {
  /// `0.1 (sgd), 0.001 (adam, adamw)`, or one text if it is the same for all.
  fileprivate var standard: String? {
    var order: [String] = []
    var variants: [String: [String]] = [:]
    for (variant, text) in standards {
      if variants[text] == nil { order.append(text) }
      variants[text, default: []] += [variant].compactMap(\.self)
    }
    guard order.count > 1 else { return order.first }
    return order.map { "\($0) (\((variants[$0] ?? []).joined(separator: ", ")))" }
      .joined(separator: ", ")
  }
}

/// Gathers the keys of a node and of its parts.
private struct Collector {
  var keys: [NodeFacts.Key] = []
  var problems: [String] = []
  /// What a node's own decoding asks for and its parts describe.
  private var ofParts: Set<String> = []

  /// A kind of a node, decoded.
  private struct Sample<Node: DescribedNode> {
    let variant: NodeVariant?
    let probe: NodeProbe<Node>

    func knows(_ key: String) -> Bool {
      probe.asked[key] != nil
        && (variant?.keys.map { $0.contains(key) || key == variant?.key } ?? true)
    }
  }

  mutating func add<Node: DescribedNode>(_ type: Node.Type) {
    for part in Node.parts {
      let before = keys.count
      add(part)
      ofParts.formUnion(keys[before...].map(\.name))
    }
    do {
      let plain = try NodeProbe(type, "{}")
      let samples =
        Node.variants.isEmpty
        ? [Sample(variant: nil, probe: plain)]
        : try Node.variants.map { Sample(variant: $0, probe: try NodeProbe(type, $0.text)) }
      for key in Node.describedKeys { add(key, plain, samples) }
      let asked = samples.reduce(into: Set<String>()) { $0.formUnion($1.probe.asked.keys) }
      let described = Set(Node.describedKeys.map(\.stringValue)).union(ofParts)
      for key in asked.subtracting(described).sorted() {
        problems.append(
          "\(Node.self) decodes the key '\(key)', which is not described: add it to "
            + "\(Node.self).CodingKeys, and a case with a sentence to describe(_:)")
      }
    } catch {
      problems.append(
        "\(Node.self) cannot be decoded without entries, from which defaults are taken: \(error)")
    }
  }

  private mutating func add<Node: DescribedNode>(
    _ codingKey: Node.CodingKeys, _ plain: NodeProbe<Node>, _ samples: [Sample<Node>]
  ) {
    let name = codingKey.stringValue
    let knowing = samples.filter { $0.knows(name) }
    guard let asked = knowing.first?.probe.asked[name] else {
      problems.append(
        "\(Node.self).describe(_:) knows the key '\(name)', which decoding does not ask for")
      return
    }
    let description = Node.describe(codingKey)
    let kind = ValueKind(asked.type)
    if case .unknown(let type) = kind {
      problems.append(
        "the key '\(name)' of \(Node.self) has the type \(type), which says nothing about itself: "
          + "make it a DescribedNode if it has keys, else a DescribedValue")
    }
    // A name that decides which keys there are may be asked for again only where it is missing.
    let isRequired = asked.isRequired || plain.asked[name]?.isRequired ?? false
    var key = NodeFacts.Key(
      name: name, kind: kind, isRequired: isRequired, unit: description.unit,
      sentence: description.sentence,
      variants: knowing.count == samples.count ? nil : knowing.compactMap { $0.variant?.name })
    if let words = description.words { key.standards = [(nil, words)] }
    if description.hasValue {
      // The key that decides is not there in a node that is of the usual kind.
      let decides = samples.contains { $0.variant?.key == name }
      let from = decides ? [Sample(variant: nil, probe: plain)] : knowing
      for sample in from {
        guard let text = description.value(in: sample.probe.node) else {
          problems.append(
            "the key '\(name)' of \(Node.self) has no value in a node without it: describe it with "
              + "absent:, what holds then")
          continue
        }
        key.standards.append((sample.variant?.name, text))
      }
    }
    if isRequired != key.standards.isEmpty {
      problems.append(
        isRequired
          ? "the key '\(name)' of \(Node.self) is required and described with a default"
          : "the key '\(name)' of \(Node.self) may be absent: describe it with the path of its "
            + "default, or with absent:, what holds then")
    }
    if !description.sentence.hasSuffix(".") || description.sentence.count < 10 {
      problems.append("the key '\(name)' of \(Node.self) needs a sentence")
    }
    keys.append(key)
  }
}
