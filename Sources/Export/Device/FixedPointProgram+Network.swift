internal import Autodiff
public import FixedPoint
public import Networks
public import Tensors

extension FixedPointProgram {
  /// The device's part of a network as a program of integers: an image to the index of the nearest centre
  /// for each value of its latent.
  ///
  /// Batch norms are folded and activations fused first; ranges of values are taken from samples.
  ///
  /// - Parameters:
  ///   - network: from a transformed image to a latent whose last layer is a power normalisation.
  ///   - centers: in ascending order.
  ///   - calibration: batches `[samples] + input` like those the device is to see.
  ///   - range: how the ranges of bytes are chosen.
  /// - Throws: ``ExportError`` if a layer has no form in integers, or there are no samples that fit.
  public init(
    _ network: Network, centers: [Float], calibration: [Tensor<Float>],
    range: QuantizationOptions.RangeChoice = .leastSquaredError
  ) throws(ExportError) {
    let folded = network.folded()
    let ranges = try Calibration(folded, calibration, range).parameters
    var lowering = FixedPointLowering(folded, ranges)
    self = try lowering.program(centers: centers)
  }
}

/// A program of integers under construction: a network's nodes become steps, one after another.
private struct FixedPointLowering {
  /// A value of the network as the program has it.
  private struct Value {
    var buffer: Int
    var quantization: FixedPointProgram.Quantization
    var shape: FixedPointProgram.Shape
    var element: FixedPointProgram.Element
  }

  private let network: Network
  private let ranges: [String: QuantizationParameters]
  /// Values that are read by what computes with 16 bits.
  private let wide: Set<String>
  private var steps: [FixedPointProgram.Step] = []
  private var values: [String: Value] = [:]

  /// How much larger than any number seen a value of 16 bits may become.
  private static let headroom: Float = 4

  init(_ network: Network, _ ranges: [String: QuantizationParameters]) {
    self.network = network
    self.ranges = ranges
    wide = Set(
      network.nodes.filter {
        $0.layer is GDNLayer || $0.layer is PReLULayer || $0.layer is PowerNormalizationLayer
      }.flatMap(\.inputs))
  }

  mutating func program(centers: [Float]) throws(ExportError) -> FixedPointProgram {
    let input = network.inputs[0]
    let shape = try self.shape(of: input.name, input.shape)
    let quantization = quantization(of: input.name)
    values[input.name] = Value(
      buffer: 0, quantization: quantization, shape: shape, element: .int8)
    for node in network.nodes { try add(node) }
    let last = network.outputs[0]
    guard let node = network.node(named: last), node.layer is PowerNormalizationLayer,
      let value = values[last]
    else {
      throw .noIntegers(
        node: last, kind: network.node(named: last)?.kind ?? "input",
        reason: "expected a power normalisation, behind which centres are as far as they say")
    }
    steps.append(
      FixedPointProgram.Step(
        .nearestCenter(FixedPointProgram.NearestCenter(centers: centers)), inputs: [value.buffer]))
    do {
      return try FixedPointProgram(
        input: FixedPointProgram.Input(shape, quantization), steps: steps)
    } catch {
      throw .noIntegers(node: network.name, kind: "network", reason: error.description)
    }
  }

  // MARK: - Values

  /// How the numbers of a value become bytes.
  private func quantization(of name: String) -> FixedPointProgram.Quantization {
    guard let range = ranges[name] else { return FixedPointProgram.Quantization(scale: 1) }
    return FixedPointProgram.Quantization(
      scale: range.scale, zeroPoint: Int8(Int(range.zeroPoint) - 128))
  }

  /// The largest magnitude of a value that was seen.
  private func largest(_ name: String) -> Float {
    guard let range = ranges[name] else { return 1 }
    return max(range.number(0).magnitude, range.number(255).magnitude)
  }

  private func shape(
    of name: String, _ shape: Shape
  ) throws(ExportError) -> FixedPointProgram.Shape {
    switch shape.rank {
    case 1: return FixedPointProgram.Shape(height: 1, width: 1, channels: shape[0])
    case 3: return FixedPointProgram.Shape(height: shape[0], width: shape[1], channels: shape[2])
    default:
      throw .noIntegers(
        node: name, kind: network.node(named: name)?.kind ?? "input",
        reason: "expected images or features, found \(shape)")
    }
  }

