internal import RealModule

// v: y ± ½, a block of them; in each layer S: weights, b: biases, T: factors of the tanh,
// z = S h + b, t = tanh z, h' = z + T t; d before a name: the gradient of the bits.

/// The bits of values under a learned distribution for each channel: Ballé and others 2018,
/// https://arxiv.org/abs/1802.01436, appendix 6.1.
///
/// The cumulative of a channel is the logistic function of a small network that grows with its
/// input: one value through layers of 3, 3, 3, 3 and 1, all weights above 0, and after each but
/// the last `x + T tanh x` with `|T| < 1`.
package struct FactorizedPriorKernel: Sendable {
  /// The values between the layers.
  package static let widths = [1, 3, 3, 3, 3, 1]

  /// The numbers of a channel: for each layer weights, biases, and factors but after the last.
  package static let parameterCount = 58

  /// The least probability, so that no value has bits without end.
  package static let leastProbability = 1e-9

  /// Where the numbers of a layer begin.
  private static let starts = [0, 9, 24, 39, 54]

  private static let block = 128

  /// The values of a block that one side of the bins takes: v, four times h and t of 3, and z.
  private static let sideCount = 26 * block

  package let samples: Int
  package let positions: Int
  package let channels: Int

  /// Creates the kernel for `[samples, positions, channels]`.
  package init(samples: Int, positions: Int, channels: Int) {
    self.samples = samples
    self.positions = positions
    self.channels = channels
  }

  /// Writes the bits of each sample's channels, `[samples, channels]`.
  ///
  /// - Parameter parameters: `[channels, 58]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func measure<Scalar: TensorScalar>(
    _ y: UnsafePointer<Scalar>, parameters: UnsafePointer<Scalar>,
    into bits: UnsafeMutablePointer<Scalar>
  ) {
    let block = Self.block
    ThreadPool.current.forEach(channels) { channel in
      withScratch(2 * Self.sideCount) { (upper: UnsafeMutablePointer<Scalar>) in
        let lower = upper + Self.sideCount
        let p = parameters + channel * Self.parameterCount
        for sample in 0..<samples {
          var sum: Scalar = 0
          for start in stride(from: 0, to: positions, by: block) {
            let count = min(block, positions - start)
            fill(upper, lower, y + (sample * positions + start) * channels + channel, count)
            run(upper, p, count)
            run(lower, p, count)
            sum += sumElements(upper + 25 * block, lower + 25 * block, count: count) {
              -Scalar.log2(max(probability($0, $1), Scalar(Self.leastProbability)))
            }
          }
          bits[sample * channels + channel] = sum
        }
      }
    }
  }

  /// Writes the gradient of the values (unless `nil`), and that of each channel's numbers.
  ///
  /// - Parameters:
  ///   - gradient: that of each sample's bits, `[samples]`.
  ///   - dp: `[channels, 58]`, or `nil` if nobody wants it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func pullBack<Scalar: TensorScalar>(
    _ gradient: UnsafePointer<Scalar>, y: UnsafePointer<Scalar>,
    parameters: UnsafePointer<Scalar>, into dy: UnsafeMutablePointer<Scalar>?,
    _ dp: UnsafeMutablePointer<Scalar>?
  ) {
    let block = Self.block
    ThreadPool.current.forEach(channels) { channel in
      withScratch(2 * Self.sideCount + 10 * block) { (upper: UnsafeMutablePointer<Scalar>) in
        let lower = upper + Self.sideCount
        let scratch = lower + Self.sideCount
        let (above, below, rest) = (scratch, scratch + block, scratch + 2 * block)
        let p = parameters + channel * Self.parameterCount
        let dp = dp.map { $0 + channel * Self.parameterCount }
        dp?.update(repeating: 0, count: Self.parameterCount)
        for sample in 0..<samples {
          for start in stride(from: 0, to: positions, by: block) {
            let count = min(block, positions - start)
            let offset = (sample * positions + start) * channels + channel
            fill(upper, lower, y + offset, count)
            run(upper, p, count)
            run(lower, p, count)
            slopes(gradient[sample], upper + 25 * block, lower + 25 * block, above, below, count)
            runBack(upper, p, above, rest, dp, count)
            runBack(lower, p, below, rest, dp, count)
            guard let dy else { continue }
            for index in 0..<count { dy[offset + index * channels] = above[index] + below[index] }
          }
        }
      }
    }
  }

  /// The two ends of the bins of values that lie `channels` apart.
  @inline(__always)
  private func fill<Scalar: TensorScalar>(
    _ upper: UnsafeMutablePointer<Scalar>, _ lower: UnsafeMutablePointer<Scalar>,
    _ y: UnsafePointer<Scalar>, _ count: Int
  ) {
    for index in 0..<count {
      let value = y[index * channels]
      upper[index] = value + 0.5
      lower[index] = value - 0.5
    }
  }

  /// From v to the last z, keeping every h and t.
  @inline(__always)
  private func run<Scalar: TensorScalar>(
    _ side: UnsafeMutablePointer<Scalar>, _ p: UnsafePointer<Scalar>, _ count: Int
  ) {
    let block = Self.block
    for layer in 0..<4 {
      let own = p + Self.starts[layer]
      let inputs = layer == 0 ? 1 : 3
      let input = layer == 0 ? side : side + (3 * layer - 2) * block
      for row in 0..<3 {
        let h = side + (1 + 3 * layer + row) * block
        let t = side + (13 + 3 * layer + row) * block
        let weights = own + row * inputs
        let bias = own[3 * inputs + row]
        let factor = own[3 * inputs + 3 + row]
        if layer == 0 {
          let weight = weights[0]
          mapElements(input, into: h, count: count) { weight * $0 + bias }
        } else {
          combine(input, weights, bias, into: h, count)
        }
        mapElements(h, into: t, count: count) { Scalar.kernelTanh($0) }
        mapElements(h, t, into: h, count: count) { $0 + factor * $1 }
      }
    }
    let own = p + Self.starts[4]
    combine(side + 10 * block, own, own[3], into: side + 25 * block, count)
  }

  /// `S h + b` of a row of weights.
  @inline(__always)
  private func combine<Scalar: TensorScalar>(
    _ h: UnsafePointer<Scalar>, _ weights: UnsafePointer<Scalar>, _ bias: Scalar,
    into z: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    let (first, second, third) = (weights[0], weights[1], weights[2])
    mapElements(h, h + Self.block, h + 2 * Self.block, into: z, count: count) {
      first * $0 + second * $1 + third * $2 + bias
    }
  }

  /// The probability between two logits, where the logistic function is not yet flat.
  @inline(__always)
  private func probability<Scalar: TensorScalar>(_ upper: Scalar, _ lower: Scalar) -> Scalar {
    let sign: Scalar = upper + lower > 0 ? -1 : 1
    return (logistic(sign * upper) - logistic(sign * lower)).magnitude
  }

  @inline(__always)
  private func logistic<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
    1 / (1 + Scalar.kernelExp(-x))
  }

  /// The gradients of the logits at both ends.
  @inline(__always)
  private func slopes<Scalar: TensorScalar>(
    _ gradient: Scalar, _ upper: UnsafePointer<Scalar>, _ lower: UnsafePointer<Scalar>,
    _ above: UnsafeMutablePointer<Scalar>, _ below: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    let least = Scalar(Self.leastProbability)
    let scale = -gradient / Scalar.log(2)
    // A probability below the least is still pushed up, as by the operation `LowerBound`.
    func slope(_ upper: Scalar, _ lower: Scalar) -> Scalar {
      let found = probability(upper, lower)
      return found >= least || scale < 0 ? scale / max(found, least) : 0
    }
    mapElements(upper, lower, into: above, count: count) {
      let side = logistic($0 + $1 > 0 ? -$0 : $0)
      return slope($0, $1) * side * (1 - side)
    }
    mapElements(upper, lower, into: below, count: count) {
      let side = logistic($0 + $1 > 0 ? -$1 : $1)
      return -slope($0, $1) * side * (1 - side)
    }
  }

  /// From the gradient of the last z to that of v, in its place; adds to that of the numbers.
  ///
  /// - Parameter rest: 6 blocks.
  @inline(__always)
  private func runBack<Scalar: TensorScalar>(
    _ side: UnsafePointer<Scalar>, _ p: UnsafePointer<Scalar>,
    _ d: UnsafeMutablePointer<Scalar>, _ rest: UnsafeMutablePointer<Scalar>,
    _ dp: UnsafeMutablePointer<Scalar>?, _ count: Int
  ) {
    let block = Self.block
    let (dh, dz) = (rest, rest + 3 * block)
    let last = Self.starts[4]
    for column in 0..<3 {
      let weight = p[last + column]
      if let dp {
        dp[last + column] += sumElements(d, side + (10 + column) * block, count: count) { $0 * $1 }
      }
      mapElements(d, into: dh + column * block, count: count) { weight * $0 }
    }
    if let dp { dp[last + 3] += sumElements(d, count: count) { $0 } }
    for layer in (0..<4).reversed() {
      let own = p + Self.starts[layer]
      let inputs = layer == 0 ? 1 : 3
      let input = layer == 0 ? side : side + (3 * layer - 2) * block
      for row in 0..<3 {
        let t = side + (13 + 3 * layer + row) * block
        let factor = own[3 * inputs + 3 + row]
        let (dh, dz) = (dh + row * block, dz + row * block)
        mapElements(dh, t, into: dz, count: count) { $0 * (1 + factor * (1 - $1 * $1)) }
        guard let dp = dp.map({ $0 + Self.starts[layer] }) else { continue }
        dp[3 * inputs + 3 + row] += sumElements(dh, t, count: count) { $0 * $1 }
        dp[3 * inputs + row] += sumElements(dz, count: count) { $0 }
        for column in 0..<inputs {
          dp[row * inputs + column] += sumElements(dz, input + column * block, count: count) {
            $0 * $1
          }
        }
      }
      for column in 0..<inputs {
        let target = layer == 0 ? d : dh + column * block
        let (first, second, third) = (own[column], own[inputs + column], own[2 * inputs + column])
        mapElements(dz, dz + block, dz + 2 * block, into: target, count: count) {
          first * $0 + second * $1 + third * $2
        }
      }
    }
  }
}

