import FixedPoint

/// Builds programs step by step with random weights.
struct ProgramBuilder {
  typealias Program = FixedPointProgram

  let input: Program.Input
  private(set) var steps: [Program.Step] = []
  private(set) var shapes: [Program.Shape]
  private(set) var quantizations: [Program.Quantization]
  private(set) var elements: [Program.Element] = [.int8]
  var random: SeededGenerator

  init(_ shape: Program.Shape, seed: UInt64) {
    random = SeededGenerator(seed)
    input = Program.Input(
      shape, Program.Quantization(scale: 1 / 127, zeroPoint: Int8(random.integer(-20...20))))
    shapes = [shape]
    quantizations = [input.quantization]
  }

  var last: Int { shapes.count - 1 }
  var shape: Program.Shape { shapes[last] }

  mutating func append(
    _ operation: Program.Operation, _ inputs: [Int], _ shape: Program.Shape,
    _ quantization: Program.Quantization, _ element: Program.Element = .int8
  ) {
    steps.append(Program.Step(operation, inputs: inputs))
    shapes.append(shape)
    quantizations.append(quantization)
    elements.append(element)
  }

  mutating func convolution(
    from source: Int? = nil, outputs: Int, kernel: (Int, Int) = (3, 3), stride: (Int, Int) = (1, 1),
    padding: Program.Padding = .init(1), groups: Int = 1, element: Program.Element = .int8,
    clamp: ClosedRange<Float> = -.infinity ... .infinity
  ) {
    let source = source ?? last
    let shape = shapes[source]
    let terms = kernel.0 * kernel.1 * shape.channels / groups
    let size = 2.5 / Float(terms).squareRoot()
    let quantization =
      element == .int16
      ? Program.Quantization(sixteenBitsUpTo: 4)
      : Program.Quantization(covering: clamp.lowerBound == 0 ? 0...3 : -2.9...3.1)
    let window = Program.Window(
      kernel: .init(height: kernel.0, width: kernel.1),
      stride: .init(height: stride.0, width: stride.1), padding: padding)
    let operation = Program.Convolution(
      weights: random.numbers(terms * outputs, -size...size),
      biases: random.numbers(outputs, -0.3...0.3), window: window, inputs: shape.channels,
      outputs: outputs, groups: groups, input: quantizations[source],
      inputElement: elements[source], output: quantization, outputElement: element, clamp: clamp)
    append(
      .convolution(operation), [source], pooled(shape, window, channels: outputs), quantization,
      element)
  }

  mutating func pool(maximum: Bool, kernel: Int, stride: Int, padding: Program.Padding) {
    let window = Program.Window(kernel: .init(kernel), stride: .init(stride), padding: padding)
    append(
      maximum ? .maximumPool(.init(window)) : .averagePool(.init(window)), [last],
      pooled(shape, window, channels: shape.channels), quantizations[last])
  }

  private func pooled(
    _ shape: Program.Shape, _ window: Program.Window, channels: Int
  ) -> Program.Shape {
    let (padding, kernel, stride) = (window.padding, window.kernel, window.stride)
    return Program.Shape(
      height: (shape.height + padding.top + padding.bottom - kernel.height) / stride.height + 1,
      width: (shape.width + padding.left + padding.right - kernel.width) / stride.width + 1,
      channels: channels)
  }

  mutating func add(_ first: Int, _ second: Int, clamp: ClosedRange<Float>) {
    let quantization = Program.Quantization(covering: clamp.lowerBound == 0 ? 0...5 : -4...5)
    append(
      .add(
        .init(quantizations[first], quantizations[second], output: quantization, clamp: clamp)),
      [first, second], shapes[first], quantization)
  }

  /// Every second row and column, and channels of zeros up to a number: a shortcut of ResNets on
  /// CIFAR.
  mutating func sliceAndPad(from source: Int, channels: Int) {
    let shape = shapes[source]
    let half = Program.Shape(
      height: (shape.height + 1) / 2, width: (shape.width + 1) / 2, channels: shape.channels)
    append(
      .slice(.init(step: .init(height: 2, width: 2, channels: 1), shape: half)), [source], half,
      quantizations[source])
    let before = (channels - shape.channels) / 2
    append(
      .pad(
        .init(
          before: .init(height: 0, width: 0, channels: before),
          after: .init(height: 0, width: 0, channels: channels - shape.channels - before),
          value: quantizations[source].zeroPoint)), [last],
      .init(height: half.height, width: half.width, channels: channels), quantizations[source])
  }

