internal import Networks
internal import Tensors

extension AddLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    graph.chain("Add", site)
  }
}

extension MultiplyLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    graph.chain("Mul", site)
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
  fileprivate mutating func chain(_ operation: String, _ site: LoweringSite) -> String {
    var value = site.input
    for (index, input) in site.inputs.enumerated().dropFirst() {
      let isLast = index == site.inputs.count - 1
      value = add(
        operation, [value, input],
        output: isLast ? site.name : unique(site.inner("partial\(index)")))
    }
    return value
  }
}
