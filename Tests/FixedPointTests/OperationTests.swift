import Testing

import FixedPoint

/// Every operation against a plain reference.
@Suite struct OperationTests {
  typealias Program = FixedPointProgram
  typealias Shape = FixedPointProgram.Shape

  /// The result of one operation on given values.
  private func run(
    _ operation: Program.Operation, _ values: [[Int16]], _ inputs: [Program.Buffer]
  ) throws -> (values: [Int16], buffer: Program.Buffer) {
    let implementation = operation.implementation
    let result = try implementation.result(
      inputs, CheckedPlace(step: 0, operation: implementation.name))
    return (implementation.run(values, inputs, result), result)
  }

  /// A value of an image, or nil outside of it.
  private func value(
    _ values: [Int16], _ shape: Shape, _ row: Int, _ column: Int, _ channel: Int
  ) -> Double? {
    guard (0..<shape.height).contains(row), (0..<shape.width).contains(column) else { return nil }
    return Double(values[(row * shape.width + column) * shape.channels + channel])
  }

  /// `value` with halves away from zero; sums of the tests are exact in a Double.
  private func level(_ value: Double, _ zero: Int8, _ clamp: ClosedRange<Int16>) -> Int16 {
    let level = value.rounded(.toNearestOrAwayFromZero) + Double(zero)
    return Int16(min(max(level, Double(clamp.lowerBound)), Double(clamp.upperBound)))
  }

  @Test(
    "convolutions are rounded weighted sums",
    arguments: [
      (groups: 1, inputs: 3, outputs: 5), (2, 4, 6), (4, 4, 4), (3, 3, 6), (6, 6, 6), (2, 6, 2),
    ])
  func convolutions(groups: Int, inputs: Int, outputs: Int) throws {
    var random = SeededGenerator(UInt64(groups * 100 + inputs * 10 + outputs))
    for (source, target) in [
      (Program.Element.int8, Program.Element.int8), (.int8, .int16), (.int16, .int8),
      (.int16, .int16),
    ] {
      let shape = Shape(height: 6, width: 5, channels: inputs)
      let window = Program.Window(
        kernel: .init(height: 3, width: 2),
        stride: .init(height: random.integer(1...2), width: random.integer(1...3)),
        padding: .init(
          top: random.integer(0...2), left: random.integer(0...2), bottom: random.integer(0...2),
          right: random.integer(0...2)))
      let zero = source == .int8 ? Int8(random.integer(-128...127)) : 0
      let outputZero = target == .int8 ? Int8(random.integer(-50...50)) : 0
      let count = 6 * inputs / groups * outputs
      let weights = random.bytes(count)
      let biases = (0..<outputs).map { _ in Int32(random.integer(-9999...9999)) }
      // Powers of two keep the reference exact, with halves among the results.
      let shifts = (0..<outputs).map { _ in random.integer(target == .int8 ? 6...14 : 0...14) }
      let clamp: ClosedRange<Int16> = target == .int8 ? -100...110 : -30_000...32_767
      let operation = Program.Convolution(
        window: window, inputs: inputs, outputs: outputs, groups: groups, inputZeroPoint: zero,
        weights: weights, biases: biases,
        requantizations: shifts.map { Requantization(multiplier: 3, shift: $0) },
        outputZeroPoint: outputZero, output: target, clamp: clamp)
      let values =
        source == .int8
        ? random.bytes(shape.count).map(Int16.init) : random.halves(shape.count)
      let input = Program.Buffer(shape: shape, element: source, zeroPoint: zero)
      let (found, buffer) = try run(.convolution(operation), [values], [input])

      let height = (6 + window.padding.top + window.padding.bottom - 3) / window.stride.height + 1
      let width = (5 + window.padding.left + window.padding.right - 2) / window.stride.width + 1
      #expect(buffer.shape == Shape(height: height, width: width, channels: outputs))
      #expect(buffer.element == target && buffer.zeroPoint == outputZero)
      var expected: [Int16] = []
      for row in 0..<height {
        for column in 0..<width {
          for output in 0..<outputs {
            var sum = Double(biases[output])
            for y in 0..<3 {
              for x in 0..<2 {
                for index in 0..<inputs / groups {
                  let channel = output / (outputs / groups) * (inputs / groups) + index
                  let pixel = value(
                    values, shape, row * window.stride.height + y - window.padding.top,
                    column * window.stride.width + x - window.padding.left, channel)
                  let place = ((y * 2 + x) * (inputs / groups) + index) * outputs + output
                  sum += ((pixel ?? Double(zero)) - Double(zero)) * Double(weights[place])
                }
              }
            }
            expected.append(
              level(sum * 3 / Double(1 << shifts[output]), outputZero, clamp))
          }
        }
      }
      #expect(found == expected)
    }
  }

