extension FixedPointProgram {
  /// The nearest of sorted centres for each value of a buffer of 16 bits, after the buffer has been
  /// scaled to a mean square of 1.
  ///
  /// The index of a value `x` is the number of midpoints `m` between neighbouring centres with
  /// `x·√n / ‖x‖ > m`, where `n` is the number of values and `‖x‖² = Σ x²`. If all are 0, it is the
  /// number of midpoints below 0.
  ///
  /// There is no root: with `s = x·|x|`, the condition is `s > sign(m)·m²·‖x‖²/n`, and since `s` is
  /// an integer, it is `s > t` for the integer `t = floor(sign(m)·m²·‖x‖²/n)`, which is computed
  /// once for each midpoint and buffer. Only `m²` is rounded, to 2⁻³².
  ///
  /// Nothing overflows, with `M = m²·2³²` at most 65,537·2³² and `n` at most 2¹⁶ values:
  /// - `‖x‖² ≤ n·2³⁰ ≤ 2⁴⁶`, and it is `n·a + b` with `a ≤ 2³⁰` and `b ≤ n − 1 ≤ 65,535`.
  /// - `M·‖x‖²/n = M·a + M·b/n`, where `M·b ≤ 2³²·(2¹⁶ + 1)(2¹⁶ − 1) = 2³²·(2³² − 1) < 2⁶⁴`.
  /// - With `M = h·2³² + l`, what is left to be floored after a division by 2³² is
  ///   `l·a + floor(M·b/n) < 2⁶² + 2⁴⁹ < 2⁶³`, and `h·a ≤ 65,537·2³⁰ < 2⁴⁷` is added.
  /// - `|s| ≤ 2³⁰`, so that larger thresholds may become `2³⁰ + 1` and all fit 32 bits.
  /// - A midpoint beyond `√n ≤ 256` is beyond every value; so is what it is limited to, √65,537.
  public struct NearestCenter: Equatable, Sendable {
    /// `sign(m)·m²` of each midpoint with ``fractionBits`` after the point, in order.
    public let squaredMidpoints: [Int64]

    /// Bits of a squared midpoint after the point.
    public static let fractionBits = 32

    /// The largest magnitude of a squared midpoint.
    static let largestSquare: Int64 = 65_537 << 32

    /// Creates an operation from squared midpoints, which ``FixedPointProgram`` checks.
    public init(squaredMidpoints: [Int64]) { self.squaredMidpoints = squaredMidpoints }

    /// Creates an operation from centres.
    ///
    /// - Precondition: there are 2...256 finite centres in ascending order.
    public init(centers: [Float]) {
      precondition(
        (2...256).contains(centers.count) && centers.allSatisfy(\.isFinite)
          && zip(centers, centers.dropFirst()).allSatisfy { $0 <= $1 },
        "NearestCenter: \(centers.count) centres, or not in ascending order")
      squaredMidpoints = zip(centers, centers.dropFirst()).map { lower, upper in
        let middle = (Double(lower) + Double(upper)) / 2
        guard middle != 0 else { return 0 }
        // A midpoint that is not 0 keeps its sign.
        let square = max((middle * middle * 0x1p32).rounded(), 1)
        let limited = Int64(min(square, Double(NearestCenter.largestSquare)))
        return middle < 0 ? -limited : limited
      }
    }

    /// How many centres there are.
    public var levelCount: Int { squaredMidpoints.count + 1 }

    /// Bits of an index, 1...8.
    public var bits: Int { max(1, Int.bitWidth - (levelCount - 1).leadingZeroBitCount) }

    /// The index of every value of a buffer of zeros.
    public var zeroIndex: UInt8 { UInt8(squaredMidpoints.count { $0 < 0 }) }
  }
}

extension FixedPointProgram.NearestCenter: FixedPointOperation {
  package var name: String { "nearest centre" }
  package var summary: String { "nearest of \(levelCount) centres" }

  package var thresholdBytes: Int { 4 * squaredMidpoints.count }

  package func result(
    _ buffers: [FixedPointProgram.Buffer], _ place: CheckedPlace
  ) throws(FixedPointError) -> FixedPointProgram.Buffer {
    try place.require(
      buffers[0].element == .int16, "an input of 8 bits", expected: "16 bits")
    try place.require(
      buffers[0].shape.count <= 65_536, "\(buffers[0].shape.count) values",
      expected: "at most 65,536")
    try place.require(
      (1...255).contains(squaredMidpoints.count), "\(levelCount) centres", expected: "2...256")
    try place.require(
      zip(squaredMidpoints, squaredMidpoints.dropFirst()).allSatisfy { $0 <= $1 },
      "squared midpoints out of order", expected: "ascending ones")
    let largest = FixedPointProgram.NearestCenter.largestSquare
    try place.require(
      squaredMidpoints.allSatisfy { $0.magnitude <= largest.magnitude },
      "a squared midpoint out of range", expected: "magnitudes of at most 65,537·2^32")
    return FixedPointProgram.Buffer(shape: buffers[0].shape, element: .index, zeroPoint: 0)
  }

