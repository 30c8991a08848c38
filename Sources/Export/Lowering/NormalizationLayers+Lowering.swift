internal import Networks
internal import Tensors

extension LayerNormalizationLayer: ONNXLowerable {
  /// ONNX normalises over the last axes: an image has its channels there only for the while, unless
  /// all its axes are normalised together.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let layout = site.inputLayout
    guard layout.isImage else {
      return append(site, site.input, output: site.name, permutation: nil, into: &graph)
    }
    if shape.rank == 3 {
      return append(
        site, site.input, output: site.name, permutation: layout.order, into: &graph)
    }
    let input = graph.channelsLast(site.input, site)
    let normalized = append(
      site, input, output: graph.unique(site.inner("normalized")), permutation: nil, into: &graph)
    return graph.channelsFirst(normalized, site)
  }

  private func append(
    _ site: LoweringSite, _ input: String, output: String, permutation: [Int]?,
    into graph: inout GraphLowering
  ) -> String {
    let constants = zip(["weight", "bias"], completed(site.parameters)).map { name, value in
      graph.constant(site.inner(name), permutation.map { value.transposed($0) } ?? value)
    }
    return graph.add(
      "LayerNormalization", [input] + constants, output: output,
      ["axis": .int(-shape.rank), "epsilon": .float(epsilon)])
  }
}

extension GroupNormalizationLayer: ONNXLowerable {
  /// ONNX's own operator scales whole groups up to version 20: here groups are instances, and
  /// channels are scaled after.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let parameters = completed(site.parameters)
    let layout = site.inputLayout
    let rank = layout.shape.rank
    // Channels have to be axis 1, as they are in images and features.
    let isDirect = layout.channelAxis == 1
    var value = site.input
    var extents = layout.dimensions
    if !isDirect {
      extents = [channels] + layout.shape.dimensions.dropLast()
      value = graph.add(
        "Transpose", [value], output: graph.unique(site.inner("channels_first")),
        ["perm": .ints([0, rank] + (1..<rank))])
    }
    value = graph.add(
      "Reshape", [value, graph.constant(site.inner("groups"), [0, groups, -1])],
      output: graph.unique(site.inner("grouped")))
    value = graph.add(
      "InstanceNormalization",
      [
        value, graph.constant(site.inner("ones"), Tensor([groups], repeating: 1)),
        graph.constant(site.inner("zeros"), Tensor([groups], repeating: 0)),
      ], output: graph.unique(site.inner("normalized")), ["epsilon": .float(epsilon)])
    value = graph.add(
      "Reshape", [value, graph.constant(site.inner("shape"), [0] + extents)],
      output: graph.unique(site.inner("ungrouped")))
    let broadcast = Shape([channels] + [Int](repeating: 1, count: extents.count - 1))
    value = graph.add(
      "Mul",
      [
        value,
        graph.constant(site.inner("weight"), parameters[0].reshaped(to: broadcast)),
      ], output: graph.unique(site.inner("scaled")))
    value = graph.add(
      "Add",
      [value, graph.constant(site.inner("bias"), parameters[1].reshaped(to: broadcast))],
      output: isDirect ? site.name : graph.unique(site.inner("shifted")))
    guard !isDirect else { return value }
    return graph.add(
      "Transpose", [value], output: site.name, ["perm": .ints([0] + (2...rank) + [1])])
  }
}
