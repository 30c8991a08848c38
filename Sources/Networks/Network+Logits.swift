extension Network {
  /// The network without a softmax that computes its only output, so that the output is logits;
  /// unchanged if there is none.
  public func withoutFinalSoftmax() -> Network {
    guard outputs.count == 1, let last = node(named: outputs[0]), last.layer is SoftmaxLayer,
      !nodes.contains(where: { $0.inputs.contains(last.name) })
    else { return self }
    let result = try? Network(
      name: name, inputs: inputs, nodes: nodes.filter { $0.name != last.name },
      outputs: last.inputs, parameters: parameters)
    // A softmax keeps its input's shape and owns no parameters, so that the checks cannot fail.
    return result ?? self
  }
}
