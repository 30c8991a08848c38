internal import Networks
internal import Tensors

extension EmbeddingLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    var value = site.input
    if site.inputLayout.isImage { value = graph.channelsLast(value, site) }
    value = graph.add("Round", [value], output: graph.unique(site.inner("rounded")))
    value = graph.add(
      "Clip",
      [
        value, graph.constant(site.inner("first"), Tensor(0)),
        graph.constant(site.inner("last"), Tensor(Float(tokens - 1))),
      ], output: graph.unique(site.inner("clipped")))
    // 7 is ONNX's 64-bit integer.
    value = graph.add(
      "Cast", [value], output: graph.unique(site.inner("indices")), ["to": .int(7)])
    let table = graph.constant(site.inner("weight"), site.parameters[0])
    let isImage = site.outputLayout.isImage
    value = graph.add(
      "Gather", [table, value],
      output: isImage ? graph.unique(site.inner("gathered")) : site.name, ["axis": .int(0)])
    return isImage ? graph.channelsFirst(value, site) : value
  }
}
