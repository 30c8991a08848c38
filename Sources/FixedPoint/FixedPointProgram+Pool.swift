extension FixedPointProgram {
  /// The largest value of each window of a buffer of 8 bits; pixels outside of it do not count.
  public struct MaximumPool: Equatable, Sendable {
    /// Where windows lie.
    public let window: Window

    /// Creates a pool.
    public init(_ window: Window) { self.window = window }
  }

  /// The mean of each window of a buffer of 8 bits, with halves away from zero.
  ///
  /// Pixels outside of the buffer count neither in the sum nor in the divisor. Rounding is that of
  /// the mean of the stored levels, whatever their zero point.
  public struct AveragePool: Equatable, Sendable {
    /// Where windows lie.
    public let window: Window

    /// Creates a pool.
    public init(_ window: Window) { self.window = window }
  }
}

/// What both pools have in common.
package protocol Pool: FixedPointOperation {
  var window: FixedPointProgram.Window { get }
}

extension Pool {
  package var summary: String { "\(name) \(window.summary)" }

  package func result(
    _ buffers: [FixedPointProgram.Buffer], _ place: CheckedPlace
  ) throws(FixedPointError) -> FixedPointProgram.Buffer {
    try place.require(
      buffers[0].element == .int8, "an input of 16 bits", expected: "8 bits")
    let extent = try window.result(buffers[0].shape, place)
    try window.requireOverlap(place)
    return buffers[0].with(
      .init(height: extent.height, width: extent.width, channels: buffers[0].shape.channels))
  }

  /// Calls `body` with the rows and columns of the image in each window, in order.
  fileprivate func forEachWindow(
    _ input: FixedPointProgram.Shape, _ result: FixedPointProgram.Shape,
    _ body: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void
  ) {
    for row in 0..<result.height {
      let top = row * window.stride.height - window.padding.top
      let rows = max(top, 0)..<min(top + window.kernel.height, input.height)
      for column in 0..<result.width {
        let left = column * window.stride.width - window.padding.left
        body(rows, max(left, 0)..<min(left + window.kernel.width, input.width))
      }
    }
  }

  /// A kernel in C that combines the values of each window and channel.
  fileprivate func cPool(
    _ input: FixedPointProgram.Buffer, _ result: FixedPointProgram.Buffer, name: String,
    comment: String, start: String, combine: String, finish: String, helpers: [CFunction]
  ) -> CStep {
    CStep(
      structure: "pool", fields: window.cFields(input.shape, result.shape), tables: [],
      kernel: CFunction(
        name: name,
        source: """
          /* \(comment) */
          static void \(name)(const struct pool *step, const int8_t *input, int8_t *output) {
            for (int32_t row = 0; row < step->result_height; row++) {
              const int32_t above = row * step->stride_height - step->padding_top;
              const int32_t top = above < 0 ? 0 : above;
              const int32_t below = above + step->kernel_height;
              const int32_t bottom = below < step->height ? below : step->height;
              for (int32_t column = 0; column < step->result_width; column++) {
                const int32_t before = column * step->stride_width - step->padding_left;
                const int32_t left = before < 0 ? 0 : before;
                const int32_t behind = before + step->kernel_width;
                const int32_t right = behind < step->width ? behind : step->width;
                for (int32_t channel = 0; channel < step->inputs; channel++) {
                  \(start)
                  for (int32_t y = top; y < bottom; y++) {
                    for (int32_t x = left; x < right; x++) {
                      const int8_t value = input[(y * step->width + x) * step->inputs + channel];
                      \(combine)
                    }
                  }
                  \(finish)
                }
              }
            }
          }
          """),
      helpers: helpers)
  }
}

extension FixedPointProgram.MaximumPool: Pool {
  package var name: String { "maximum pool" }

  package func run(
    _ values: [[Int16]], _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> [Int16] {
    let (input, channels) = (buffers[0].shape, result.shape.channels)
    return [Int16](unsafeUninitializedCapacity: result.shape.count) { target, count in
      values[0].withUnsafeBufferPointer { source in
        forEachWindow(input, result.shape) { rows, columns in
          for channel in count..<count + channels {
            target.initializeElement(at: channel, to: -128)
          }
          for y in rows {
            for x in columns {
              let pixel = (y * input.width + x) * channels
              for channel in 0..<channels {
                target[count + channel] = max(target[count + channel], source[pixel + channel])
              }
            }
          }
          count += channels
        }
      }
    }
  }

  package func cStep(
    _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> CStep {
    cPool(
      buffers[0], result, name: "maximum_pool",
      comment: "The largest value of each window; pixels outside of the image do not count.",
      start: "int8_t largest = -128;",
      combine: "if (value > largest) largest = value;",
      finish: "*output++ = largest;", helpers: [])
  }
}

extension FixedPointProgram.AveragePool: Pool {
  package var name: String { "average pool" }

  package func run(
    _ values: [[Int16]], _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> [Int16] {
    let (input, channels) = (buffers[0].shape, result.shape.channels)
    return [Int16](unsafeUninitializedCapacity: result.shape.count) { target, count in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: channels) { sums in
        values[0].withUnsafeBufferPointer { source in
          forEachWindow(input, result.shape) { rows, columns in
            sums.initialize(repeating: 0)
            for y in rows {
              for x in columns {
                let pixel = (y * input.width + x) * channels
                // 128 times fewer than 2²⁴ pixels stays below 2³¹.
                for channel in 0..<channels { sums[channel] &+= Int32(source[pixel + channel]) }
              }
            }
            let pixels = UInt64(rows.count * columns.count)
            for channel in 0..<channels {
              let mean = Int16(Rounding.divided(UInt64(sums[channel].magnitude), by: pixels))
              target.initializeElement(at: count + channel, to: sums[channel] < 0 ? -mean : mean)
            }
            count += channels
          }
        }
      }
    }
  }

  package func cStep(
    _ buffers: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> CStep {
    cPool(
      buffers[0], result, name: "average_pool",
      comment: "The mean of each window; pixels outside of the image do not count.",
      start: "int32_t sum = 0;", combine: "sum += value;",
      finish: """
        const uint64_t mean = divide_rounded(
                      (uint64_t)(sum < 0 ? -sum : sum),
                      (uint64_t)((bottom - top) * (right - left)));
                  *output++ = (int8_t)(sum < 0 ? -(int32_t)mean : (int32_t)mean);
        """, helpers: [Rounding.divideRounded])
  }
}