  @Test("weights in single precision give the convolution within the error of their rounding")
  func quantizedConvolutions() throws {
    var random = SeededGenerator(5)
    for (element, clamp) in [
      (Program.Element.int8, Float(0)...6), (.int16, -.infinity ... .infinity),
    ] {
      for source in [Program.Element.int8, .int16] {
        let (inputs, outputs) = (8, 4)
        let shape = Shape(height: 5, width: 5, channels: inputs)
        let input =
          source == .int8
          ? Program.Quantization(covering: -1...3) : Program.Quantization(sixteenBitsUpTo: 3)
        let output =
          element == .int8
          ? Program.Quantization(covering: 0...6) : Program.Quantization(sixteenBitsUpTo: 9)
        let weights = random.numbers(9 * inputs * outputs, -0.2...0.2)
        let biases = random.numbers(outputs, -1...1)
        let operation = Program.Convolution(
          weights: weights, biases: biases, window: .init(kernel: .init(3), padding: .init(1)),
          inputs: inputs, outputs: outputs, input: input, inputElement: source, output: output,
          outputElement: element, clamp: clamp)
        for channel in 0..<outputs {
          let channels = stride(from: channel, to: weights.count, by: outputs)
          #expect(channels.map { operation.weights[$0].magnitude }.max() == 127)
        }
        let values =
          source == .int8
          ? random.bytes(shape.count).map(Int16.init) : random.halves(shape.count)
        let buffer = Program.Buffer(shape: shape, element: source, zeroPoint: input.zeroPoint)
        let (found, result) = try run(.convolution(operation), [values], [buffer])
        let numbers = values.map { Double(input.scale) * (Double($0) - Double(input.zeroPoint)) }
        for row in 0..<5 {
          for column in 0..<5 {
            for channel in 0..<outputs {
              var sum = Double(biases[channel])
              var size = 0.0
              for y in 0..<3 {
                for x in 0..<3 {
                  guard (0..<5).contains(row + y - 1), (0..<5).contains(column + x - 1) else {
                    continue
                  }
                  for index in 0..<inputs {
                    let pixel = numbers[((row + y - 1) * 5 + column + x - 1) * inputs + index]
                    let place = ((y * 3 + x) * inputs + index) * outputs + channel
                    sum += pixel * Double(weights[place])
                    size += abs(pixel)
                  }
                }
              }
              let place = (row * result.shape.width + column) * outputs + channel
              let number = Double(output.scale) * (Double(found[place]) - Double(output.zeroPoint))
              // Each weight is off by half of 0.2 / 127 at most, the result by half a level.
              let tolerance = size * 0.2 / 254 + Double(output.scale) * 0.51 + 1e-5
              let bounded = min(max(sum, Double(clamp.lowerBound)), Double(clamp.upperBound))
              #expect(abs(number - bounded) <= tolerance)
            }
          }
        }
      }
    }
  }

  @Test func scalesGrowWhereSumsWouldOverflow() throws {
    // 2000 equal weights on values of 16 bits: 127 each would sum up to 2³³.
    let operation = Program.Convolution(
      weights: [Float](repeating: 1, count: 2000), biases: [1e8],
      window: .init(kernel: .init(1)), inputs: 2000, outputs: 1, input: .init(scale: 1),
      inputElement: .int16, output: .init(scale: 1e5), outputElement: .int16)
    let shape = Shape(height: 1, width: 1, channels: 2000)
    let (found, _) = try run(
      .convolution(operation), [[Int16](repeating: .max, count: 2000)],
      [.init(shape: shape, element: .int16, zeroPoint: 0)])
    // (2000 · 32,767 + 10⁸) / 10⁵ = 1655.34; the scale is (2000 · 2¹⁵ + 10⁸) / (2³¹ − 2000 · 2¹⁴).
    #expect(abs(Double(found[0]) - 1655.34) < 1655.34 / 100)
    #expect(operation.weights[0] == 13)
  }

