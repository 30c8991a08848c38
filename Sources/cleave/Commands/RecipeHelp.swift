import ArgumentParser
import Recipes
import Sweeps
import Terminal

/// `cleave help recipe`: the keys of recipes and sweeps.
struct RecipeHelp: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "help recipe",
    abstract: "Explain the keys of recipes: types, defaults, units and what each is for.",
    usage: "cleave help recipe [<node> ...] [--json]",
    discussion: """
      Without a node, lists all nodes. A node is named by the keys that lead to it, such as data, \
      train.optimizer, tasks, or the name of a method; sweep is the file of `cleave sweep`.

      Examples:
        cleave help recipe data
        cleave help recipe train.optimizer
        cleave help recipe train epochs
      """)

  @Argument(help: "The node, or a key of it.")
  var node: [String] = []

  @OptionGroup var shared: OutputOptions

  private struct Everything: Encodable {
    let keys: [NodeReference.Key]
    let nodes: [NodeReference]
  }

  func run() throws {
    try reporting {
      let reference = RecipeReference(and: [("sweep", SweepConfiguration.self)])
      let sink = FileSink.standardOutput
      let path = node.flatMap { $0.split(separator: ".") }.map { String($0.prefix { $0 != "[" }) }
      if path.isEmpty {
        let everything = Everything(keys: reference.topKeys, nodes: reference.nodes())
        if shared.json { return try Output.json(everything) }
        return write(everything, to: sink)
      }
      let found: NodeReference
      do throws(ReferenceError) { found = try reference.node(at: path) } catch {
        throw CommandFailure(message: "\(error)", status: 2)
      }
      if shared.json { return try Output.json(found) }
      write(found, to: sink)
    }
  }

  private func write(_ everything: Everything, to sink: FileSink) {
    sink.writeParagraph(
      "A recipe is a YAML file with these keys, and the nodes below, of which data and network are "
        + "required.")
    sink.write("\n")
    write(everything.keys, to: sink)
    sink.write("\n")
    var table = TextTable(header: ["node", "what it is about"], alignments: [.left, .left])
    for node in everything.nodes { table.append([node.path, node.summary]) }
    table.write(to: sink)
    sink.write("\n")
    sink.writeParagraph("`cleave help recipe NODE` lists the keys of a node.")
  }

  private func write(_ node: NodeReference, to sink: FileSink) {
    sink.writeParagraph("\(node.path)\(node.isList ? "[]" : ""): \(node.summary)")
    sink.write("\n")
    write(node.keys, to: sink, of: node.path)
  }

  /// Each key with its type, default and unit, and its sentence below.
  private func write(_ keys: [NodeReference.Key], to sink: FileSink, of path: String? = nil) {
    let columns = max(sink.capabilities.columns, 40)
    let width = min(24, keys.reduce(0) { max($0, $1.key.count) }) + 2
    let margin = String(repeating: " ", count: width)
    for key in keys {
      let lines =
        TextLines.of(facts(key, path), columns: columns - width)
        + TextLines.of(key.sentence, columns: columns - width)
      for (index, line) in lines.enumerated() {
        let name = index == 0 ? key.key + " " : ""
        sink.write(name + margin.dropFirst(name.count) + line + "\n")
      }
    }
  }

  /// `number in pixels, default 4; only for two_stage`.
  private func facts(_ key: NodeReference.Key, _ path: String?) -> String {
    var facts = key.type
    if let choices = key.choices { facts += ": \(choices.joined(separator: ", "))" }
    if let unit = key.unit { facts += " (\(unit))" }
    facts += key.choices == nil && key.unit == nil ? ", " : "; "
    facts += key.isRequired ? "required" : "default \(key.standard ?? "none")"
    if let variants = key.variants { facts += "; only for \(variants.joined(separator: ", "))" }
    if let path, key.type.hasSuffix("node") || key.type.hasSuffix("nodes") {
      facts += "; see \(path).\(key.key)"
    }
    return facts
  }
}
