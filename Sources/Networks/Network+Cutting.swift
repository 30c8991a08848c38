public import Tensors

/// A place where a network can be cut: one value crosses, nothing else does.
public struct CutPoint: Hashable, Codable, Sendable {
  /// The node whose output crosses.
  public let name: String
  /// The shape of what crosses, for one sample.
  public let shape: Shape
  /// The bytes of what crosses for one sample, as 32-bit floats.
  public let bytes: Int
  /// Multiply-accumulates of the head for one sample.
  public let headMACs: Int
  /// Multiply-accumulates of the tail for one sample.
  public let tailMACs: Int
  /// Numbers in the head's parameters, statistics included.
  public let headParameters: Int
  /// Numbers in the tail's parameters, statistics included.
  public let tailParameters: Int

  /// Describes the cut between two parts.
  public init(between head: Network, and tail: Network) {
    name = head.outputs[0]
    shape = head.outputShape
    bytes = shape.elementCount * 4
    headMACs = head.cost.macs
    tailMACs = tail.cost.macs
    headParameters = head.cost.parameters
    tailParameters = tail.cost.parameters
  }

  init(name: String, shape: Shape, head: Cost, tail: Cost) {
    self.name = name
    self.shape = shape
    bytes = shape.elementCount * 4
    headMACs = head.macs
    tailMACs = tail.macs
    headParameters = head.parameters
    tailParameters = tail.parameters
  }
}

extension Network {
  /// The name the tail gives the value that crosses the cut.
  public static let latentInput = "latent"

  /// The node a cut or attachment refers to: a node of that name, or the last node of the module
  /// of that name (`layer1` for `layer1.2.relu2`).
  ///
  /// - Throws: ``NetworkError/unknownNode(name:known:)``.
  public func resolve(_ name: String) throws(NetworkError) -> String {
    if node(named: name) != nil { return name }
    if let last = nodes.last(where: { $0.name.hasPrefix(name + ".") }) { return last.name }
    var modules: Set<String> = []
    for node in nodes {
      var prefix = ""
      for part in node.name.split(separator: ".") {
        prefix += (prefix.isEmpty ? "" : ".") + part
        modules.insert(prefix)
      }
    }
    throw .unknownNode(name: name, known: modules.sorted())
  }

  /// Every valid cut, in the order of the nodes.
  ///
  /// A cut at a node is valid if no value of the head but that node's is read in the tail, and the
  /// tail is not empty.
  public var cutPoints: [CutPoint] {
    let costs = nodes.map { cost(of: $0) }
    let totalMACs = costs.reduce(0) { $0 + $1.macs }
    let total = costs.reduce(0) { $0 + $1.parameters }
    return nodes.enumerated().compactMap { index, node in
      guard !outputs.contains(node.name), crossings(at: node.name).isEmpty else { return nil }
      let head = ancestors(of: node.name)
      var macs = 0
      var count = 0
      for (other, cost) in zip(nodes, costs) where head.contains(other.name) {
        macs += cost.macs
        count += cost.parameters
      }
      return CutPoint(
        name: node.name, shape: shapes[node.name] ?? [],
        head: Cost(macs: macs, parameters: count),
        tail: Cost(macs: totalMACs - macs, parameters: total - count))
    }
  }