  mutating func normalizeAndRectify() {
    let channels = shape.channels
    append(
      .divisiveNormalization(
        .init(
          beta: random.numbers(channels, 0.5...1.5),
          gamma: random.numbers(channels * channels, 0...0.3),
          inputScale: quantizations[last].scale, outputRange: 2)), [last], shape,
      .init(sixteenBitsUpTo: 2), .int16)
    append(
      .parametricRectifier(
        .init(slopes: random.numbers(random.next() % 2 == 0 ? 1 : channels, -0.4...1.2))), [last],
      shape, quantizations[last], .int16)
  }

  mutating func nearestCenter(levels: Int) {
    append(
      .nearestCenter(.init(centers: random.numbers(levels, -2...2).sorted())), [last], shape,
      quantizations[last], .index)
  }

  func program() throws(FixedPointError) -> Program {
    try Program(input: input, steps: steps)
  }

  /// A network with a stem, residual blocks with every kind of shortcut, depthwise and grouped
  /// convolutions, pools, and an encoder.
  static func randomProgram(seed: UInt64) throws(FixedPointError) -> Program {
    var random = SeededGenerator(seed &+ 1000)
    var builder = ProgramBuilder(
      .init(height: random.integer(9...13), width: random.integer(9...13), channels: 3),
      seed: seed)
    let channels = 2 * random.integer(2...3)
    builder.convolution(
      outputs: channels, stride: (random.integer(1...2), random.integer(1...2)),
      clamp: 0 ... .infinity)
    if seed % 2 == 0 {
      builder.pool(
        maximum: true, kernel: 3, stride: random.integer(1...2),
        padding: .init(top: 1, left: 1, bottom: random.integer(0...2), right: 1))
    }
    // A block that keeps its shape.
    var entry = builder.last
    builder.convolution(outputs: channels, clamp: 0...6)
    builder.convolution(outputs: channels)
    builder.add(builder.last, entry, clamp: 0 ... .infinity)
    // Blocks that halve it.
    entry = builder.last
    if seed % 3 == 0 {
      builder.sliceAndPad(from: entry, channels: 2 * channels)
    } else {
      builder.convolution(outputs: 2 * channels, kernel: (1, 1), stride: (2, 2), padding: .init(0))
    }
    let shortcut = builder.last
    builder.convolution(
      from: entry, outputs: 2 * channels, stride: (2, 2), clamp: 0 ... .infinity)
    builder.convolution(
      outputs: 2 * channels, kernel: (3, 1), padding: .init(top: 1, left: 0, bottom: 1, right: 0),
      groups: 2 * channels)
    builder.add(shortcut, builder.last, clamp: -.infinity ... .infinity)
    if seed % 2 == 1 {
      builder.pool(
        maximum: false, kernel: 2, stride: 1,
        padding: .init(top: 0, left: 1, bottom: 1, right: 0))
    }
    builder.convolution(
      outputs: 3 * channels, kernel: (1, 2),
      padding: .init(top: 0, left: 0, bottom: 0, right: 1), groups: channels, clamp: 0...6)
    if seed % 4 == 0 {
      // The numbers of a flattened image as a linear layer.
      builder.convolution(
        outputs: 24, kernel: (builder.shape.height, builder.shape.width), padding: .init(0),
        element: .int16)
    } else {
      builder.convolution(outputs: 2 * channels, element: .int16)
    }
    builder.normalizeAndRectify()
    if seed % 2 == 1 {
      builder.convolution(outputs: channels, element: .int16)
      builder.normalizeAndRectify()
    }
    if seed % 5 == 2 {
      builder.convolution(outputs: channels, kernel: (1, 1), padding: .init(0), element: .int8)
      builder.convolution(outputs: channels, kernel: (1, 1), padding: .init(0), element: .int16)
    }
    builder.nearestCenter(levels: [2, 3, 8, 16, 31, 64, 100, 256][Int(seed % 8)])
    return try builder.program()
  }
}
