internal import ONNXSchema
internal import Tensors

/// Turns a graph in single precision into one whose values between layers and whose weights are
/// 8-bit integers, in ONNX's QDQ form.
///
/// Every operator stays as it is; a pair of `QuantizeLinear` and `DequantizeLinear` stands wherever
/// a value becomes bytes, and runtimes replace an operator between such pairs by an integer kernel.
/// Weights are stored as integers and dequantised, one scale for each output channel.
struct GraphQuantizer {
  /// Operators with constant weights as their second input.
  static let weighted: Set<String> = ["Conv", "ConvTranspose", "Gemm", "MatMul"]

  /// Operators that compute with bytes if all their inputs are.
  private static let arithmetic: Set<String> = [
    "Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool", "LeakyRelu", "Sigmoid",
  ]

  /// Operators that only choose among the numbers of their first input (or 0) and so keep its
  /// quantisation.
  private static let moving: Set<String> = [
    "Flatten", "MaxPool", "Pad", "Reshape", "Slice", "Transpose",
  ]

  var graph: ONNXGraphProto
  let options: QuantizationOptions
  /// The quantisation of values by name.
  private(set) var parameters: [String: QuantizationParameters]
  /// The values that become bytes.
  private(set) var quantized: Set<String> = []

  private var readers: [String: [Int]] = [:]
  private let constants: Set<String>
  private let outputs: Set<String>
  private let quantizesOutputs: Bool
  private let exact: Set<String>

  /// Prepares a graph.
  ///
  /// - Parameters:
  ///   - parameters: the quantisation of values by name; a value without one stays in single
  ///     precision.
  ///   - exact: the layers whose own operators compute in single precision.
  ///   - quantizesOutputs: whether the outputs, still given as floats, only take numbers that bytes
  ///     stand for; otherwise they are what the last operators compute.
  init(
    _ graph: ONNXGraphProto, parameters: [String: QuantizationParameters],
    exact: Set<String> = [], quantizesOutputs: Bool, options: QuantizationOptions
  ) {
    self.graph = graph
    self.options = options
    self.parameters = parameters
    self.quantizesOutputs = quantizesOutputs
    self.exact = exact
    constants = Set(graph.initializer.map(\.name))
    outputs = Set(graph.output.map(\.name))
    for (index, node) in graph.node.enumerated() {
      for input in node.input { readers[input, default: []].append(index) }
    }
    spreadParameters()
    chooseValues()
  }

  /// The quantised graph.
  mutating func run() -> ONNXGraphProto {
    quantizeWeights()
    insertPairs()
    return graph
  }

  /// Whether an operator passes numbers on unchanged.
  private func isMoving(_ node: ONNXNodeProto) -> Bool {
    guard GraphQuantizer.moving.contains(node.opType), !isExact(node) else { return false }
    guard node.opType == "Pad", node.input.count > 2 else { return true }
    let constant = graph.initializer.first { $0.name == node.input[2] }
    return constant?.floats?.scalars == [0]
  }

  /// Whether an operator belongs to a layer that computes in single precision.
  private func isExact(_ node: ONNXNodeProto) -> Bool {
    exact.contains(String(node.output[0].prefix { $0 != "/" }))
  }

  /// Gives both ends of moving operators the same quantisation, that of their inputs.
  private mutating func spreadParameters() {
    for node in graph.node.reversed() where isMoving(node) && parameters[node.input[0]] == nil {
      parameters[node.input[0]] = parameters[node.output[0]]
    }
    for node in graph.node where isMoving(node) {
      if let known = parameters[node.input[0]] { parameters[node.output[0]] = known }
    }
  }

  private mutating func chooseValues() {
    for node in graph.node where !isExact(node) {
      let inputs: [String]
      if GraphQuantizer.weighted.contains(node.opType), constants.contains(node.input[1]) {
        inputs = [node.input[0]]
      } else if GraphQuantizer.arithmetic.contains(node.opType) {
        inputs = node.input
      } else if isMoving(node) {
        inputs = [node.input[0]]
      } else {
        continue
      }
      guard inputs.allSatisfy({ parameters[$0] != nil && !constants.contains($0) }) else {
        continue
      }
      quantized.formUnion(inputs)
      let result = clamped(node.output[0])
      if parameters[result] != nil, quantizesOutputs || !outputs.contains(result) {
        quantized.insert(result)
      }
    }
  }

  /// The value behind a ReLU if nothing else reads an operator's result: only that is made bytes,
  /// whose smallest then stands for 0 and does the ReLU's work.
  private func clamped(_ value: String) -> String {
    guard let only = readers[value], only.count == 1, !outputs.contains(value) else {
      return value
    }
    let reader = graph.node[only[0]]
    let isClamp = ["Relu", "Clip"].contains(reader.opType) && reader.input[0] == value
    return isClamp && parameters[reader.output[0]] != nil ? reader.output[0] : value
  }

  /// Inserts the pairs, each right behind the operator that computes its value.
  private mutating func insertPairs() {
    var nodes: [ONNXNodeProto] = []
    func dequantized(_ value: String) -> String {
      outputs.contains(value) && quantizesOutputs ? value : "\(value)/dequantized"
    }
    func appendPair(_ value: String, source: String) {
      guard let parameters = parameters[value] else { return }
      let scale = "\(value)/quantization_scale"
      let zeroPoint = "\(value)/quantization_zero_point"
      graph.initializer.append(ONNXTensorProto(scale, .init(parameters.scale)))
      graph.initializer.append(
        ONNXTensorProto(zeroPoint, integers: [parameters.zeroPoint], shape: []))
      nodes.append(
        ONNXNodeProto(
          "QuantizeLinear", [source, scale, zeroPoint], output: "\(value)/quantized"))
      nodes.append(
        ONNXNodeProto(
          "DequantizeLinear", ["\(value)/quantized", scale, zeroPoint],
          output: dequantized(value)))
    }
    for input in graph.input where quantized.contains(input.name) {
      appendPair(input.name, source: input.name)
    }
    for var node in graph.node {
      node.input = node.input.map { quantized.contains($0) ? dequantized($0) : $0 }
      let value = node.output[0]
      let isRenamed = quantized.contains(value) && dequantized(value) == value
      if isRenamed {
        node.output[0] = "\(value)/float"
        node.name = node.output[0]
      }
      let source = node.output[0]
      nodes.append(node)
      if quantized.contains(value) { appendPair(value, source: source) }
    }
    graph.node = nodes
  }
}
