extension FixedPointProgram {
  /// A buffer of 8 bits with a border of its zero point around it, in any axis.
  public struct Pad: Equatable, Sendable {
    /// How much there is before the first row, column and channel.
    public let before: Axes
    /// How much there is behind the last row, column and channel.
    public let after: Axes
    /// What the border consists of: the zero point of the input.
    public let value: Int8

    /// Creates a border.
    public init(
      before: Axes = Axes(height: 0, width: 0, channels: 0),
      after: Axes = Axes(height: 0, width: 0, channels: 0), value: Int8
    ) {
      self.before = before
      self.after = after
      self.value = value
    }
  }
}

extension FixedPointProgram.Pad: FixedPointOperation {
  package var name: String { "pad" }
  package var summary: String { "pad" }

  package func result(
    _ buffers: [FixedPointProgram.Buffer], _ place: CheckedPlace
  ) throws(FixedPointError) -> FixedPointProgram.Buffer {
    let input = buffers[0].shape
    try place.require(
      buffers[0].element == .int8, "an input of 16 bits", expected: "8 bits")
    try place.require(
      value == buffers[0].zeroPoint, "a value of \(value)",
      expected: "\(buffers[0].zeroPoint), the zero point of its buffer")
    let margins = [
      before.height, before.width, before.channels, after.height, after.width, after.channels,
    ]
    try place.require(
      margins.allSatisfy((0...FixedPointProgram.Shape.largestExtent).contains),
      "margins \(margins)", expected: "0...\(FixedPointProgram.Shape.largestExtent)")
    return buffers[0].with(
      .init(
        height: before.height + input.height + after.height,
        width: before.width + input.width + after.width,
        channels: before.channels + input.channels + after.channels))
  }

  package func run(
    _ values: [[Int16]], _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> [Int16] {
    let (input, shape) = (buffers[0].shape, result.shape)
    var target = [Int16](repeating: Int16(value), count: shape.count)
    for y in 0..<input.height {
      for x in 0..<input.width {
        let source = (y * input.width + x) * input.channels
        let place = (y + before.height) * shape.width + x + before.width
        let start = place * shape.channels + before.channels
        for channel in 0..<input.channels { target[start + channel] = values[0][source + channel] }
      }
    }
    return target
  }

  package func cStep(
    _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> CStep {
    let input = buffers[0].shape
    return CStep(
      structure: "padding",
      fields: [
        CField("height", input.height), CField("width", input.width),
        CField("channels", input.channels),
        CField("result_height", result.shape.height), CField("result_width", result.shape.width),
        CField("result_channels", result.shape.channels),
        CField("before_height", before.height), CField("before_width", before.width),
        CField("before_channels", before.channels), CField("value", Int(value)),
      ],
      tables: [],
      kernel: CFunction(
        name: "pad",
        source: """
          /* A border of a constant around a buffer. */
          static void pad(const struct padding *step, const int8_t *input, int8_t *output) {
            for (int32_t row = 0; row < step->result_height; row++) {
              const int32_t y = row - step->before_height;
              for (int32_t column = 0; column < step->result_width; column++) {
                const int32_t x = column - step->before_width;
                const int inside = y >= 0 && y < step->height && x >= 0 && x < step->width;
                for (int32_t place = 0; place < step->result_channels; place++) {
                  const int32_t channel = place - step->before_channels;
                  *output++ = inside && channel >= 0 && channel < step->channels
                      ? input[(y * step->width + x) * step->channels + channel]
                      : (int8_t)step->value;
                }
              }
            }
          }
          """),
      helpers: [])
  }
}