  private func value(_ name: String, of node: Node) throws(ExportError) -> Value {
    guard let value = values[name] else { throw unsupported(node, "it reads \(name)") }
    return value
  }

  private func unsupported(_ node: Node, _ reason: String) -> ExportError {
    .noIntegers(node: node.name, kind: node.kind, reason: reason)
  }

  private func bytes(_ value: Value, of node: Node) throws(ExportError) -> Value {
    guard value.element == .int8 else {
      throw unsupported(node, "it reads a value of 16 bits, expected one of 8")
    }
    return value
  }

  /// Adds a step whose result is the value of a node.
  private mutating func add(
    _ node: Node, _ operation: FixedPointProgram.Operation, _ inputs: [Value],
    _ quantization: FixedPointProgram.Quantization,
    _ element: FixedPointProgram.Element = .int8
  ) throws(ExportError) {
    steps.append(FixedPointProgram.Step(operation, inputs: inputs.map(\.buffer)))
    values[node.name] = Value(
      buffer: steps.count, quantization: quantization,
      shape: try shape(of: node.name, network.shapes[node.name] ?? []), element: element)
  }

  /// The numbers a fused activation keeps to.
  private func clamp(
    _ activation: Activation?, of node: Node
  ) throws(ExportError) -> ClosedRange<Float> {
    switch activation {
    case nil: -Float.infinity...Float.infinity
    case .relu: 0...Float.infinity
    case .relu6: 0...6
    case let other?: throw unsupported(node, "\(other.rawValue) has no integers yet")
    }
  }

  // MARK: - Layers

  private mutating func add(_ node: Node) throws(ExportError) {
    let inputs = try node.inputs.map { name throws(ExportError) in try value(name, of: node) }
    let first = inputs[0]
    switch node.layer {
    case is FlattenLayer, is IdentityLayer, is DropoutLayer, is PowerNormalizationLayer:
      values[node.name] = first
    case let layer as ConvolutionLayer:
      guard layer.dilation == 1 else { throw unsupported(node, "its windows are dilated") }
      try addConvolution(
        node, first, layer.activation,
        window(node, layer.kernel, layer.stride, layer.padding), outputs: layer.outputChannels,
        groups: layer.groups)
    case let layer as LinearLayer:
      // A window as large as the image, whose values lie in the order they are flattened in.
      let kernel = FixedPointProgram.Extent(
        height: first.shape.height, width: first.shape.width)
      try addConvolution(
        node, first, layer.activation, FixedPointProgram.Window(kernel: kernel),
        outputs: layer.outputFeatures, groups: 1)
    case let layer as AddLayer:
      guard inputs.count == 2, inputs[0].shape == inputs[1].shape else {
        throw unsupported(node, "expected two inputs of one shape")
      }
      let terms = try inputs.map { input throws(ExportError) in try bytes(input, of: node) }
      let output = quantization(of: node.name)
      try add(
        node,
        .add(
          FixedPointProgram.Add(
            terms[0].quantization, terms[1].quantization, output: output,
            clamp: clamp(layer.activation, of: node))), terms, output)
    case let layer as MaxPoolLayer:
      guard !layer.ceilMode else { throw unsupported(node, "its windows hang over the end") }
      let input = try bytes(first, of: node)
      try add(
        node,
        .maximumPool(
          FixedPointProgram.MaximumPool(
            window(node, layer.kernel, layer.stride, layer.padding))),
        [input], input.quantization)
    case let layer as AveragePoolLayer:
      let window = window(node, layer.kernel, layer.stride, layer.padding)
      guard !layer.ceilMode, !layer.countsPadding || window.padding == FixedPointProgram.Padding(0)
      else {
        throw unsupported(node, "its windows hang over the end or count padding")
      }
      let input = try bytes(first, of: node)
      try add(
        node, .averagePool(FixedPointProgram.AveragePool(window)), [input], input.quantization)
    case is GlobalAveragePoolLayer:
      let input = try bytes(first, of: node)
      let kernel = FixedPointProgram.Extent(
        height: input.shape.height, width: input.shape.width)
      try add(
        node, .averagePool(FixedPointProgram.AveragePool(FixedPointProgram.Window(kernel: kernel))),
        [input], input.quantization)
    case let layer as SliceLayer: try addSlice(node, layer, bytes(first, of: node))
    case let layer as PadLayer:
      guard layer.value == 0, layer.before.count == 3 else {
        throw unsupported(node, "expected an image and zeros")
      }
      let input = try bytes(first, of: node)
      try add(
        node,
        .pad(
          FixedPointProgram.Pad(
            before: axes(layer.before), after: axes(layer.after),
            value: input.quantization.zeroPoint)),
        [input], input.quantization)
    case let layer as GDNLayer: try addNormalization(node, layer, first)
    case is PReLULayer:
      guard first.element == .int16 else { throw unsupported(node, "it reads a value of 8 bits") }
      let slopes = network.parameters["\(node.name).weight"]?.scalars ?? []
      try add(
        node, .parametricRectifier(FixedPointProgram.ParametricRectifier(slopes: slopes)), [first],
        first.quantization, .int16)
    default: throw unsupported(node, "no integers are known for it")
    }
  }

