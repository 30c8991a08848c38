internal import Networks
internal import Tensors

extension ResizeLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let input = site.inputShapes[0]
    switch mode {
    case .nearest where height % input[0] == 0 && width % input[1] == 0:
      return resize(
        site, into: &graph,
        [
          "mode": .string("nearest"), "nearest_mode": .string("floor"),
          "coordinate_transformation_mode": .string("asymmetric"),
        ])
    case .nearest:
      // ONNX divides by a rounded quotient, which picks other pixels than the engine in places.
      let rows = gather(site, site.input, axis: 2, from: input[0], to: height, into: &graph)
      return gather(site, rows, axis: 3, from: input[1], to: width, into: &graph)
    case .bilinear:
      return resize(
        site, into: &graph,
        [
          "mode": .string("linear"), "coordinate_transformation_mode": .string("half_pixel"),
        ])
    case .bilinearAlignCorners:
      return resize(
        site, into: &graph,
        [
          "mode": .string("linear"),
          "coordinate_transformation_mode": .string("align_corners"),
        ])
    }
  }

  private func resize(
    _ site: LoweringSite, into graph: inout GraphLowering,
    _ attributes: KeyValuePairs<String, ONNXAttribute>
  ) -> String {
    // Factors of all axes, and not extents of two: where onnxruntime moves a transposition past the
    // operator, it orders what it is given as if it were of all axes.
    let input = site.inputShapes[0]
    let factors = graph.constant(
      site.inner("factors"),
      Tensor<Float>(
        [4],
        [1, 1, factor(from: input[0], to: height), factor(from: input[1], to: width)]))
    return graph.add("Resize", [site.input, "", factors], output: site.name, attributes)
  }

  /// The factor by which an extent becomes another, rounded down.
  private func factor(from source: Int, to target: Int) -> Float {
    let factor = Float(target) / Float(source)
    return Int(Float(source) * factor) < target ? factor.nextUp : factor
  }

  private func gather(
    _ site: LoweringSite, _ value: String, axis: Int, from source: Int, to target: Int,
    into graph: inout GraphLowering
  ) -> String {
    // As `ResizeKernel` computes them.
    let scale = Float(source) / Float(target)
    let pixels = (0..<target).map { min(Int((Float($0) * scale).rounded(.down)), source - 1) }
    let isLast = axis == 3
    return graph.add(
      "Gather",
      [value, graph.constant(site.inner(isLast ? "columns" : "rows"), pixels)],
      output: isLast ? site.name : graph.unique(site.inner("picked")), ["axis": .int(axis)])
  }
}
