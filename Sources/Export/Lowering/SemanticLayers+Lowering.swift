internal import Networks
internal import Tensors

extension PowerNormalizationLayer: ONNXLowerable {
  /// Divided by the root of the mean square over all axes but the batch's.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let axes = graph.constant(site.inner("axes"), Array(1...site.inputShapes[0].rank))
    let square = graph.step("Mul", [site.input, site.input], site, "square")
    let power = graph.step("ReduceMean", [square, axes], site, "power", ["keepdims": .int(1)])
    let least = graph.constant(site.inner("least"), Tensor(1e-12))
    let held = graph.step("Add", [power, least], site, "held")
    let root = graph.step("Sqrt", [held], site, "root")
    return graph.add("Div", [site.input, root], output: site.name)
  }
}

extension SoftQuantizerLayer: ONNXLowerable {
  package var isExact: Bool { true }

  /// The lowest centre, and every step to the next one whose middle is passed.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let centers = site.parameters[0].scalars.sorted()
    let rank = site.inputShapes[0].rank + 2
    func constant(_ name: String, _ values: [Float]) -> String {
      var shape = [Int](repeating: 1, count: rank)
      shape[rank - 1] = values.count
      return graph.constant(site.inner(name), Tensor(Shape(shape), values))
    }
    let steps = zip(centers, centers.dropFirst())
    let middles = constant("middles", steps.map { ($0 + $1) / 2 })
    let heights = constant("heights", steps.map { $1 - $0 })
    let last = graph.constant(site.inner("axis"), [rank - 1])
    let wide = graph.step("Unsqueeze", [site.input, last], site, "wide")
    let passed = graph.step("Greater", [wide, middles], site, "passed")
    let chosen = graph.step(
      "Cast", [passed], site, "chosen", ["to": .int(1)])
    let risen = graph.step("Mul", [chosen, heights], site, "risen")
    let sum = graph.step("ReduceSum", [risen, last], site, "sum", ["keepdims": .int(0)])
    let lowest = graph.constant(site.inner("lowest"), Tensor(centers[0]))
    return graph.add("Add", [sum, lowest], output: site.name)
  }
}