  @Test func sumsOfBuffersAreWithinOneLevel() throws {
    var random = SeededGenerator(7)
    let shape = Shape(height: 4, width: 8, channels: 8)
    for (first, second, output) in [
      (
        Program.Quantization(covering: -1...3), Program.Quantization(covering: 0...100),
        Program.Quantization(covering: -5...90)
      ),
      (.init(covering: -2...2), .init(covering: -2...2), .init(covering: -4...4)),
      (
        .init(scale: 1, zeroPoint: -128), .init(scale: 0.001, zeroPoint: 127),
        .init(scale: 0.5, zeroPoint: 3)
      ),
    ] {
      for clamp in [-Float.infinity ... .infinity, 0 ... .infinity, 0...6] {
        let operation = Program.Add(first, second, output: output, clamp: clamp)
        let values = [first, second].map { _ in random.bytes(shape.count).map(Int16.init) }
        let inputs = [first, second].map {
          Program.Buffer(shape: shape, element: .int8, zeroPoint: $0.zeroPoint)
        }
        let (found, buffer) = try run(.add(operation), values, inputs)
        #expect(buffer.shape == shape && buffer.zeroPoint == output.zeroPoint)
        for index in 0..<shape.count {
          let sum = zip([first, second], values).reduce(0.0) { sum, pair in
            sum + Double(pair.0.scale) * Double(Int(pair.1[index]) - Int(pair.0.zeroPoint))
          }
          let lowest = max(-128, Double(output.level(clamp.lowerBound)))
          let highest = min(127, Double(output.level(clamp.upperBound)))
          let level = sum / Double(output.scale) + Double(output.zeroPoint)
          // 20 more bits leave an error far below a level, so only halves can differ.
          #expect(abs(Double(found[index]) - min(max(level, lowest), highest)) <= 0.5001)
        }
      }
    }
  }

  private static let windows: [FixedPointProgram.Window] = [
    .init(kernel: .init(2), stride: .init(2)),
    .init(kernel: .init(3), stride: .init(2), padding: .init(1)),
    .init(
      kernel: .init(height: 3, width: 2), stride: .init(height: 1, width: 3),
      padding: .init(top: 2, left: 0, bottom: 1, right: 1)),
    .init(kernel: .init(height: 7, width: 6)),
    .init(kernel: .init(height: 9, width: 8), padding: .init(2)),
  ]

  @Test("pools take the largest or the mean of what is in the image", arguments: windows)
  func pools(window: FixedPointProgram.Window) throws {
    var random = SeededGenerator(11)
    let shape = Shape(height: 7, width: 6, channels: 3)
    let values = random.bytes(shape.count).map(Int16.init)
    let input = Program.Buffer(shape: shape, element: .int8, zeroPoint: 5)
    let maximum = try run(.maximumPool(.init(window)), [values], [input])
    let average = try run(.averagePool(.init(window)), [values], [input])
    #expect(maximum.buffer == average.buffer && maximum.buffer.zeroPoint == 5)
    var (largest, means): ([Int16], [Int16]) = ([], [])
    for row in 0..<maximum.buffer.shape.height {
      for column in 0..<maximum.buffer.shape.width {
        for channel in 0..<3 {
          var inside: [Double] = []
          for y in 0..<window.kernel.height {
            for x in 0..<window.kernel.width {
              let pixel = value(
                values, shape, row * window.stride.height + y - window.padding.top,
                column * window.stride.width + x - window.padding.left, channel)
              if let pixel { inside.append(pixel) }
            }
          }
          largest.append(Int16(inside.max() ?? .nan))
          means.append(level(inside.reduce(0, +) / Double(inside.count), 0, -128...127))
        }
      }
    }
    #expect(maximum.values == largest)
    #expect(average.values == means)
  }

  @Test func meansRoundHalvesAwayFromZero() throws {
    let input = Program.Buffer(
      shape: Shape(height: 1, width: 2, channels: 3), element: .int8, zeroPoint: 0)
    let window = Program.Window(kernel: .init(height: 1, width: 2))
    let found = try run(.averagePool(.init(window)), [[-1, 1, -128, -2, 2, -128]], [input])
    #expect(found.values == [-2, 2, -128])
  }

  @Test func slicesTakeEverySoManyValues() throws {
    let shape = Shape(height: 5, width: 6, channels: 4)
    let values = (0..<120).map { Int16($0) }
    let slice = Program.Slice(
      start: .init(height: 1, width: 0, channels: 1), step: .init(height: 3, width: 2, channels: 2),
      shape: Shape(height: 2, width: 3, channels: 2))
    let (found, buffer) = try run(
      .slice(slice), [values], [.init(shape: shape, element: .int8, zeroPoint: -3)])
    // Rows 1 and 4 of 24 values, pixels 0, 2 and 4 of 4 values, channels 1 and 3.
    #expect(found == [25, 27, 33, 35, 41, 43, 97, 99, 105, 107, 113, 115])
    #expect(buffer.shape == slice.shape && buffer.zeroPoint == -3)
  }

