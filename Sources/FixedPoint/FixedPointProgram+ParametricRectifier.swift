extension FixedPointProgram {
  /// Negative values of a buffer of 16 bits times a slope; the others stay.
  ///
  /// `y = round(x · slope / 2^shift)` in 64 bits with halves away from zero, limited to 16 bits.
  /// The result has the scale of the input.
  /// Source: He et al. 2015, https://arxiv.org/abs/1502.01852.
  public struct ParametricRectifier: Equatable, Sendable {
    /// One for all channels, or one for each; `Int32.min` is none.
    public let slopes: [Int32]
    /// How many bits of a slope stand after the point, 0...47.
    public let shift: Int

    /// Creates a rectifier of integers, which ``FixedPointProgram`` checks.
    public init(slopes: [Int32], shift: Int) {
      self.slopes = slopes
      self.shift = shift
    }

    /// Creates a rectifier from slopes in single precision, with as many bits after the point as
    /// the largest leaves.
    ///
    /// - Precondition: magnitudes are below 2³¹.
    public init(slopes: [Float]) {
      let largest = slopes.reduce(0) { max($0, $1.magnitude) }
      precondition(
        slopes.allSatisfy { $0.magnitude < 0x1p31 },
        "ParametricRectifier: a slope of \(largest)")
      // A slope is below 2^(exponent + 1) and has 24 bits, so that rounding cannot make it 2³¹.
      let shift = largest > 0 ? min(30 - Int(largest.exponent), 47) : 0
      let unit = Double(sign: .plus, exponent: shift, significand: 1)
      self.init(slopes: slopes.map { Int32((Double($0) * unit).rounded()) }, shift: shift)
    }
  }
}

extension FixedPointProgram.ParametricRectifier: FixedPointOperation {
  package var name: String { "parametric rectifier" }
  package var summary: String { "parametric rectifier" }

  package func result(
    _ buffers: [FixedPointProgram.Buffer], _ place: CheckedPlace
  ) throws(FixedPointError) -> FixedPointProgram.Buffer {
    let channels = buffers[0].shape.channels
    try place.require(
      buffers[0].element == .int16, "an input of 8 bits", expected: "16 bits")
    try place.require(
      slopes.count == 1 || slopes.count == channels, "\(slopes.count) slopes",
      expected: channels == 1 ? "1" : "1 or \(channels)")
    try place.require(
      !slopes.contains(.min), "a slope of \(Int32.min)", expected: "at least \(-Int32.max)")
    try place.require((0...47).contains(shift), "a shift of \(shift)", expected: "0...47")
    return buffers[0]
  }

  package func run(
    _ values: [[Int16]], _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> [Int16] {
    let channels = slopes.count
    var channel = 0
    return values[0].map { value in
      let slope = slopes[channel]
      channel = channel + 1 == channels ? 0 : channel + 1
      guard value < 0 else { return value }
      let level = Rounding.shifted(Int64(value) * Int64(slope), by: shift)
      return Rounding.limited(level, -32_768, 32_767)
    }
  }

  package func cStep(
    _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> CStep {
    CStep(
      structure: "rectifier",
      fields: [
        CField("count", result.shape.count), CField("slopes", slopes.count),
        CField("shift", shift),
      ],
      tables: [CTable("slopes", .int32, slopes)],
      kernel: CFunction(
        name: "rectify",
        source: """
          /* Negative values times the slope of their channel, or the only one. */
          static void rectify(
              const struct rectifier *step, const int32_t *slopes, const int16_t *input,
              int16_t *output) {
            int32_t channel = 0;
            for (int32_t index = 0; index < step->count; index++) {
              const int16_t value = input[index];
              output[index] = value < 0
                  ? (int16_t)limit(
                      round_shift((int64_t)value * slopes[channel], step->shift), -32768, 32767)
                  : value;
              channel = channel + 1 == step->slopes ? 0 : channel + 1;
            }
          }
          """),
      helpers: [Rounding.roundShift, Rounding.limit])
  }
}
