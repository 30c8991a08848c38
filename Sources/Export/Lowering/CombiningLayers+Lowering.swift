internal import Networks
internal import Tensors

extension AddLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    guard let activation else { return graph.chain("Add", site, output: site.name) }
    let sum = graph.chain("Add", site, output: graph.unique(site.inner("sum")))
    return activation.lower(sum, output: site.name, into: &graph)
  }
}

extension MultiplyLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    graph.chain("Mul", site, output: site.name)
  }
}

extension ConcatenateLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    graph.add(
      "Concat", site.inputs, output: site.name, ["axis": .int(site.inputLayout.axis(axis))])
  }
}

extension GraphLowering {
  /// Combines the inputs of a node from left to right with an operator of two operands.
  fileprivate mutating func chain(
    _ operation: String, _ site: LoweringSite, output: String
  ) -> String {
    var value = site.input
    for (index, input) in site.inputs.enumerated().dropFirst() {
      let isLast = index == site.inputs.count - 1
      value = add(
        operation, [value, input],
        output: isLast ? output : unique(site.inner("partial\(index)")))
    }
    return value
  }
}
