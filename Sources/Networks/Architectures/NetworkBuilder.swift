public import Tensors

/// Collects the nodes of a network in order; each addition returns the name of its value.
public struct NetworkBuilder {
  private var inputs: [Network.Input]
  private var nodes: [Node] = []

  /// Begins a network with one input.
  public init(input: String = "input", shape: Shape) {
    inputs = [Network.Input(input, shape)]
  }

  /// Begins a network with several inputs.
  public init(inputs: [Network.Input]) { self.inputs = inputs }

  /// Adds a layer that reads one value.
  public mutating func add(_ name: String, _ layer: any Layer, after input: String) -> String {
    add(name, layer, inputs: [input])
  }

  /// Adds a layer that reads several values.
  public mutating func add(_ name: String, _ layer: any Layer, inputs: [String]) -> String {
    nodes.append(Node(name, layer, inputs: inputs))
    return name
  }

  /// The network that has been built, its parameters zero.
  ///
  /// - Throws: ``NetworkError`` as the initialiser of ``Network``.
  public func network(name: String, outputs: [String]) throws(NetworkError) -> Network {
    try Network(name: name, inputs: inputs, nodes: nodes, outputs: outputs)
  }
}
