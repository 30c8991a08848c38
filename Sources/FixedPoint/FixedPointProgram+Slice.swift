extension FixedPointProgram {
  /// A regular part of a buffer of 8 bits: every so many rows, columns and channels.
  public struct Slice: Equatable, Sendable {
    /// The first row, column and channel.
    public let start: Axes
    /// From one to the next.
    public let step: Axes
    /// How many there are.
    public let shape: Shape

    /// Creates a slice.
    public init(
      start: Axes = Axes(height: 0, width: 0, channels: 0),
      step: Axes = Axes(height: 1, width: 1, channels: 1), shape: Shape
    ) {
      self.start = start
      self.step = step
      self.shape = shape
    }
  }
}

extension FixedPointProgram.Slice: FixedPointOperation {
  package var name: String { "slice" }
  package var summary: String { "slice / \(step.height)x\(step.width)x\(step.channels)" }

  package func result(
    _ buffers: [FixedPointProgram.Buffer], _ place: CheckedPlace
  ) throws(FixedPointError) -> FixedPointProgram.Buffer {
    let input = buffers[0].shape
    try place.require(
      buffers[0].element == .int8, "an input of 16 bits", expected: "8 bits")
    try place.require(
      shape.isSane, "a result of \(shape)",
      expected: "extents of 1...\(FixedPointProgram.Shape.largestExtent)")
    let axes = [
      (start.height, step.height, shape.height, input.height),
      (start.width, step.width, shape.width, input.width),
      (start.channels, step.channels, shape.channels, input.channels),
    ]
    for (start, step, count, extent) in axes {
      let isInside =
        (0..<extent).contains(start) && (1...FixedPointProgram.Shape.largestExtent).contains(step)
        && start + (count - 1) * step < extent
      try place.require(
        isInside, "\(count) from \(start) in steps of \(step)", expected: "within 0..<\(extent)")
    }
    return buffers[0].with(shape)
  }

  package func run(
    _ values: [[Int16]], _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> [Int16] {
    let input = buffers[0].shape
    var target: [Int16] = []
    target.reserveCapacity(shape.count)
    for row in 0..<shape.height {
      for column in 0..<shape.width {
        let (y, x) = (start.height + row * step.height, start.width + column * step.width)
        let pixel = (y * input.width + x) * input.channels + start.channels
        for channel in 0..<shape.channels {
          target.append(values[0][pixel + channel * step.channels])
        }
      }
    }
    return target
  }

  package func cStep(
    _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> CStep {
    let input = buffers[0].shape
    return CStep(
      structure: "slice",
      fields: [
        CField("width", input.width), CField("channels", input.channels),
        CField("result_height", shape.height), CField("result_width", shape.width),
        CField("result_channels", shape.channels),
        CField("start_height", start.height), CField("start_width", start.width),
        CField("start_channels", start.channels),
        CField("step_height", step.height), CField("step_width", step.width),
        CField("step_channels", step.channels),
      ],
      tables: [],
      kernel: CFunction(
        name: "take_slice",
        source: """
          /* Every so many rows, columns and channels. */
          static void take_slice(const struct slice *step, const int8_t *input, int8_t *output) {
            for (int32_t row = 0; row < step->result_height; row++) {
              const int32_t y = step->start_height + row * step->step_height;
              for (int32_t column = 0; column < step->result_width; column++) {
                const int32_t x = step->start_width + column * step->step_width;
                const int8_t *pixel =
                    input + (y * step->width + x) * step->channels + step->start_channels;
                for (int32_t channel = 0; channel < step->result_channels; channel++) {
                  *output++ = pixel[channel * step->step_channels];
                }
              }
            }
          }
          """),
      helpers: [])
  }
}
