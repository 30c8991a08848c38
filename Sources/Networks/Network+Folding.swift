internal import Tensors

extension Network {
  /// The same function with batch norms folded into the convolutions and linear layers before
  /// them, and element-wise activations fused into those layers and sums: what a frozen network is run,
  /// counted and exported as.
  ///
  /// A batch norm is folded, or an activation fused, only where nothing else reads the value it
  /// takes and that value is not an output. Its name passes to the layer it disappears into, so
  /// that every cut point but those inside the fused group keeps its name.
  ///
  /// The result equals this network in evaluation mode up to rounding.
  public func folded() -> Network {
    var nodes: [Node] = []
    var parameters = self.parameters
    var position: [String: Int] = [:]
    var readers: [String: Int] = [:]
    for input in self.nodes.flatMap(\.inputs) + outputs { readers[input, default: 0] += 1 }

    for node in self.nodes {
      if let input = node.inputs.first, node.inputs.count == 1, readers[input] == 1,
        let index = position[input],
        let merged = Network.merge(nodes[index], node, &parameters)
      {
        position[input] = nil
        nodes[index] = merged
        position[node.name] = index
      } else {
        nodes.append(node)
        position[node.name] = nodes.count - 1
      }
    }
    let kept = Set(nodes.flatMap(\.parameterPaths))
    let result = try? Network(
      name: name, inputs: inputs, nodes: nodes, outputs: outputs,
      parameters: parameters.filter { kept.contains($0.key) })
    // Merging keeps shapes, so that the checks cannot fail; the unfolded network is as correct.
    return result ?? self
  }

  /// One node in place of two, and its parameters, or `nil` if they do not merge.
  private static func merge(
    _ first: Node, _ second: Node, _ parameters: inout [String: Tensor<Float>]
  ) -> Node? {
    if let normalization = second.layer as? BatchNormalizationLayer {
      let layer: any Layer
      if var convolution = first.layer as? ConvolutionLayer, convolution.activation == nil {
        convolution.hasBias = true
        layer = convolution
      } else if var linear = first.layer as? LinearLayer, linear.activation == nil {
        linear.hasBias = true
        layer = linear
      } else {
        return nil
      }
      guard fold(normalization, of: second.name, into: first, as: second.name, &parameters)
      else { return nil }
      return Node(second.name, layer, inputs: first.inputs)
    }
    guard let activation = (second.layer as? ActivationLayer)?.activation,
      var layer = first.layer as? any ActivatedLayer, layer.activation == nil
    else { return nil }
    layer.activation = activation
    let merged = Node(second.name, layer, inputs: first.inputs)
    for (old, new) in zip(first.parameterPaths, merged.parameterPaths) {
      parameters[new] = parameters.removeValue(forKey: old)
    }
    return merged
  }

  /// Moves a batch norm's scale and shift into the weight and bias before it, in Double.
  private static func fold(
    _ normalization: BatchNormalizationLayer, of name: String, into node: Node,
    as newName: String, _ parameters: inout [String: Tensor<Float>]
  ) -> Bool {
    guard let weight = parameters["\(node.name).weight"],
      let mean = parameters["\(name).running_mean"],
      let variance = parameters["\(name).running_var"],
      weight.shape[-1] == normalization.channels
    else { return false }
    let channels = normalization.channels
    let scales =
      parameters["\(name).weight"]?.scalars ?? [Float](repeating: 1, count: channels)
    let shifts = parameters["\(name).bias"]?.scalars ?? [Float](repeating: 0, count: channels)
    let factors = zip(scales, variance.scalars).map {
      Double($0) / (Double($1) + normalization.epsilon).squareRoot()
    }
    let bias = parameters["\(node.name).bias"]?.scalars ?? [Float](repeating: 0, count: channels)
    let means = mean.scalars
    let newBias = (0..<channels).map { channel -> Float in
      let centred = Double(bias[channel]) - Double(means[channel])
      return Float(centred * factors[channel] + Double(shifts[channel]))
    }
    let newWeight = weight.scalars.enumerated().map { index, value in
      Float(Double(value) * factors[index % channels])
    }
    for path in node.parameterPaths { parameters[path] = nil }
    for path in ["weight", "bias", "running_mean", "running_var"] {
      parameters["\(name).\(path)"] = nil
    }
    parameters["\(newName).weight"] = Tensor(weight.shape, newWeight)
    parameters["\(newName).bias"] = Tensor([channels], newBias)
    return true
  }
}
