internal import Networks
internal import Tensors

extension WindowAttentionLayer: ONNXLowerable {
  /// Windows are brought into the batch axis, whose extent is −1 in every shape.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let shape = site.inputShapes[0]
    let plan = Plan(self, height: shape[0], width: shape[1])
    let length = plan.length
    var steps = AttentionSteps(site: site, graph: graph)
    var value = steps.add("Transpose", [site.input], ["perm": .ints(SampleLayout.imageToEngine)])
    if plan.isPadded {
      let pads = steps.constant(
        "pads", [0, 0, 0, 0, 0, plan.height - shape[0], plan.width - shape[1], 0])
      value = steps.add("Pad", [value, pads])
    }
    value = steps.rolled(value, down: plan.shift.height, right: plan.shift.width, plan)
    value = steps.reshaped(value, [-1, plan.rows, window, plan.columns, window, channels])
    value = steps.transposed(value, [0, 1, 3, 2, 4, 5])
    value = steps.reshaped(value, [-1, length, channels])
    value = steps.linear(value, "qkv", site.parameters[0], site.parameters[1])
    value = steps.reshaped(value, [-1, length, 3, heads, channels / heads])
    value = steps.transposed(value, [2, 0, 3, 1, 4])
    let parts = (0..<3).map { index in
      let part = steps.sliced(value, axis: 0, index..<index + 1)
      return steps.reshaped(part, [-1, heads, length, channels / heads])
    }
    let scale = steps.constant(
      "scale", Tensor(Float(1 / Double(channels / heads).squareRoot())))
    let queries = steps.add("Mul", [parts[0], scale])
    let keys = steps.transposed(parts[1], [0, 1, 3, 2])
    var scores = steps.add("MatMul", [queries, keys])
    let table = site.parameters[4].scalars
    let bias = Tensor(
      [length, length, heads],
      plan.biasIndices.flatMap { index in
        (0..<heads).map { table[Int(index) * heads + $0] }
      }
    ).transposed([2, 0, 1])
    scores = steps.add("Add", [scores, steps.constant("bias", bias)])
    if let mask = plan.mask {
      scores = steps.reshaped(scores, [-1, plan.windows, heads, length, length])
      let mask = Tensor([plan.windows, 1, length, length], mask.map { Float($0) })
      scores = steps.add("Add", [scores, steps.constant("mask", mask)])
      scores = steps.reshaped(scores, [-1, heads, length, length])
    }
    let weights = steps.add("Softmax", [scores], ["axis": .int(-1)])
    value = steps.add("MatMul", [weights, parts[2]])
    value = steps.transposed(value, [0, 2, 1, 3])
    value = steps.reshaped(value, [-1, length, channels])
    value = steps.linear(value, "proj", site.parameters[2], site.parameters[3])
    value = steps.reshaped(value, [-1, plan.rows, plan.columns, window, window, channels])
    value = steps.transposed(value, [0, 1, 3, 2, 4, 5])
    value = steps.reshaped(value, [-1, plan.height, plan.width, channels])
    value = steps.rolled(
      value, down: plan.height - plan.shift.height, right: plan.width - plan.shift.width, plan)
    if plan.isPadded {
      value = steps.sliced(value, axis: 1, 0..<shape[0])
      value = steps.sliced(value, axis: 2, 0..<shape[1])
    }
    graph = steps.graph
    return graph.channelsFirst(value, site)
  }
}

/// Operators inside a node, one after another, each named after the node and its kind.
struct AttentionSteps {
  let site: LoweringSite
  var graph: GraphLowering

  mutating func add(
    _ operation: String, _ inputs: [String],
    _ attributes: KeyValuePairs<String, ONNXAttribute> = [:]
  ) -> String {
    let output = graph.unique(site.inner(operation))
    return graph.add(operation, inputs, output: output, attributes)
  }

  mutating func constant(_ name: String, _ value: Tensor<Float>) -> String {
    graph.constant(site.inner(name), value)
  }

  mutating func constant(_ name: String, _ integers: [Int]) -> String {
    graph.constant(site.inner(name), integers)
  }

  mutating func reshaped(_ value: String, _ shape: [Int]) -> String {
    add("Reshape", [value, constant("shape", shape)])
  }

  mutating func transposed(_ value: String, _ permutation: [Int]) -> String {
    add("Transpose", [value], ["perm": .ints(permutation)])
  }

  mutating func sliced(_ value: String, axis: Int, _ range: Range<Int>) -> String {
    let starts = constant("start", [range.lowerBound])
    let ends = constant("end", [range.upperBound])
    return add("Slice", [value, starts, ends, constant("axis", [axis])])
  }

  mutating func linear(
    _ value: String, _ name: String, _ weight: Tensor<Float>, _ bias: Tensor<Float>
  ) -> String {
    let product = add("MatMul", [value, constant("\(name).weight", weight)])
    return add("Add", [product, constant("\(name).bias", bias)])
  }

  /// An `N×H×W×C` image whose pixel `(y, x)` is pixel `(y + down, x + right)`, cyclically.
  mutating func rolled(
    _ image: String, down: Int, right: Int, _ plan: WindowAttentionLayer.Plan
  ) -> String {
    var image = image
    for (axis, amount, extent) in [(1, down, plan.height), (2, right, plan.width)]
    where amount % extent != 0 {
      let parts = [
        sliced(image, axis: axis, amount..<extent), sliced(image, axis: axis, 0..<amount),
      ]
      image = add("Concat", parts, ["axis": .int(axis)])
    }
    return image
  }
}