  package func run(
    _ values: [[Int16]], _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> [Int16] {
    let energy = values[0].reduce(into: UInt64(0)) { sum, value in
      sum += UInt64(value.magnitude) * UInt64(value.magnitude)
    }
    guard energy > 0 else {
      return [Int16](repeating: Int16(zeroIndex), count: values[0].count)
    }
    let thresholds = thresholds(energy: energy, count: UInt64(values[0].count))
    return thresholds.withUnsafeBufferPointer { thresholds in
      values[0].map { value in
        let square = Int32(value) * Int32(value.magnitude)
        var (low, high) = (0, thresholds.count)
        while low < high {
          let middle = (low + high) / 2
          if square > thresholds[middle] { low = middle + 1 } else { high = middle }
        }
        return Int16(low)
      }
    }
  }

  /// The largest `x·|x|` that is not above each midpoint.
  private func thresholds(energy: UInt64, count: UInt64) -> [Int32] {
    let (mean, rest) = energy.quotientAndRemainder(dividingBy: count)
    return squaredMidpoints.map { midpoint in
      let product = midpoint.magnitude * rest
      let tail = (midpoint.magnitude & 0xffff_ffff) * mean + product / count
      var bound = (midpoint.magnitude >> 32) * mean + (tail >> 32)
      // The floor of a negative number that is not an integer.
      if midpoint < 0, tail & 0xffff_ffff != 0 || product % count != 0 { bound += 1 }
      let limited = Int32(min(bound, (1 << 30) + 1))
      return midpoint < 0 ? -limited : limited
    }
  }

  package func cStep(
    _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> CStep {
    CStep(
      structure: "quantizer",
      fields: [
        CField("count", result.shape.count), CField("midpoints", squaredMidpoints.count),
        CField("zero_index", Int(zeroIndex)),
      ],
      tables: [CTable("midpoints", .int64, squaredMidpoints)],
      kernel: CFunction(
        name: "find_nearest",
        source: """
          /* The number of midpoints m with x * sqrt(n) / |x| > m for each of n values x: m is given
             as sign(m) * m^2 * 2^32, and compared as x * |x| > floor(sign(m) * m^2 * |x|^2 / n). */
          static void find_nearest(
              const struct quantizer *step, const int64_t *midpoints, const int16_t *input,
              uint8_t *indices, int32_t *bounds) {
            const uint64_t count = (uint64_t)step->count;
            const uint64_t low_half = UINT64_C(0xffffffff);
            const uint64_t largest = (UINT64_C(1) << 30) + 1;
            uint64_t energy = 0;
            uint64_t mean;
            uint64_t rest;
            for (int32_t index = 0; index < step->count; index++) {
              const int32_t value = input[index];
              energy += (uint64_t)((int64_t)value * value);
            }
            mean = energy / count;
            rest = energy % count;
            for (int32_t index = 0; index < step->midpoints; index++) {
              const int negative = midpoints[index] < 0;
              const uint64_t square =
                  negative ? (uint64_t)-midpoints[index] : (uint64_t)midpoints[index];
              const uint64_t product = square * rest;
              const uint64_t tail = (square & low_half) * mean + product / count;
              uint64_t bound = (square >> 32) * mean + (tail >> 32);
              /* The floor of a negative number that is not an integer. */
              if (negative && ((tail & low_half) != 0 || product % count != 0)) bound++;
              if (bound > largest) bound = largest;
              bounds[index] = negative ? -(int32_t)bound : (int32_t)bound;
            }
            for (int32_t index = 0; index < step->count; index++) {
              const int32_t value = input[index];
              const int32_t square = value < 0 ? -(value * value) : value * value;
              int32_t first = 0;
              int32_t last = step->midpoints;
              while (first < last) {
                const int32_t middle = (first + last) / 2;
                if (square > bounds[middle]) {
                  first = middle + 1;
                } else {
                  last = middle;
                }
              }
              indices[index] = (uint8_t)(energy == 0 ? step->zero_index : first);
            }
          }
          """),
      helpers: [])
  }
}