extension FactorizedPriorKernel {
  /// The numbers the kernel works with, `[channels, 58]`.
  package static func packed<Scalar: TensorScalar>(
    _ parameters: [Tensor<Scalar>], channels: Int
  ) -> Tensor<Scalar> {
    var packed = [Scalar](repeating: 0, count: channels * parameterCount)
    forEachNumber(parameters, channels: channels) { place, role, value in
      packed[place] =
        switch role {
        case .weight: value > 20 ? value : Scalar.log(onePlus: Scalar.exp(value))
        case .bias: value
        case .factor: Scalar.tanh(value)
        }
    }
    return Tensor([channels, parameterCount], packed)
  }

  /// The gradients of the parameters from those of the kernel's numbers.
  package static func unpacked<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, at parameters: [Tensor<Scalar>], channels: Int
  ) -> [Tensor<Scalar>] {
    let packed = gradient.scalars
    var found: [[Scalar]] = parameters.map { _ in [] }
    var tensor = 0
    forEachNumber(parameters, channels: channels) { place, role, value in
      while found[tensor].count == parameters[tensor].count { tensor += 1 }
      let slope: Scalar =
        switch role {
        case .weight: 1 / (1 + Scalar.exp(-value))
        case .bias: 1
        case .factor: 1 - Scalar.tanh(value) * Scalar.tanh(value)
        }
      found[tensor].append(packed[place] * slope)
    }
    return zip(parameters, found).map { Tensor($0.shape, $1) }
  }

  private enum Role { case weight, bias, factor }

  /// Calls a body for each number of the parameters in order, with its place among the kernel's.
  private static func forEachNumber<Scalar: TensorScalar>(
    _ parameters: [Tensor<Scalar>], channels: Int, _ body: (Int, Role, Scalar) -> Void
  ) {
    var start = 0
    for (index, parameter) in parameters.enumerated() {
      let count = parameter.count / channels
      let role: Role = index % 3 == 0 ? .weight : index % 3 == 1 ? .bias : .factor
      for (offset, value) in parameter.scalars.enumerated() {
        let (channel, place) = offset.quotientAndRemainder(dividingBy: count)
        body(channel * parameterCount + start + place, role, value)
      }
      start += count
    }
  }
}
