internal import Networks
internal import Tensors

extension FlattenLayer: ONNXLowerable {
  /// An image is brought into the engine's order first, which the features keep.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let value = graph.inEngineOrder(site)
    return graph.add("Flatten", [value], output: site.name, ["axis": .int(1)])
  }
}

extension ReshapeLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let value = graph.inEngineOrder(site)
    let layout = site.outputLayout
    let isDirect = layout.keepsOrder
    // A 0 stands for the input's extent: the batch.
    let shape = graph.constant(
      site.inner("shape"), [0] + (isDirect ? layout.dimensions : layout.shape.dimensions))
    let reshaped = graph.add(
      "Reshape", [value, shape],
      output: isDirect ? site.name : graph.unique(site.inner("channels_last_reshaped")))
    return isDirect ? reshaped : graph.channelsFirst(reshaped, site)
  }
}

extension TransposeLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let sources = site.outputLayout.order.map { site.inputLayout.axis(permutation[$0]) }
    return graph.add(
      "Transpose", [site.input], output: site.name, ["perm": .ints([0] + sources)])
  }
}

extension PadLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let layout = site.inputLayout
    let amounts = graph.constant(
      site.inner("pads"), [0] + layout.reordered(before) + [0] + layout.reordered(after))
    let constant = graph.constant(site.inner("value"), Tensor(Float(value)))
    return graph.add(
      "Pad", [site.input, amounts, constant], output: site.name, ["mode": .string("constant")])
  }
}

extension SliceLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let input = site.inputShapes[0]
    let layout = site.inputLayout
    let ends = (0..<input.rank).map { min(self.ends[$0] ?? input[$0], input[$0]) }
    let cut = layout.order.filter { starts[$0] > 0 || ends[$0] < input[$0] || steps[$0] > 1 }
    guard !cut.isEmpty else { return site.input }
    return graph.add(
      "Slice",
      [
        site.input, graph.constant(site.inner("starts"), cut.map { starts[$0] }),
        graph.constant(site.inner("ends"), cut.map { ends[$0] }),
        graph.constant(site.inner("axes"), cut.map { layout.axis($0) }),
        graph.constant(site.inner("steps"), cut.map { steps[$0] }),
      ], output: site.name)
  }
}
