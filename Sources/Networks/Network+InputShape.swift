public import Tensors

extension Network {
  /// The same layers with the same parameters for images of another size.
  ///
  /// - Precondition: one input.
  /// - Throws: ``NetworkError/layer(node:kind:_:)`` for the first layer that cannot take what the
  ///   ones before it give then, such as a linear layer behind a flattened image.
  public func taking(_ shape: Shape) throws(NetworkError) -> Network {
    precondition(inputs.count == 1, "Network.taking: \(inputs.count) inputs")
    return try Network(
      name: name, inputs: [Input(inputs[0].name, shape)], nodes: nodes, outputs: outputs,
      parameters: parameters)
  }
}
