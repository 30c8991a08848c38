import Testing

import FixedPoint

@Suite struct ProgramTests {
  @Test func observersSeeEveryBufferInOrder() throws {
    let program = try ProgramBuilder.randomProgram(seed: 3)
    var random = SeededGenerator(1)
    let image = random.bytes(program.input.shape.count)
    var seen: [(Int, [Int16])] = []
    let indices = program.run(image) { seen.append(($0, $1)) }
    #expect(seen.map(\.0) == Array(0...program.steps.count))
    #expect(seen[0].1 == image.map(Int16.init))
    #expect(seen[program.steps.count].1 == indices.map(Int16.init))
    for (buffer, values) in seen {
      #expect(values.count == program.buffers[buffer].shape.count)
      #expect(values.allSatisfy(program.buffers[buffer].element.range.contains))
    }
    #expect(program.run(image) == indices)
    #expect(indices.count == program.valueCount)
    #expect(indices.allSatisfy { $0 < program.levelCount })
  }

  @Test func inputsRoundHalvesToEven() throws {
    var builder = ProgramBuilder(.init(height: 1, width: 8, channels: 1), seed: 1)
    builder.convolution(outputs: 1, element: .int16)
    builder.nearestCenter(levels: 2)
    let steps = try builder.program().steps
    guard case .convolution(let convolution) = steps[0].operation else {
      Issue.record("no convolution")
      return
    }
    let program = try FixedPointProgram(
      input: .init(
        .init(height: 1, width: 8, channels: 1),
        .init(scale: 0.5, zeroPoint: convolution.inputZeroPoint)), steps: steps)
    let zero = convolution.inputZeroPoint
    let levels = program.quantizeInput([0, 0.25, 0.75, -0.25, -0.75, 1, 1e9, -.infinity])
    #expect(levels == [zero, zero, zero + 2, zero, zero - 2, zero + 2, 127, -128])
  }

  @Test func quantisationsCoverTheirRangeAndZero() {
    typealias Quantization = FixedPointProgram.Quantization
    let range = Quantization(covering: -1...3)
    #expect(range.level(-1) == -128 && range.level(3) == 127 && range.level(0) == range.zeroPoint)
    #expect(Quantization(covering: 2...4).zeroPoint == -128)
    #expect(Quantization(covering: -4 ... -2).zeroPoint == 127)
    #expect(Quantization(covering: 0...0).scale == 1)
    #expect(Quantization(sixteenBitsUpTo: 32_767) == Quantization(scale: 1))
  }

  @Test func wholeNetworksFollowTheirNumbers() throws {
    // A stem, a normalisation, a rectifier and centres in Double, with the same random numbers.
    var random = SeededGenerator(99)
    let (side, inputs, channels) = (6, 3, 4)
    let weights = random.numbers(9 * inputs * channels, -0.5...0.5)
    let biases = random.numbers(channels, -0.2...0.2)
    let beta = random.numbers(channels, 0.5...1)
    let gamma = random.numbers(channels * channels, 0...0.5)
    let slopes = random.numbers(channels, 0...0.5)
    let centers: [Float] = [-1.5, -0.75, -0.25, 0.25, 0.75, 1.5]
    let image = random.numbers(side * side * inputs, -1...1)
    let input = FixedPointProgram.Quantization(covering: -1...1)
    let middle = FixedPointProgram.Quantization(sixteenBitsUpTo: 6)
    let program = try FixedPointProgram(
      input: .init(.init(height: side, width: side, channels: inputs), input),
      steps: [
        .init(
          .convolution(
            .init(
              weights: weights, biases: biases, window: .init(kernel: .init(3), padding: .init(1)),
              inputs: inputs, outputs: channels, input: input, output: middle,
              outputElement: .int16)), inputs: [0]),
        .init(
          .divisiveNormalization(
            .init(beta: beta, gamma: gamma, inputScale: middle.scale, outputRange: 3)),
          inputs: [1]),
        .init(.parametricRectifier(.init(slopes: slopes)), inputs: [2]),
        .init(.nearestCenter(.init(centers: centers)), inputs: [3]),
      ])
    var latents: [Double] = []
    for row in 0..<side {
      for column in 0..<side {
        let sums = (0..<channels).map { channel in
          var sum = Double(biases[channel])
          for y in 0..<3 {
            for x in 0..<3 {
              let (line, place) = (row + y - 1, column + x - 1)
              guard (0..<side).contains(line), (0..<side).contains(place) else { continue }
              for index in 0..<inputs {
                sum +=
                  Double(image[(line * side + place) * inputs + index])
                  * Double(weights[((y * 3 + x) * inputs + index) * channels + channel])
              }
            }
          }
          return sum
        }
        for channel in 0..<channels {
          let divisor = (0..<channels).reduce(Double(beta[channel])) {
            $0 + Double(gamma[$1 * channels + channel]) * abs(sums[$1])
          }
          let normal = sums[channel] / divisor
          latents.append(normal < 0 ? normal * Double(slopes[channel]) : normal)
        }
      }
    }
    let power = latents.reduce(0) { $0 + $1 * $1 } / Double(latents.count)
    let expected = latents.map { latent in
      zip(centers, centers.dropFirst()).count { latent / power.squareRoot() > Double($0 + $1) / 2 }
    }
    let found = program.run(program.quantizeInput(image))
    let equal = zip(found, expected).count { Int($0) == $1 }
    #expect(zip(found, expected).allSatisfy { abs(Int($0) - $1) <= 1 })
    #expect(Double(equal) > 0.95 * Double(expected.count))
  }
}
