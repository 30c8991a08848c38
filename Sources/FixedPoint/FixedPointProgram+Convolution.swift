extension FixedPointProgram {
  /// Weighted sums over windows of a buffer, each rounded once to 8 or 16 bits.
  ///
  /// `y = clamp(round((bias + Σ w·(x − zero)) × multiplier / 2^shift) + zero')`; what lies outside
  /// the image is its zero point and adds nothing. A linear layer is a window of 1×1 on an image of
  /// 1×1, or a window as large as the image, whose weights are then those of the flattened image.
  public struct Convolution: Equatable, Sendable {
    /// Where windows lie.
    public let window: Window
    /// Channels of the input.
    public let inputs: Int
    /// Channels of the result.
    public let outputs: Int
    /// Into how many equal parts channels are divided; the sums of a part take its inputs only.
    public let groups: Int
    /// The level of the input that stands for 0.
    public let inputZeroPoint: Int8
    /// `[kernelHeight, kernelWidth, inputs / groups, outputs]`.
    public let weights: [Int8]
    /// What is added to the sum of each output, in units of the input's scale times its weights'.
    public let biases: [Int32]
    /// What a sum of each output is multiplied with.
    public let requantizations: [Requantization]
    /// The level of the result that stands for 0.
    public let outputZeroPoint: Int8
    /// The type of the result, of 8 or 16 bits.
    public let output: Element
    /// The smallest and the largest level of the result; that of a ReLU begins at the zero point.
    public let clamp: ClosedRange<Int16>

    /// Creates a convolution of integers, which ``FixedPointProgram`` checks.
    public init(
      window: Window, inputs: Int, outputs: Int, groups: Int = 1, inputZeroPoint: Int8,
      weights: [Int8], biases: [Int32], requantizations: [Requantization],
      outputZeroPoint: Int8, output: Element, clamp: ClosedRange<Int16>
    ) {
      self.window = window
      self.inputs = inputs
      self.outputs = outputs
      self.groups = groups
      self.inputZeroPoint = inputZeroPoint
      self.weights = weights
      self.biases = biases
      self.requantizations = requantizations
      self.outputZeroPoint = outputZeroPoint
      self.output = output
      self.clamp = clamp
    }

    /// Whether every output channel has an input of its own.
    var isDepthwise: Bool { groups == inputs && groups == outputs }
  }
}

extension FixedPointProgram.Convolution: FixedPointOperation {
  package var name: String { "convolution" }

  package var summary: String {
    let parts = groups == 1 ? "" : isDepthwise ? ", depthwise" : ", \(groups) groups"
    return "convolution \(window.summary)\(parts)"
  }

  package func result(
    _ buffers: [FixedPointProgram.Buffer], _ place: CheckedPlace
  ) throws(FixedPointError) -> FixedPointProgram.Buffer {
    let input = buffers[0]
    let channels = 1...FixedPointProgram.Shape.largestExtent
    try place.require(
      inputs == input.shape.channels, "\(inputs) input channels for \(input.shape)",
      expected: "\(input.shape.channels)")
    try place.require(
      channels.contains(outputs), "\(outputs) outputs", expected: "1...\(channels.upperBound)")
    try place.require(
      groups > 0 && inputs % groups == 0 && outputs % groups == 0, "\(groups) groups",
      expected: "a common divisor of \(inputs) inputs and \(outputs) outputs")
    try place.require(
      inputZeroPoint == input.zeroPoint, "an input zero point of \(inputZeroPoint)",
      expected: "\(input.zeroPoint), that of its buffer")
    let extent = try window.result(input.shape, place)
    let area = window.kernel.height * window.kernel.width
    try place.require(
      area < FixedPointProgram.Shape.valueLimit, "a window of \(area) pixels",
      expected: "fewer than \(FixedPointProgram.Shape.valueLimit)")
    let count = area * (inputs / groups) * outputs
    try place.require(
      weights.count == count && count < 1 << 28, "\(weights.count) weights",
      expected: "\(count) and fewer than \(1 << 28)")
    try place.require(
      biases.count == outputs, "\(biases.count) biases", expected: "\(outputs)")
    try place.require(
      requantizations.count == outputs, "\(requantizations.count) requantisations",
      expected: "\(outputs)")
    for (channel, requantization) in requantizations.enumerated() {
      try place.require(
        requantization.isValid,
        "a multiplier of \(requantization.multiplier) and a shift of \(requantization.shift) "
          + "of output \(channel)", expected: "a positive multiplier and a shift of 0...62")
    }
    try requireBoundedSums(input, place)
    try place.require(
      output != .index, "a result of indices", expected: "int8 or int16")
    try place.require(
      output == .int8 || outputZeroPoint == 0, "an output zero point of \(outputZeroPoint)",
      expected: "0 for a result of 16 bits")
    try place.require(
      clamp.lowerBound >= output.range.lowerBound && clamp.upperBound <= output.range.upperBound,
      "a clamp to \(clamp)", expected: "a range within \(output.range)")
    return FixedPointProgram.Buffer(
      shape: .init(height: extent.height, width: extent.width, channels: outputs),
      element: output, zeroPoint: outputZeroPoint)
  }

  /// No partial sum, in whatever order, leaves 32 bits: it is at most the sum of all magnitudes.
  private func requireBoundedSums(
    _ input: FixedPointProgram.Buffer, _ place: CheckedPlace
  ) throws(FixedPointError) {
    var bounds = biases.map { Int($0.magnitude) }
    for (index, weight) in weights.enumerated() {
      bounds[index % outputs] += Int(weight.magnitude) * input.element.largestDifference
    }
    for (channel, bound) in bounds.enumerated() {
      try place.require(
        bound < 1 << 31, "sums of output \(channel) that may reach \(bound)",
        expected: "less than 2^31, which is Σ|w|·\(input.element.largestDifference) + |bias|")
    }
  }