  @Test func padsSurroundWithTheZeroPoint() throws {
    let pad = Program.Pad(
      before: .init(height: 1, width: 0, channels: 1),
      after: .init(height: 0, width: 1, channels: 2), value: -7)
    let (found, buffer) = try run(
      .pad(pad), [[1, 2]],
      [.init(shape: .init(height: 1, width: 2, channels: 1), element: .int8, zeroPoint: -7)])
    #expect(buffer.shape == Shape(height: 2, width: 3, channels: 4))
    #expect(
      found == [
        -7, -7, -7, -7, -7, -7, -7, -7, -7, -7, -7, -7,
        -7, 1, -7, -7, -7, 2, -7, -7, -7, -7, -7, -7,
      ])
  }

  @Test("divisive normalisation is that of its numbers within its rounding", arguments: 1...6)
  func divisiveNormalization(seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let channels = random.integer(1...12)
    let shape = Shape(height: 6, width: 5, channels: channels)
    let beta = random.numbers(channels, 0.01...2)
    let gamma = random.numbers(channels * channels, 0...(seed == 3 ? 0 : 0.5))
    let scale: Float = [1e-4, 3e-5, 0.1, 2e-3, 1, 1e-6][Int(seed) - 1]
    let values = random.halves(shape.count)
    // The largest magnitude of a result, of which one seed leaves half out.
    func exact(
      _ pixel: Int, _ output: Int
    ) -> (number: Double, divisor: Double, total: Double) {
      var divisor = Double(beta[output])
      var total = 0.0
      for input in 0..<channels {
        let magnitude = Double(values[pixel * channels + input].magnitude)
        divisor += Double(gamma[input * channels + output]) * magnitude * Double(scale)
        total += magnitude
      }
      let number = Double(values[pixel * channels + output]) * Double(scale) / divisor
      return (number, divisor, total)
    }
    let largest =
      (0..<30).flatMap { pixel in
        (0..<channels).map { abs(exact(pixel, $0).number) }
      }.max() ?? 0
    let range = Float(largest) * (seed == 4 ? 0.5 : 1)
    let operation = Program.DivisiveNormalization(
      beta: beta, gamma: gamma, inputScale: scale, outputRange: range)
    let (found, buffer) = try run(
      .divisiveNormalization(operation), [values],
      [.init(shape: shape, element: .int16, zeroPoint: 0)])
    #expect(buffer.shape == shape && buffer.element == .int16)
    let outputScale = Double(Program.Quantization(sixteenBitsUpTo: range).scale)
    for pixel in 0..<30 {
      for output in 0..<channels {
        let (number, divisor, total) = exact(pixel, output)
        let level = min(max(number / outputScale, -32_768), 32_767)
        // B and each G are off by 1/2 at most.
        let unit = outputScale * Double(sign: .plus, exponent: operation.shift, significand: 1)
        let relative = (total + 1) / 2 / (divisor / Double(scale) * unit)
        let tolerance = 0.51 + abs(level) * (relative + 1e-6)
        #expect(abs(Double(found[pixel * channels + output]) - level) <= tolerance)
        #expect(relative < 1e-3)
      }
    }
  }

  @Test func divisiveNormalizationSurvivesItsLargestNumbers() throws {
    let shape = Shape(height: 1, width: 1, channels: 4)
    let operation = Program.DivisiveNormalization(
      offsets: [1, 1 << 62, 1 << 32, 1 << 47],
      weights: [UInt16](repeating: 0, count: 12) + [UInt16](repeating: .max, count: 4), shift: 47)
    let (found, _) = try run(
      .divisiveNormalization(operation), [[.min, .min, .max, .min]],
      [.init(shape: shape, element: .int16, zeroPoint: 0)])
    // −2⁶² is limited; −2⁶²/2⁶²; (2¹⁵ − 1)·2¹⁵ is limited; −2⁶²/(2⁴⁷ + 65,535·131,071) = −32,766.0
    #expect(found == [-32_768, -1, 32_767, -32_766])
  }

  @Test func rectifiersScaleNegativeValuesOnly() throws {
    var random = SeededGenerator(13)
    for slopes: [Float] in [[0.25], [0], [1], [-3], [0.1, -0.5, 2.75, 1e-9], [1e-20]] {
      let shape = Shape(height: 8, width: 8, channels: 4)
      let values = random.halves(shape.count)
      let operation = Program.ParametricRectifier(slopes: slopes)
      let (found, _) = try run(
        .parametricRectifier(operation), [values],
        [.init(shape: shape, element: .int16, zeroPoint: 0)])
      for (index, value) in values.enumerated() {
        let slope = Double(slopes[index % 4 % slopes.count])
        let expected =
          value >= 0
          ? Double(value)
          : min(max(Double(value) * slope, -32_768), 32_767)
        // 30 bits after the point leave nothing but the rounding to 16 bits.
        #expect(abs(Double(found[index]) - expected) <= 0.5001)
        #expect(value < 0 || found[index] == value)
      }
    }
  }

  @Test func rectifiersRoundHalvesAwayFromZero() throws {
    let operation = Program.ParametricRectifier(slopes: [1], shift: 1)
    let (found, _) = try run(
      .parametricRectifier(operation), [[-3, -2, -1, 0, 3]],
      [.init(shape: .init(height: 1, width: 5, channels: 1), element: .int16, zeroPoint: 0)])
    #expect(found == [-2, -1, -1, 0, 3])
  }
}
