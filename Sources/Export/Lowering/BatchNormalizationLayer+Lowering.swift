internal import Networks
internal import Tensors

extension BatchNormalizationLayer: ONNXLowerable {
  /// ONNX normalises axis 1: where the channels stand elsewhere, a product and a sum do the same.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let parameters = completed(site.parameters)
    guard site.inputLayout.channelAxis != 1 else {
      let constants = zip(["weight", "bias", "running_mean", "running_var"], parameters)
        .map { graph.constant(site.inner($0), $1) }
      return graph.add(
        "BatchNormalization", [site.input] + constants, output: site.name,
        ["epsilon": .float(epsilon)])
    }
    let (scale, shift, mean, variance) = (
      parameters[0].scalars, parameters[1].scalars, parameters[2].scalars, parameters[3].scalars
    )
    let factors = zip(scale, variance).map {
      Double($0) / (Double($1) + epsilon).squareRoot()
    }
    let offsets = (0..<channels).map { Double(shift[$0]) - Double(mean[$0]) * factors[$0] }
    let scaled = graph.add(
      "Mul",
      [
        site.input,
        graph.constant(site.inner("scale"), Tensor([channels], factors.map(Float.init))),
      ], output: graph.unique(site.inner("scaled")))
    return graph.add(
      "Add",
      [scaled, graph.constant(site.inner("shift"), Tensor([channels], offsets.map(Float.init)))],
      output: site.name)
  }
}
