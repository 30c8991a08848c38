internal import Networks
internal import Tensors

extension Network {
  /// The same function with every fused activation as a node of its own, so that the range of what
  /// it takes can be seen; names of values stay.
  func withSeparateActivations() -> Network {
    var nodes: [Node] = []
    var parameters = self.parameters
    let names = Set(self.nodes.map(\.name) + inputs.map(\.name))
    for node in self.nodes {
      guard var layer = node.layer as? any ActivatedLayer, let activation = layer.activation
      else {
        nodes.append(node)
        continue
      }
      layer.activation = nil
      var name = "\(node.name)/linear"
      while names.contains(name) { name += "#" }
      let before = Node(name, layer, inputs: node.inputs)
      for (old, new) in zip(node.parameterPaths, before.parameterPaths) {
        parameters[new] = parameters.removeValue(forKey: old)
      }
      nodes += [before, Node(node.name, ActivationLayer(activation), inputs: [name])]
    }
    let result = try? Network(
      name: name, inputs: inputs, nodes: nodes, outputs: outputs, parameters: parameters)
    // Shapes and names are kept, so that the checks cannot fail; the fused network is as correct.
    return result ?? self
  }
}
