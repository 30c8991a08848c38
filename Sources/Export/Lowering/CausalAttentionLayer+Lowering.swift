internal import Networks
internal import Tensors

extension CausalAttentionLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    var steps = AttentionSteps(site: site, graph: graph)
    var value = steps.linear(site.input, "qkv", site.parameters[0], site.parameters[1])
    value = steps.reshaped(value, [-1, length, 3, heads, channels / heads])
    value = steps.transposed(value, [2, 0, 3, 1, 4])
    let parts = (0..<3).map { index in
      let part = steps.sliced(value, axis: 0, index..<index + 1)
      return steps.reshaped(part, [-1, heads, length, channels / heads])
    }
    let scale = steps.constant(
      "scale", Tensor(Float(1 / Double(channels / heads).squareRoot())))
    let queries = steps.add("Mul", [parts[0], scale])
    var scores = steps.add("MatMul", [queries, steps.transposed(parts[1], [0, 1, 3, 2])])
    let table = site.parameters[4].scalars
    let bias = Tensor(
      [length, length, heads],
      zip(distances, maskValues).flatMap { distance, mask in
        (0..<heads).map { table[Int(distance) * heads + $0] + Float(mask) }
      }
    ).transposed([2, 0, 1])
    scores = steps.add("Add", [scores, steps.constant("bias", bias)])
    let weights = steps.add("Softmax", [scores], ["axis": .int(-1)])
    value = steps.add("MatMul", [weights, parts[2]])
    value = steps.transposed(value, [0, 2, 1, 3])
    value = steps.reshaped(value, [-1, length, channels])
    let product = steps.add("MatMul", [value, steps.constant("proj.weight", site.parameters[2])])
    let offset = steps.constant("proj.bias", site.parameters[3])
    graph = steps.graph
    return graph.add("Add", [product, offset], output: site.name)
  }
}
