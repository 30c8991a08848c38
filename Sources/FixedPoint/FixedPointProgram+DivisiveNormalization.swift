extension FixedPointProgram {
  /// A generalised divisive normalisation with magnitudes, `yᵢ = xᵢ / (βᵢ + Σⱼ γᵢⱼ |xⱼ|)` over the
  /// channels of each pixel of a buffer of 16 bits.
  ///
  /// `Dᵢ = Bᵢ + Σⱼ Gᵢⱼ |xⱼ|` and `yᵢ = round((xᵢ · 2^shift) / Dᵢ)` in 64 bits, with halves away
  /// from zero and limited to 16 bits. Source: Ballé, Laparra and Simoncelli 2016,
  /// https://arxiv.org/abs/1511.06281, with the exponents 1 of Johnston et al. 2019,
  /// https://arxiv.org/abs/1912.08771.
  ///
  /// Nothing overflows: the sum is at most 65,535 channels × 65,535 × 2¹⁵ < 2⁴⁷, `B` is at most
  /// 2⁶², and `|x|·2^shift` at most 2¹⁵⁺⁴⁷ = 2⁶², all without a sign in 64 bits.
  public struct DivisiveNormalization: Equatable, Sendable {
    /// `B`, what a divisor is without input; 1...2⁶² for each channel.
    public let offsets: [UInt64]
    /// `G`, `[outputs, inputs]`.
    public let weights: [UInt16]
    /// How many bits a dividend is shifted to the left, 0...47.
    public let shift: Int

    /// Creates a normalisation of integers, which ``FixedPointProgram`` checks.
    public init(offsets: [UInt64], weights: [UInt16], shift: Int) {
      self.offsets = offsets
      self.weights = weights
      self.shift = shift
    }

    /// Creates a normalisation from numbers in single precision.
    ///
    /// Both `B` and `G` are multiples of one unit, which is so large that `G` uses its 16 bits, `B`
    /// at most 62, and a result of `outputRange` is the level 32,767. The result has the
    /// quantisation `Quantization(sixteenBitsUpTo: outputRange)`.
    ///
    /// - Parameters:
    ///   - beta: positive, one for each channel.
    ///   - gamma: `[inputs, outputs]`, not negative.
    ///   - inputScale: the difference between neighbouring levels of the input.
    ///   - outputRange: the largest magnitude of a result that is expected; larger ones are
    ///     limited.
    /// - Precondition: counts and numbers are as described, and a unit of 16 bits exists.
    public init(beta: [Float], gamma: [Float], inputScale: Float, outputRange: Float) {
      let channels = beta.count
      precondition(
        gamma.count == channels * channels && inputScale > 0 && inputScale.isFinite
          && outputRange > 0 && outputRange.isFinite
          && beta.allSatisfy { $0 > 0 && $0.isFinite }
          && gamma.allSatisfy { $0 >= 0 && $0.isFinite },
        "DivisiveNormalization: \(channels) offsets and \(gamma.count) weights, input scale "
          + "\(inputScale), range \(outputRange)")
      let outputScale = Double(outputRange) / 32_767
      let largestWeight = Double(gamma.max() ?? 0)
      let largestOffset = Double(beta.max() ?? 0) / Double(inputScale)
      // y = X / (β / inputScale + Σ γ|X|), and D = unit · that sum, so that
      // y = outputScale · (X · 2^shift) / D with unit = outputScale · 2^shift.
      func unit(_ shift: Int) -> Double {
        outputScale * Double(sign: .plus, exponent: shift, significand: 1)
      }
      let shift = (0...47).last {
        (unit($0) * largestWeight).rounded() <= 65_535 && unit($0) * largestOffset <= 0x1p62
      }
      guard let shift else {
        preconditionFailure(
          "DivisiveNormalization: weights of up to \(largestWeight) for a range of \(outputRange)")
      }
      self.init(
        offsets: beta.map {
          max(1, UInt64((Double($0) / Double(inputScale) * unit(shift)).rounded()))
        },
        weights: (0..<channels * channels).map { index in
          let (output, input) = index.quotientAndRemainder(dividingBy: channels)
          return UInt16((Double(gamma[input * channels + output]) * unit(shift)).rounded())
        }, shift: shift)
    }
  }
}

