internal import Networks
internal import Tensors

extension ConvolutionLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    // [kernelHeight, kernelWidth, inputs, outputs] to [outputs, inputs, kernelHeight, kernelWidth]
    var inputs = [
      site.input,
      graph.constant(site.inner("weight"), site.parameters[0].transposed([3, 2, 0, 1])),
    ]
    if hasBias { inputs.append(graph.constant(site.inner("bias"), site.parameters[1])) }
    let edges = padding.resolved(
      for: site.inputShapes[0], kernel: kernel, stride: stride, dilation: dilation)
    let output = activation == nil ? site.name : graph.unique(site.inner("linear"))
    graph.add(
      "Conv", inputs, output: output,
      [
        "kernel_shape": .ints(kernel.list), "strides": .ints(stride.list),
        "pads": .ints(edges.list), "dilations": .ints(dilation.list), "group": .int(groups),
      ])
    return activation?.lower(output, output: site.name, into: &graph) ?? output
  }
}

extension TransposedConvolutionLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    // [kernelHeight, kernelWidth, outputs, inputs] to [inputs, outputs, kernelHeight, kernelWidth]
    var inputs = [
      site.input,
      graph.constant(site.inner("weight"), site.parameters[0].transposed([3, 2, 0, 1])),
    ]
    if hasBias { inputs.append(graph.constant(site.inner("bias"), site.parameters[1])) }
    return graph.add(
      "ConvTranspose", inputs, output: site.name,
      [
        "kernel_shape": .ints(kernel.list), "strides": .ints(stride.list),
        "pads": .ints(padding.list), "output_padding": .ints(outputPadding.list),
        "dilations": .ints(dilation.list), "group": .int(groups),
      ])
  }
}

extension LinearLayer: ONNXLowerable {
  /// Features go through one `Gemm`, images through a 1×1 `Conv`, all else through `MatMul`.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let output = activation == nil ? site.name : graph.unique(site.inner("linear"))
    let weight = site.parameters[0]
    switch site.inputShapes[0].rank {
    case 1:
      var inputs = [
        site.input, graph.constant(site.inner("weight"), weight.transposed([1, 0])),
      ]
      if hasBias { inputs.append(graph.constant(site.inner("bias"), site.parameters[1])) }
      graph.add("Gemm", inputs, output: output, ["transB": .int(1)])
    case 3:
      let kernel = weight.transposed([1, 0]).reshaped(
        to: [outputFeatures, inputFeatures, 1, 1])
      var inputs = [site.input, graph.constant(site.inner("weight"), kernel)]
      if hasBias { inputs.append(graph.constant(site.inner("bias"), site.parameters[1])) }
      graph.add("Conv", inputs, output: output, ["kernel_shape": .ints([1, 1])])
    default:
      let product = hasBias ? graph.unique(site.inner("product")) : output
      graph.add(
        "MatMul", [site.input, graph.constant(site.inner("weight"), weight)], output: product)
      if hasBias {
        let bias = graph.constant(site.inner("bias"), site.parameters[1])
        graph.add("Add", [product, bias], output: output)
      }
    }
    return activation?.lower(output, output: site.name, into: &graph) ?? output
  }
}

extension Extent2D {
  /// Height and width, as ONNX orders them.
  var list: [Int] { [height, width] }
}

extension EdgePadding {
  /// The beginnings of both axes, then their ends, as ONNX orders them.
  var list: [Int] { [top, left, bottom, right] }
}
