internal import ONNXSchema
internal import Tensors

extension GraphQuantizer {
  /// Replaces the weights by 8-bit integers, and the biases of operators that read bytes by 32-bit
  /// integers, each with a `DequantizeLinear` that keeps the name.
  mutating func quantizeWeights() {
    let positions = Dictionary(
      uniqueKeysWithValues: graph.initializer.enumerated().map { ($1.name, $0) })
    var replaced: [Int: [ONNXTensorProto]] = [:]
    var dequantizers: [ONNXNodeProto] = []

    for node in graph.node where GraphQuantizer.weighted.contains(node.opType) {
      guard let position = positions[node.input[1]],
        let weight = graph.initializer[position].floats
      else { continue }
      let biasPosition = node.input.count > 2 ? positions[node.input[2]] : nil
      let bias = biasPosition.flatMap { graph.initializer[$0].floats }
      let inputScale =
        quantized.contains(node.input[0]) ? parameters[node.input[0]]?.scale : nil
      let axis = outputAxis(node, weight.shape)
      let result = ChannelwiseWeights(
        weight, axis: axis, largest: options.largestWeight,
        bias: inputScale == nil || node.opType == "ConvTranspose" ? nil : bias?.scalars,
        inputScale: inputScale ?? 1)

      let name = node.input[1]
      let names = ["\(name)/int8", "\(name)/scale", "\(name)/zero_point"]
      replaced[position] = [
        ONNXTensorProto(names[0], integers: result.integers, shape: weight.shape.dimensions),
        ONNXTensorProto(names[1], Tensor([result.scales.count], result.scales)),
        ONNXTensorProto(
          names[2], integers: [Int8](repeating: 0, count: result.scales.count),
          shape: [result.scales.count]),
      ]
      dequantizers.append(
        ONNXNodeProto("DequantizeLinear", names, output: name, ["axis": .int(axis)]))

      if let biasPosition, let integers = result.bias {
        let name = node.input[2]
        let names = ["\(name)/int32", "\(name)/scale"]
        replaced[biasPosition] = [
          ONNXTensorProto(names[0], integers: integers, shape: [integers.count]),
          ONNXTensorProto(names[1], Tensor([integers.count], result.biasScales)),
        ]
        dequantizers.append(
          ONNXNodeProto("DequantizeLinear", names, output: name, ["axis": .int(0)]))
      }
    }
    graph.initializer = graph.initializer.enumerated().flatMap { replaced[$0] ?? [$1] }
    graph.node = dequantizers + graph.node
  }

  /// The axis of a weight along which its output channels lie.
  private func outputAxis(_ node: ONNXNodeProto, _ shape: Shape) -> Int {
    switch node.opType {
    case "Gemm": node.int("transB") == 1 ? 0 : 1
    case "MatMul": shape.rank - 1
    case "ConvTranspose": 1
    default: 0
    }
  }
}

/// Weights as signed 8-bit integers with a scale for each output channel, and their bias as 32-bit
/// integers in units of that scale times the input's.
struct ChannelwiseWeights {
  /// The weights, in their order.
  private(set) var integers: [Int8] = []
  /// The scale of each output channel.
  private(set) var scales: [Float]
  /// The bias, if there is one.
  private(set) var bias: [Int32]?
  /// What one unit of the bias is in each channel.
  private(set) var biasScales: [Float]

  init(
    _ weight: Tensor<Float>, axis: Int, largest: Float, bias: [Float]?, inputScale: Float
  ) {
    let shape = weight.shape
    let channels = shape[axis]
    let inner = shape.product(axis + 1..<shape.rank)
    func channel(_ index: Int) -> Int { index / inner % channels }
    var magnitudes = [Float](repeating: 0, count: channels)
    let scalars = weight.scalars
    for (index, number) in scalars.enumerated() {
      magnitudes[channel(index)] = max(magnitudes[channel(index)], abs(number))
    }
    var scales = magnitudes.map { $0 / largest }
    if let bias {
      // A bias far larger than the weights must still fit 32 bits.
      for index in 0..<channels {
        scales[index] = max(scales[index], abs(bias[index]) / (inputScale * 0x1p30))
      }
    }
    scales = scales.map { $0.isNormal ? $0 : 1 }
    integers = scalars.enumerated().map { index, number in
      let level = (number / scales[channel(index)]).rounded(.toNearestOrEven)
      return Int8(min(max(level, -largest), largest))
    }
    self.scales = scales
    biasScales = scales.map { $0 * inputScale }
    let units = biasScales
    self.bias = bias.map { bias in
      zip(bias, units).map { Int32((Double($0) / Double($1)).rounded(.toNearestOrEven)) }
    }
  }
}
