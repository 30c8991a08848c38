internal import Networks
internal import Tensors

// ONNX runtimes multiply dense matrices: what has no entry is written as zero.

extension SparseLinearLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    dense.lower(site.with(parameters: denseParameters(site.parameters)), into: &graph)
  }
}

extension SparseConvolutionLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    dense.lower(site.with(parameters: denseParameters(site.parameters)), into: &graph)
  }
}

extension LoweringSite {
  /// The same place with other parameters.
  func with(parameters: [Tensor<Float>]) -> LoweringSite {
    LoweringSite(
      name: name, inputs: inputs, inputShapes: inputShapes, outputShape: outputShape,
      parameters: parameters)
  }
}