  /// Cuts the network in two at a node.
  ///
  /// The head computes the node's value; the tail takes it as its input
  /// ``latentInput`` and computes the network's outputs. Both keep names and parameters.
  ///
  /// - Parameters:
  ///   - name: a node, or a module for its last node.
  ///   - sideInputs: inputs that both sides know without sending them, such as the state of a channel;
  ///     the tail takes those it reads behind its latent.
  /// - Throws: ``NetworkError/unknownNode(name:known:)``, or
  ///   ``NetworkError/invalidCut(name:crossing:nearest:)`` naming the values that cross.
  public func cut(
    at name: String, sideInputs: [String] = []
  ) throws(NetworkError) -> (head: Network, tail: Network) {
    let cut = try resolve(name)
    let crossing = crossings(at: cut, but: sideInputs)
    guard crossing.isEmpty, !outputs.contains(cut) else {
      throw .invalidCut(
        name: cut, crossing: crossing.isEmpty ? ["nothing: it is an output"] : crossing,
        nearest: nearestCuts(to: cut))
    }
    let inHead = ancestors(of: cut)
    let headNodes = nodes.filter { inHead.contains($0.name) }
    let tailNodes = nodes.filter { !inHead.contains($0.name) }.map { node in
      Node(
        node.name, node.layer,
        inputs: node.inputs.map { $0 == cut ? Network.latentInput : $0 })
    }
    let readInputs = Set(headNodes.flatMap(\.inputs))
    let head = try Network(
      name: self.name + ".head", inputs: inputs.filter { readInputs.contains($0.name) },
      nodes: headNodes, outputs: [cut], parameters: parameters(of: headNodes))
    let readInTail = Set(tailNodes.flatMap(\.inputs))
    let known = inputs.filter { sideInputs.contains($0.name) && readInTail.contains($0.name) }
    let tail = try Network(
      name: self.name + ".tail",
      inputs: [Input(Network.latentInput, shapes[cut] ?? [])] + known, nodes: tailNodes,
      outputs: outputs,
      parameters: parameters(of: tailNodes))
    return (head, tail)
  }

  /// Puts another network behind this one's first output; the reverse of a cut.
  ///
  /// - Throws: ``NetworkError/partsDoNotFit(expected:found:)``, or
  ///   ``NetworkError/duplicateName(_:)`` if the two share node names.
  public func followed(by next: Network, name: String) throws(NetworkError) -> Network {
    guard let entry = next.inputs.first, next.inputs.count == 1 else {
      throw .partsDoNotFit(expected: [], found: outputShape)
    }
    guard entry.shape == outputShape else {
      throw .partsDoNotFit(expected: entry.shape, found: outputShape)
    }
    let link = outputs[0]
    let appended = next.nodes.map { node in
      Node(node.name, node.layer, inputs: node.inputs.map { $0 == entry.name ? link : $0 })
    }
    return try Network(
      name: name, inputs: inputs, nodes: nodes + appended,
      outputs: next.outputs.map { $0 == entry.name ? link : $0 },
      parameters: parameters.merging(next.parameters) { own, _ in own })
  }

  /// The same network with other outputs, without the nodes none of them needs.
  ///
  /// - Throws: ``NetworkError/unknownValue(name:reader:known:)`` or ``NetworkError/noOutputs``.
  public func with(outputs: [String]) throws(NetworkError) -> Network {
    let needed = outputs.reduce(into: Set<String>()) { $0.formUnion(ancestors(of: $1)) }
    let kept = nodes.filter { needed.contains($0.name) }
    return try Network(
      name: name, inputs: inputs, nodes: kept, outputs: outputs, parameters: parameters(of: kept))
  }

  package func parameters(of nodes: [Node]) -> [String: Tensor<Float>] {
    var result: [String: Tensor<Float>] = [:]
    for path in nodes.lazy.flatMap(\.parameterPaths) { result[path] = parameters[path] }
    return result
  }

  /// The node itself and all nodes its value is computed from.
  private func ancestors(of name: String) -> Set<String> {
    var found: Set<String> = [name]
    for node in nodes.reversed() where found.contains(node.name) {
      found.formUnion(node.inputs)
    }
    return found.intersection(nodes.map(\.name))
  }

  /// The edges other than the cut node's own that lead from the head into the tail, as
  /// `value → reader`.
  private func crossings(at cut: String, but sideInputs: [String] = []) -> [String] {
    let head = ancestors(of: cut)
    let inputNames = Set(inputs.map(\.name)).subtracting(sideInputs)
    var crossing: [String] = []
    for node in nodes where !head.contains(node.name) {
      for input in node.inputs
      where input != cut && (head.contains(input) || inputNames.contains(input)) {
        crossing.append("\(input) → \(node.name)")
      }
    }
    for output in outputs where output != cut && head.contains(output) {
      crossing.append("\(output) → output")
    }
    return crossing
  }

  /// The last valid cut before a node and the first after it.
  private func nearestCuts(to name: String) -> [String] {
    let order = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1.name, $0) })
    let position = order[name] ?? 0
    let cuts = cutPoints.map(\.name)
    return [
      cuts.last { (order[$0] ?? 0) < position }, cuts.first { (order[$0] ?? 0) > position },
    ].compactMap { $0 }
  }
}
