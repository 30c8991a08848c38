import Configurations
import Foundation
import Recipes
import Testing

/// Help on recipes fits what decoding does.
@Suite struct RecipeReferenceTests {
  private static var reference: RecipeReference { RecipeReference() }

  /// Every type of node that a recipe can have, by a path that leads to it.
  private static var types: [(path: String, type: any DescribedNode.Type)] {
    var found: [(path: String, type: any DescribedNode.Type)] = []
    var seen: Set<ObjectIdentifier> = []
    func visit(_ path: String, _ type: any DescribedNode.Type) {
      guard seen.insert(ObjectIdentifier(type)).inserted else { return }
      found.append((path, type))
      for key in NodeFacts(type).keys {
        if case .node(let inner, _) = key.kind { visit("\(path).\(key.name)", inner) }
      }
      for part in type.parts { visit("\(path) (part)", part) }
    }
    for root in reference.roots { visit(root.name, root.type) }
    return found
  }

  /// What is wrong is said with what is to be done.
  @Test func everyKeyOfEveryNodeIsDescribed() {
    #expect(Self.types.count > 30)
    #expect(
      Self.reference.undescribed.isEmpty,
      "the settings of these do not conform to DescribedNode: give them a summary and describe(_:)")
    for (path, type) in Self.types {
      for problem in NodeFacts(type).problems { Issue.record("\(path): \(problem)") }
    }
  }

  /// A node in which a key has its printed default is the node without the key.
  @Test func printedDefaultsAreDecodedAsTheNodeWithoutThem() throws {
    var checked = 0
    func check<Node: DescribedNode>(_ type: Node.Type, _ path: String) throws {
      let kinds: [(text: String, name: String?)] =
        Node.variants.isEmpty ? [("{}", nil)] : Node.variants.map { ($0.text, $0.name) }
      for kind in kinds {
        let plain = try NodeProbe(type, kind.text)
        for key in Node.describedKeys {
          let name = key.stringValue
          guard plain.asked[name] != nil, !Node.variants.contains(where: { $0.key == name }),
            let text = Node.describe(key).value(in: plain.node)
          else { continue }
          let entries = kind.text.dropFirst().dropLast()
          let written = "{\(entries.isEmpty ? "" : "\(entries), ")\(name): \(text)}"
          let node = try StrictNode.decode(type, written)
          #expect(equal(node.value, plain.node), "\(path): \(written)")
          #expect(!node.problems.contains { $0.contains(name) }, "\(path): \(node.problems)")
          checked += 1
        }
      }
    }
    for (path, type) in Self.types { try check(type, path) }
    #expect(checked > 150)
  }

  private func equal(_ one: Any, _ other: Any) -> Bool {
    func compare<Value: Equatable>(_ value: Value) -> Bool { value == other as? Value }
    guard let value = one as? any Equatable else { return false }
    return compare(value)
  }

  /// A mistyped key lists the keys that help lists.
  @Test func unknownKeysListTheKnownOnesOfEveryNode() throws {
    func check<Node: DescribedNode>(_ type: Node.Type, _ path: String) throws {
      let facts = NodeFacts(type)
      for kind in Node.variants.isEmpty ? ["{}"] : Node.variants.map(\.text) {
        let entries = kind.dropFirst().dropLast()
        let written = "{\(entries.isEmpty ? "" : "\(entries), ")zzz: 1}"
        let found = try StrictNode.decode(type, written).unknown
        let problem = try #require(found.first, "\(path) takes the key zzz")
        #expect(found.count == 1)
        let known = Set(problem.knownKeys)
        #expect(known.isSubset(of: facts.keys.map(\.name)), "\(path): \(problem)")
        #expect(
          Node.variants.isEmpty ? known.count == facts.keys.count : !known.isEmpty,
          "\(path): \(problem)")
      }
    }
    for (path, type) in Self.types { try check(type, path) }
  }

  @Test func theTopOfARecipeIsAllThatItKnows() throws {
    let error = #expect(throws: RecipeProblems.self) {
      try Recipe(RecipeDocument(name: "r.yaml", text: "method: supervised\nzzz: 1\n"))
    }
    let unknown = try #require(error?.problems.first { !$0.knownKeys.isEmpty })
    #expect(
      Set(unknown.knownKeys)
        == Set(Self.reference.topKeys.map(\.key) + Recipe.sections.map(\.name) + ["supervised"]))
  }

  @Test func defaultsDifferByKind() throws {
    let optimizer = try Self.reference.node(at: ["train", "optimizer"])
    #expect(optimizer.path == "train.optimizer" && !optimizer.isList)
    let rate = try #require(optimizer.keys.first { $0.key == "learning_rate" })
    #expect(rate.standard == "0.1 (sgd), 0.001 (adam, adamw)")
    #expect(rate.variants == nil && rate.type == "number")
    let momentum = try #require(optimizer.keys.first { $0.key == "momentum" })
    #expect(momentum.standard == "0" && momentum.variants == ["sgd"])
    let name = try #require(optimizer.keys.first)
    #expect(name.key == "name" && name.isRequired && name.choices == ["sgd", "adam", "adamw"])
    let size = try #require(
      try Self.reference.node(at: ["data"]).keys.first { $0.key == "size" })
    #expect(size.variants?.contains("shapes") == true)
    #expect(size.variants?.contains("cifar10") == false)
  }

  @Test func nodesAreFoundByTheirKeysAndByTheirLastNames() throws {
    let tasks = try Self.reference.node(at: ["mtl_split", "tasks"])
    #expect(tasks.isList && tasks.keys.first?.key == "name")
    #expect(try Self.reference.node(at: ["world"]).path == "data.world")
    #expect(try Self.reference.node(at: ["nasc", "retraining", "optimizer"]).keys.count == 8)
    let epochs = try Self.reference.node(at: ["train", "epochs"])
    #expect(epochs.keys.map(\.key) == ["epochs"])
    #expect(epochs.keys.first?.standard == "10" && epochs.keys.first?.unit == "epochs")
  }

  @Test(arguments: [
    (["trian"], "there is no node or key 'trian' (did you mean 'train'?); known are data, "),
    (["train", "optimiser"], "no node or key 'train.optimiser' (did you mean 'train.optimizer'?)"),
    (["train", "epochs", "x"], "'train.epochs' is a value and has no keys"),
  ]) func unknownNodesAreExplained(path: [String], expected: String) {
    let error = #expect(throws: ReferenceError.self) { try Self.reference.node(at: path) }
    #expect(error.map { "\($0)" }?.contains(expected) == true, "\(String(describing: error))")
  }
}

/// A node as a recipe's decoder reads it, with everything that it finds wrong.
private struct StrictNode<Node: Decodable> {
  let value: Node
  let problems: [String]
  let unknown: [RecipeProblem]

  static func decode(_ type: Node.Type, _ text: String) throws -> StrictNode {
    let root = try RecipeDocument(name: "", text: text).root
    let log = DecodingLog(root: root)
    let decoder = NodeDecoder(
      node: root, keyLocation: root.location, codingPath: [], log: log, isPlaceholder: true)
    let value = try Node(from: decoder)
    decoder.reportUnknownKeys(isComplete: true)
    return StrictNode(
      value: value, problems: log.problems.map(\.message).filter { !$0.contains("lacks the key") },
      unknown: log.problems.filter { !$0.knownKeys.isEmpty })
  }
}
