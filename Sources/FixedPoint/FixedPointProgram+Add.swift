extension FixedPointProgram {
  /// The sum of two buffers of 8 bits and different scales.
  ///
  /// Both are brought to a common scale with `leftShift` more bits, added, and rounded to the
  /// result's scale, as in TensorFlow Lite (Jacob et al. 2018, https://arxiv.org/abs/1712.05877).
  public struct Add: Equatable, Sendable {
    /// How one of the buffers is brought to the common scale.
    public struct Term: Equatable, Sendable {
      /// The level that stands for 0.
      public let zeroPoint: Int8
      /// What the difference to the zero point, shifted to the left, is multiplied with.
      public let requantization: Requantization

      /// Creates a term.
      public init(zeroPoint: Int8, requantization: Requantization) {
        self.zeroPoint = zeroPoint
        self.requantization = requantization
      }
    }

    /// The first buffer.
    public let first: Term
    /// The second buffer.
    public let second: Term
    /// How many bits differences are shifted to the left, 0...20.
    public let leftShift: Int
    /// What the sum is multiplied with.
    public let requantization: Requantization
    /// The level of the result that stands for 0.
    public let outputZeroPoint: Int8
    /// The smallest and the largest level of the result.
    public let clamp: ClosedRange<Int16>

    /// Creates a sum of integers, which ``FixedPointProgram`` checks.
    public init(
      first: Term, second: Term, leftShift: Int, requantization: Requantization,
      outputZeroPoint: Int8, clamp: ClosedRange<Int16>
    ) {
      self.first = first
      self.second = second
      self.leftShift = leftShift
      self.requantization = requantization
      self.outputZeroPoint = outputZeroPoint
      self.clamp = clamp
    }

    /// Creates the sum of two quantised buffers.
    ///
    /// - Parameter clamp: the numbers that the result keeps to, such as `0 ... .infinity` for a
    ///   ReLU.
    /// - Precondition: neither scale of the inputs is less than 2⁻³⁰ of the other, nor the result's
    ///   less than 2⁻³⁰ of theirs.
    public init(
      _ first: Quantization, _ second: Quantization, output: Quantization,
      clamp: ClosedRange<Float> = -.infinity ... .infinity
    ) {
      let leftShift = 20
      // Both differences, of 28 bits after the shift, are at most halved and so add up to 28 bits.
      let common = 2 * max(Double(first.scale), Double(second.scale))
      func term(_ quantization: Quantization) -> Term {
        Term(
          zeroPoint: quantization.zeroPoint,
          requantization: Requantization(scale: Double(quantization.scale) / common))
      }
      self.init(
        first: term(first), second: term(second), leftShift: leftShift,
        requantization: Requantization(
          scale: common / (Double(1 << leftShift) * Double(output.scale))),
        outputZeroPoint: output.zeroPoint, clamp: output.levels(clamp, .int8))
    }
  }
}

extension FixedPointProgram.Add: FixedPointOperation {
  package var name: String { "add" }
  package var summary: String { "add" }
  package var inputCount: Int { 2 }

  package func result(
    _ buffers: [FixedPointProgram.Buffer], _ place: CheckedPlace
  ) throws(FixedPointError) -> FixedPointProgram.Buffer {
    try place.require(
      buffers.allSatisfy { $0.element == .int8 }, "an input of 16 bits", expected: "8 bits")
    try place.require(
      buffers[0].shape == buffers[1].shape, "shapes \(buffers[0].shape) and \(buffers[1].shape)",
      expected: "the same")
    try place.require(
      (0...20).contains(leftShift), "a left shift of \(leftShift)", expected: "0...20")
    let factors = [first.requantization, second.requantization, requantization]
    try place.require(
      factors.allSatisfy(\.isValid), "a multiplier or shift out of range",
      expected: "positive multipliers and shifts of 0...62")
    for (term, buffer) in zip([first, second], buffers) {
      try place.require(
        term.zeroPoint == buffer.zeroPoint, "an input zero point of \(term.zeroPoint)",
        expected: "\(buffer.zeroPoint), that of its buffer")
      let largest = term.requantization(255 << Int32(leftShift))
      try place.require(
        largest < 1 << 30, "terms of up to \(largest)", expected: "less than 2^30")
    }
    try place.require(
      clamp.lowerBound >= -128 && clamp.upperBound <= 127, "a clamp to \(clamp)",
      expected: "a range within -128...127")
    return FixedPointProgram.Buffer(
      shape: buffers[0].shape, element: .int8, zeroPoint: outputZeroPoint)
  }

  package func run(
    _ values: [[Int16]], _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> [Int16] {
    let unit = Int32(1) << Int32(leftShift)
    func scaled(_ value: Int16, _ term: Term) -> Int64 {
      term.requantization((Int32(value) - Int32(term.zeroPoint)) * unit)
    }
    return zip(values[0], values[1]).map { one, other in
      let sum = Int32(scaled(one, first) + scaled(other, second))
      return Rounding.limited(
        requantization(sum) + Int64(outputZeroPoint), clamp.lowerBound, clamp.upperBound)
    }
  }

  package func cStep(
    _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> CStep {
    CStep(
      structure: "addition",
      fields: [
        CField("count", result.shape.count), CField("unit", 1 << leftShift),
        CField("first_zero", Int(first.zeroPoint)),
        CField("first_multiplier", Int(first.requantization.multiplier)),
        CField("first_shift", first.requantization.shift),
        CField("second_zero", Int(second.zeroPoint)),
        CField("second_multiplier", Int(second.requantization.multiplier)),
        CField("second_shift", second.requantization.shift),
        CField("multiplier", Int(requantization.multiplier)),
        CField("shift", requantization.shift), CField("output_zero", Int(outputZeroPoint)),
        CField("low", Int(clamp.lowerBound)), CField("high", Int(clamp.upperBound)),
      ],
      tables: [],
      kernel: CFunction(
        name: "add",
        source: """
          /* Sums of two buffers, which are brought to a common scale before. */
          static void add(
              const struct addition *step, const int8_t *first, const int8_t *second,
              int8_t *output) {
            for (int32_t index = 0; index < step->count; index++) {
              const int32_t one = ((int32_t)first[index] - step->first_zero) * step->unit;
              const int32_t other = ((int32_t)second[index] - step->second_zero) * step->unit;
              const int64_t sum =
                  round_shift((int64_t)one * step->first_multiplier, step->first_shift)
                  + round_shift((int64_t)other * step->second_multiplier, step->second_shift);
              output[index] = (int8_t)limit(
                  round_shift(sum * step->multiplier, step->shift) + step->output_zero,
                  step->low, step->high);
            }
          }
          """),
      helpers: [Rounding.roundShift, Rounding.limit])
  }
}
