package import Configurations
internal import Methods
internal import Suggestions
internal import Training

/// The nodes of recipes with all their keys, as help shows them.
///
/// Names, types, defaults and what is required are those of decoding; sentences and units are those
/// of ``DescribedNode``.
public struct RecipeReference {
  /// A node that others are in.
  package struct Root {
    package let name: String
    package let type: any DescribedNode.Type
  }

  package let roots: [Root]

  /// Describes recipes.
  ///
  /// - Parameter others: the roots of other files that are read as recipes are, by name.
  public init(and others: [(name: String, type: any Decodable.Type)] = []) {
    let found: [(String, any Decodable.Type)] =
      Recipe.sections.map { ($0.name, $0.type) }
      + MethodRegistry.methods.map { ($0.name, RecipeReference.configuration(of: $0)) }
      .sorted { $0.0 < $1.0 } + others.map { ($0.name, $0.type) }
    roots = found.compactMap { name, type in
      (type as? any DescribedNode.Type).map { Root(name: name, type: $0) }
    }
    undescribed = found.filter { !($0.1 is any DescribedNode.Type) }.map { $0.0 }
  }

  /// The roots whose type does not describe itself.
  package let undescribed: [String]

  private static func configuration<Chosen: Method>(
    of type: Chosen.Type
  ) -> any Decodable.Type { Chosen.Configuration.self }

  /// The keys at the top of a recipe that are no nodes.
  public var topKeys: [NodeReference.Key] {
    let names = MethodRegistry.methods.map { $0.name }.sorted()
    return [
      NodeReference.Key(
        key: "method", type: "text", choices: names, isRequired: true,
        sentence: "The method; a node of its name has its settings."),
      NodeReference.Key(
        key: "seed", type: "integer", isRequired: false, standard: "\(Recipe.standardSeed)",
        sentence: "What all random draws follow from."),
    ]
  }

  /// All nodes, each before those in it; a node that stands in several places is there once.
  public func nodes() -> [NodeReference] {
    var found: [NodeReference] = []
    var seen: Set<ObjectIdentifier> = []
    func visit(_ type: any DescribedNode.Type, at path: [String], isList: Bool) {
      guard seen.insert(ObjectIdentifier(type)).inserted else { return }
      let facts = NodeFacts(type)
      found.append(facts.reference(at: path, isList: isList))
      for key in facts.keys {
        guard case .node(let inner, let isList) = key.kind else { continue }
        visit(inner, at: path + [key.name], isList: isList)
      }
    }
    for root in roots {
      // Methods that share their settings have a node each.
      seen.remove(ObjectIdentifier(root.type))
      visit(root.type, at: [root.name], isList: false)
    }
    return found
  }

  /// What a path of keys leads to, such as `train.optimizer`, a node or one key of a node; a name
  /// alone also finds a node further down.
  ///
  /// - Throws: ``ReferenceError`` if there is no such node.
  public func node(at path: [String]) throws(ReferenceError) -> NodeReference {
    guard let first = path.first else { throw .unknown(name: "", nearest: nil, known: names) }
    guard let root = roots.first(where: { $0.name == first }) else {
      return try deeper(path)
    }
    var facts = NodeFacts(root.type)
    var isList = false
    for (index, name) in path.enumerated().dropFirst() {
      guard let key = facts.keys.first(where: { $0.name == name }) else {
        let known = facts.keys.map(\.name)
        throw .unknown(
          name: path[...index].joined(separator: "."),
          nearest: NearestName.of(name, among: known).map {
            (path[..<index] + [$0]).joined(separator: ".")
          }, known: known)
      }
      guard case .node(let type, let list) = key.kind else {
        guard index == path.count - 1 else {
          throw .noNode(path[...index].joined(separator: "."))
        }
        return facts.reference(at: Array(path[..<index]), isList: isList).only(name)
      }
      facts = NodeFacts(type)
      isList = list
    }
    return facts.reference(at: path, isList: isList)
  }

  /// The node further down that a path of keys ends in.
  private func deeper(_ path: [String]) throws(ReferenceError) -> NodeReference {
    let all = nodes()
    let found = all.filter { $0.path.split(separator: ".").map(String.init).hasSuffix(path) }
    let name = path.joined(separator: ".")
    if found.count == 1 { return found[0] }
    if found.count > 1 { throw .ambiguous(name: name, paths: found.map(\.path)) }
    throw .unknown(
      name: name, nearest: NearestName.of(name, among: all.map(\.path) + names), known: names)
  }

  private var names: [String] { roots.map(\.name) }
}

extension [String] {
  fileprivate func hasSuffix(_ other: [String]) -> Bool { suffix(other.count) == other[...] }
}

/// Why there is no help on a node.
public enum ReferenceError: Error, Equatable, CustomStringConvertible {
  /// No node has the name.
  case unknown(name: String, nearest: String?, known: [String])
  /// Several nodes have it.
  case ambiguous(name: String, paths: [String])
  /// A key has a value and no keys of its own.
  case noNode(String)

  /// What is wrong, and which names there are.
  public var description: String {
    switch self {
    case .unknown(let name, let nearest, let known):
      "there is no node or key '\(name)'" + (nearest.map { " (did you mean '\($0)'?)" } ?? "")
        + "; known are \(known.joined(separator: ", "))"
    case .ambiguous(let name, let paths):
      "several nodes are called '\(name)': expected one of \(paths.joined(separator: ", "))"
    case .noNode(let path): "'\(path)' is a value and has no keys"
    }
  }
}

extension Recipe {
  /// The sections that every recipe has, besides the method's.
  package static var sections: [(name: String, type: any Decodable.Type)] {
    [
      ("data", DataConfiguration.self), ("network", NetworkConfiguration.self),
      ("train", TrainingConfiguration.self), ("link", LinkSection.self),
      ("output", OutputSection.self), ("benchmark", BenchmarkConfiguration.self),
    ]
  }
}
