internal import Autodiff
internal import Networks
internal import Tensors

extension GDNLayer: ONNXLowerable {
  /// A product of matrices over channels between what is divided: a 1×1 convolution for images.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let (beta, gamma) = effective(site.parameters.map { Variable($0) })
    let size = graph.add(
      norm == .absolute ? "Abs" : "Mul",
      norm == .absolute ? [site.input] : [site.input, site.input],
      output: graph.unique(site.inner("size")))
    let offset = graph.constant(
      site.inner("beta"), beta.value.reshaped(to: site.inputLayout.channelBroadcast))
    var divisor: String
    if site.inputLayout.isImage {
      // ONNX has outputs first.
      let kernel = gamma.value.transposed([1, 0]).reshaped(to: [channels, channels, 1, 1])
      divisor = graph.add(
        "Conv", [size, graph.constant(site.inner("gamma"), kernel)],
        output: graph.unique(site.inner("sum")))
    } else {
      divisor = graph.add(
        "MatMul", [size, graph.constant(site.inner("gamma"), gamma.value)],
        output: graph.unique(site.inner("sum")))
    }
    divisor = graph.add("Add", [divisor, offset], output: graph.unique(site.inner("norm")))
    if norm == .squared {
      divisor = graph.add("Sqrt", [divisor], output: graph.unique(site.inner("root")))
    }
    return graph.add(isInverse ? "Mul" : "Div", [site.input, divisor], output: site.name)
  }
}

extension EntropyBottleneckLayer: ONNXLowerable {
  /// Rounding to whole numbers from the median.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let medians = graph.constant(
      site.inner("medians"),
      site.parameters[site.parameters.count - 1].reshaped(to: site.inputLayout.channelBroadcast))
    let centred = graph.add(
      "Sub", [site.input, medians], output: graph.unique(site.inner("centred")))
    let rounded = graph.add("Round", [centred], output: graph.unique(site.inner("rounded")))
    return graph.add("Add", [rounded, medians], output: site.name)
  }
}

extension GaussianConditionalLayer: ONNXLowerable {
  /// Rounding to whole numbers from the mean.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    guard site.inputs.count > 2 else {
      return graph.add("Round", [site.input], output: site.name)
    }
    let centred = graph.add(
      "Sub", [site.input, site.inputs[2]], output: graph.unique(site.inner("centred")))
    let rounded = graph.add("Round", [centred], output: graph.unique(site.inner("rounded")))
    return graph.add("Add", [rounded, site.inputs[2]], output: site.name)
  }
}