extension FixedPointProgram.DivisiveNormalization: FixedPointOperation {
  package var name: String { "divisive normalisation" }
  package var summary: String { "divisive normalisation" }

  package func result(
    _ buffers: [FixedPointProgram.Buffer], _ place: CheckedPlace
  ) throws(FixedPointError) -> FixedPointProgram.Buffer {
    let channels = buffers[0].shape.channels
    try place.require(
      buffers[0].element == .int16, "an input of 8 bits", expected: "16 bits")
    try place.require(
      offsets.count == channels, "\(offsets.count) offsets", expected: "\(channels)")
    try place.require(
      weights.count == channels * channels, "\(weights.count) weights",
      expected: "\(channels * channels)")
    try place.require(
      offsets.allSatisfy { (1...1 << 62).contains($0) }, "an offset of 0 or above 2^62",
      expected: "1...2^62")
    try place.require((0...47).contains(shift), "a shift of \(shift)", expected: "0...47")
    return buffers[0]
  }

  package func multiplyAccumulates(_ result: FixedPointProgram.Buffer) -> Int {
    result.shape.height * result.shape.width * weights.count
  }

  package func run(
    _ values: [[Int16]], _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> [Int16] {
    let channels = offsets.count
    return [Int16](unsafeUninitializedCapacity: result.shape.count) { target, count in
      count = result.shape.count
      values[0].withUnsafeBufferPointer { source in
        weights.withUnsafeBufferPointer { weights in
          withUnsafeTemporaryAllocation(of: UInt64.self, capacity: channels) { magnitudes in
            for pixel in stride(from: 0, to: count, by: channels) {
              for channel in 0..<channels {
                magnitudes.initializeElement(
                  at: channel, to: UInt64(source[pixel + channel].magnitude))
              }
              for output in 0..<channels {
                var divisor = offsets[output]
                for input in 0..<channels {
                  divisor &+= UInt64(weights[output * channels + input]) &* magnitudes[input]
                }
                let quotient = Rounding.divided(
                  magnitudes[output] << UInt64(shift), by: divisor)
                let isNegative = source[pixel + output] < 0
                let level = isNegative ? -Int64(quotient) : Int64(quotient)
                target.initializeElement(
                  at: pixel + output, to: Rounding.limited(level, -32_768, 32_767))
              }
            }
          }
        }
      }
    }
  }

  package func cStep(
    _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> CStep {
    CStep(
      structure: "normalization",
      fields: [
        CField("pixels", result.shape.height * result.shape.width),
        CField("channels", result.shape.channels), CField("shift", shift),
      ],
      tables: [
        CTable("offsets", .uint64, offsets), CTable("weights", .uint16, weights),
      ],
      kernel: CFunction(
        name: "normalize",
        source: """
          /* Values divided by a weighted sum of the magnitudes of their pixel.
             weights: [outputs, inputs]. */
          static void normalize(
              const struct normalization *step, const uint64_t *offsets, const uint16_t *weights,
              const int16_t *input, int16_t *output) {
            for (int32_t pixel = 0; pixel < step->pixels; pixel++) {
              const uint16_t *factors = weights;
              for (int32_t channel = 0; channel < step->channels; channel++) {
                const int32_t value = input[channel];
                const uint64_t magnitude = (uint64_t)(value < 0 ? -value : value);
                uint64_t divisor = offsets[channel];
                int64_t quotient;
                for (int32_t index = 0; index < step->channels; index++) {
                  /* Products have 31 bits at most. */
                  const int32_t other = input[index];
                  divisor += (uint32_t)factors[index] * (uint32_t)(other < 0 ? -other : other);
                }
                quotient = (int64_t)divide_rounded(magnitude << step->shift, divisor);
                *output++ = (int16_t)limit(value < 0 ? -quotient : quotient, -32768, 32767);
                factors += step->channels;
              }
              input += step->channels;
            }
          }
          """),
      helpers: [Rounding.divideRounded, Rounding.limit])
  }
}