  /// The windows of a node over its first input.
  private func window(
    _ node: Node, _ kernel: Extent2D, _ stride: Extent2D, _ padding: Padding
  ) -> FixedPointProgram.Window {
    let edges = padding.resolved(
      for: network.shapes[node.inputs[0]] ?? [], kernel: kernel, stride: stride)
    return FixedPointProgram.Window(
      kernel: FixedPointProgram.Extent(height: kernel.height, width: kernel.width),
      stride: FixedPointProgram.Extent(height: stride.height, width: stride.width),
      padding: FixedPointProgram.Padding(
        top: edges.top, left: edges.left, bottom: edges.bottom, right: edges.right))
  }

  private func axes(_ numbers: [Int]) -> FixedPointProgram.Axes {
    FixedPointProgram.Axes(height: numbers[0], width: numbers[1], channels: numbers[2])
  }

  private mutating func addConvolution(
    _ node: Node, _ input: Value, _ activation: Activation?, _ window: FixedPointProgram.Window,
    outputs: Int, groups: Int
  ) throws(ExportError) {
    let isWide = wide.contains(node.name)
    let output =
      isWide
      ? FixedPointProgram.Quantization(
        sixteenBitsUpTo: largest(node.name) * FixedPointLowering.headroom)
      : quantization(of: node.name)
    let element: FixedPointProgram.Element = isWide ? .int16 : .int8
    let weights = network.parameters["\(node.name).weight"]?.scalars ?? []
    let biases =
      network.parameters["\(node.name).bias"]?.scalars ?? [Float](repeating: 0, count: outputs)
    guard (weights + biases).allSatisfy(\.isFinite), weights.count <= outputs << 15 else {
      throw unsupported(node, "its weights are not finite, or too many for a sum of 32 bits")
    }
    try add(
      node,
      .convolution(
        FixedPointProgram.Convolution(
          weights: weights, biases: biases, window: window, inputs: input.shape.channels,
          outputs: outputs, groups: groups, input: input.quantization, inputElement: input.element,
          output: output, outputElement: element, clamp: clamp(activation, of: node))),
      [input], output, element)
  }

  private mutating func addSlice(
    _ node: Node, _ layer: SliceLayer, _ input: Value
  ) throws(ExportError) {
    guard layer.starts.count == 3 else { throw unsupported(node, "expected an image") }
    try add(
      node,
      .slice(
        FixedPointProgram.Slice(
          start: axes(layer.starts), step: axes(layer.steps),
          shape: shape(of: node.name, network.shapes[node.name] ?? []))),
      [input], input.quantization)
  }

  private mutating func addNormalization(
    _ node: Node, _ layer: GDNLayer, _ input: Value
  ) throws(ExportError) {
    guard !layer.isInverse, layer.norm == .absolute, input.element == .int16 else {
      throw unsupported(node, "expected division by magnitudes, behind a convolution")
    }
    let (beta, gamma) = layer.effective(
      node.parameterPaths.compactMap { network.parameters[$0] }.map { Variable($0) })
    let range = largest(node.name) * FixedPointLowering.headroom
    try add(
      node,
      .divisiveNormalization(
        FixedPointProgram.DivisiveNormalization(
          beta: beta.value.scalars, gamma: gamma.value.scalars.map { max($0, 0) },
          inputScale: input.quantization.scale,
          outputRange: max(range, .leastNormalMagnitude * 65536))),
      [input], FixedPointProgram.Quantization(sixteenBitsUpTo: range), .int16)
  }
}
