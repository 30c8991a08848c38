internal import Tensors

extension Network {
  /// Puts another network on values inside this one: an exit branch, a task head, a gate.
  ///
  /// The nodes of the other get a prefix, so that several networks of the same make can be
  /// attached; its outputs are added behind this network's own.
  ///
  /// - Parameters:
  ///   - branch: its inputs read the edges in their order.
  ///   - prefix: `prefix.` stands before the name of each of its nodes.
  ///   - edges: nodes (or modules, for their last node, or inputs) of this network.
  /// - Throws: ``NetworkError/unknownNode(name:known:)`` for an edge that does not exist,
  ///   ``NetworkError/partsDoNotFit(expected:found:)`` for one of another shape, or
  ///   ``NetworkError/duplicateName(_:)`` if the prefix is taken.
  public func attaching(
    _ branch: Network, prefix: String, at edges: [String]
  ) throws(NetworkError) -> Network {
    precondition(
      branch.inputs.count == edges.count,
      "attaching: \(branch.inputs.count) inputs, \(edges.count) edges")
    var names: [String: String] = [:]
    for (input, edge) in zip(branch.inputs, edges) {
      let value = shapes[edge] == nil ? try resolve(edge) : edge
      let found = shapes[value] ?? []
      guard found == input.shape else {
        throw .partsDoNotFit(expected: input.shape, found: found)
      }
      names[input.name] = value
    }
    for node in branch.nodes { names[node.name] = "\(prefix).\(node.name)" }
    let added = branch.nodes.map { node in
      Node(
        names[node.name] ?? node.name, node.layer, inputs: node.inputs.map { names[$0] ?? $0 })
    }
    var parameters = self.parameters
    for (path, value) in branch.parameters { parameters["\(prefix).\(path)"] = value }
    return try Network(
      name: name, inputs: inputs, nodes: nodes + added,
      outputs: outputs + branch.outputs.map { names[$0] ?? $0 }, parameters: parameters)
  }
}
