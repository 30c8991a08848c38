internal import Tensors

extension Network {
  /// The same network with sparse layers in place of linear and convolutional ones, their weights
  /// those of this network where there are connections.
  ///
  /// A rule that leaves a layer all its connections leaves it as it is, but for the padding.
  ///
  /// - Parameters:
  ///   - rules: the first that matches a layer is its.
  ///   - seed: from which, with a layer's name, its pattern is drawn.
  /// - Throws: ``SparsityError`` if a rule matches no layer, or has no pattern for one.
  public func sparsified(_ rules: [SparsityRule], seed: UInt64) throws -> Network {
    let layers = nodes.filter { $0.layer is LinearLayer || $0.layer is ConvolutionLayer }
    for rule in rules
    where !layers.contains(where: { Freezing.matches(rule.layers, $0.name) }) {
      throw SparsityError.noLayer(pattern: rule.layers, known: layers.map(\.name))
    }
    var parameters = parameters
    var nodes: [Node] = []
    for node in self.nodes {
      guard let rule = rules.first(where: { Freezing.matches($0.layers, node.name) }),
        node.layer is LinearLayer || node.layer is ConvolutionLayer
      else {
        nodes.append(node)
        continue
      }
      nodes += try Network.sparsified(node, rule, seed: seed, &parameters)
    }
    return try Network(
      name: name, inputs: inputs, nodes: nodes, outputs: outputs, parameters: parameters)
  }

  private static func sparsified(
    _ node: Node, _ rule: SparsityRule, seed: UInt64, _ parameters: inout [String: Tensor<Float>]
  ) throws(SparsityError) -> [Node] {
    let weightPath = "\(node.name).weight"
    let weight = parameters[weightPath]
    func connections(_ inputs: Int, _ outputs: Int) throws(SparsityError) -> SparseConnections? {
      let degree =
        rule.outDegree
        ?? PredefinedSparsity.outDegree(
          inputs: inputs, outputs: outputs, density: rule.density ?? 1)
      guard degree != outputs else { return nil }
      var random = RandomSource(seed: seed, purpose: "sparsity of \(node.name)")
      return try SparseConnections(
        inputs: inputs, outputs: outputs,
        drawing: PredefinedSparsity(
          rule.pattern ?? .structured, outDegree: degree, seed: random.next(),
          memories: rule.memories, dithers: rule.dither ?? false),
        storesIndices: rule.stored == .index)
    }
    if let layer = node.layer as? LinearLayer {
      let inputs = max(rule.padInputs ?? layer.inputFeatures, layer.inputFeatures)
      if let padInputs = rule.padInputs, padInputs < layer.inputFeatures {
        throw .notSparse(
          layer: node.name,
          reason: "it has \(layer.inputFeatures) inputs, more than the \(padInputs) of pad_inputs")
      }
      let added = inputs - layer.inputFeatures
      let found = try connections(inputs, layer.outputFeatures)
      if let weight {
        let full = added == 0 ? weight : weight.padded(rows: added)
        parameters[weightPath] = found.map { $0.pattern.entries(of: full) } ?? full
      }
      let replaced: any Layer =
        found.map {
          SparseLinearLayer($0, hasBias: layer.hasBias, activation: layer.activation)
        }
        ?? LinearLayer(
          inputs, layer.outputFeatures, hasBias: layer.hasBias, activation: layer.activation)
      guard added > 0 else { return [Node(node.name, replaced, inputs: node.inputs)] }
      let pad = Node(
        "\(node.name).pad", PadLayer(before: [0], after: [added]), inputs: node.inputs)
      return [pad, Node(node.name, replaced, inputs: [pad.name])]
    }
    guard let layer = node.layer as? ConvolutionLayer else { return [node] }
    guard rule.padInputs == nil else {
      throw .notSparse(layer: node.name, reason: "pad_inputs is for linear layers")
    }
    guard layer.groups == 1 else {
      throw .notSparse(layer: node.name, reason: "its channels are in groups already")
    }
    guard let found = try connections(layer.inputChannels, layer.outputChannels) else {
      return [node]
    }
    let replaced = SparseConvolutionLayer(found, like: layer)
    if let weight {
      parameters[weightPath] = found.pattern.repeated(layer.kernel.area).entries(
        of: weight.reshaped(to: [weight.count / layer.outputChannels, layer.outputChannels]))
    }
    return [Node(node.name, replaced, inputs: node.inputs)]
  }
}

extension Tensor {
  /// This matrix with rows of zeros behind its own.
  fileprivate func padded(rows: Int) -> Tensor {
    Tensor(
      [shape[0] + rows, shape[1]],
      scalars + [Scalar](repeating: 0, count: rows * shape[1]))
  }
}