  package func multiplyAccumulates(_ result: FixedPointProgram.Buffer) -> Int {
    result.shape.height * result.shape.width * weights.count
  }

  package func run(
    _ values: [[Int16]], _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> [Int16] {
    let (input, shape) = (buffers[0].shape, result.shape)
    let (groupInputs, groupOutputs) = (inputs / groups, outputs / groups)
    let zero = Int32(inputZeroPoint)
    let isDepthwise = isDepthwise
    return [Int16](unsafeUninitializedCapacity: shape.count) { target, count in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: input.count + outputs) { scratch in
        let sums = UnsafeMutableBufferPointer(rebasing: scratch[input.count...])
        for (index, value) in values[0].enumerated() {
          scratch.initializeElement(at: index, to: Int32(value) - zero)
        }
        weights.withUnsafeBufferPointer { weights in
          for row in 0..<shape.height {
            for column in 0..<shape.width {
              for output in 0..<outputs { sums.initializeElement(at: output, to: biases[output]) }
              for y in 0..<window.kernel.height {
                let line = row * window.stride.height + y - window.padding.top
                guard line >= 0, line < input.height else { continue }
                for x in 0..<window.kernel.width {
                  let place = column * window.stride.width + x - window.padding.left
                  guard place >= 0, place < input.width else { continue }
                  let pixel = (line * input.width + place) * inputs
                  let factors = (y * window.kernel.width + x) * groupInputs * outputs
                  // The checks of a program bound every sum, so that none can wrap.
                  if isDepthwise {
                    for channel in 0..<outputs {
                      sums[channel] &+=
                        scratch[pixel + channel]
                        &* Int32(weights[factors + channel])
                    }
                    continue
                  }
                  for group in 0..<groups {
                    let first = group * groupOutputs
                    for input in 0..<groupInputs {
                      let value = scratch[pixel + group * groupInputs + input]
                      guard value != 0 else { continue }
                      let start = factors + input * outputs
                      for output in first..<first + groupOutputs {
                        sums[output] &+= value &* Int32(weights[start + output])
                      }
                    }
                  }
                }
              }
              let start = (row * shape.width + column) * outputs
              for output in 0..<outputs {
                let level = requantizations[output](sums[output]) + Int64(outputZeroPoint)
                target.initializeElement(
                  at: start + output,
                  to: Rounding.limited(level, clamp.lowerBound, clamp.upperBound))
              }
            }
          }
        }
      }
      count = shape.count
    }
  }

  /// The weights in the order of the C file, `[outputs, kernelHeight, kernelWidth, inputs]`, in
  /// which a microcontroller reads both factors of a sum one after the other.
  private var outputsFirst: [Int64] {
    let count = weights.count / outputs
    return (0..<outputs).flatMap { output in
      (0..<count).map { Int64(weights[$0 * outputs + output]) }
    }
  }

  package func cStep(
    _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> CStep {
    let element = buffers[0].element
    let name = "convolve_\(element.bytes * 8)_to_\(output.bytes * 8)"
    return CStep(
      structure: "convolution",
      fields: window.cFields(buffers[0].shape, result.shape) + [
        CField("group_inputs", inputs / groups), CField("outputs", outputs),
        CField("group_outputs", outputs / groups),
        CField("input_zero", Int(inputZeroPoint)), CField("output_zero", Int(outputZeroPoint)),
        CField("low", Int(clamp.lowerBound)), CField("high", Int(clamp.upperBound)),
      ],
      tables: [
        CTable("weights", .int8, weights.count) { outputsFirst },
        CTable("biases", .int32, biases),
        CTable("multipliers", .int32, requantizations.map(\.multiplier)),
        CTable("shifts", .uint8, requantizations.map(\.shift)),
      ],
      kernel: CFunction(
        name: name,
        source: """
          /* Sums over windows of \(element.c), each rounded once to \(output.c); pixels outside of
             the image add nothing. weights: [outputs, kernel height, kernel width, inputs]. */
          static void \(name)(
              const struct convolution *step, const int8_t *weights, const int32_t *biases,
              const int32_t *multipliers, const uint8_t *shifts, const \(element.c) *input,
              \(output.c) *output) {
            for (int32_t row = 0; row < step->result_height; row++) {
              for (int32_t column = 0; column < step->result_width; column++) {
                const int8_t *factors = weights;
                for (int32_t channel = 0; channel < step->outputs; channel++) {
                  const int32_t first = channel / step->group_outputs * step->group_inputs;
                  int32_t sum = biases[channel];
                  for (int32_t y = 0; y < step->kernel_height; y++) {
                    const int32_t line = row * step->stride_height + y - step->padding_top;
                    for (int32_t x = 0; x < step->kernel_width; x++) {
                      const int32_t place = column * step->stride_width + x - step->padding_left;
                      if (line >= 0 && line < step->height && place >= 0 && place < step->width) {
                        const \(element.c) *pixel =
                            input + (line * step->width + place) * step->inputs + first;
                        for (int32_t index = 0; index < step->group_inputs; index++) {
                          sum += ((int32_t)pixel[index] - step->input_zero) * factors[index];
                        }
                      }
                      factors += step->group_inputs;
                    }
                  }
                  *output++ = (\(output.c))limit(
                      round_shift((int64_t)sum * multipliers[channel], shifts[channel])
                          + step->output_zero,
                      step->low, step->high);
                }
              }
            }
          }
          """),
      helpers: [Rounding.roundShift, Rounding.limit])
  }
}
