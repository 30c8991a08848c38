extension FixedPointProgram.Convolution {
  /// Creates a convolution from weights in single precision.
  ///
  /// Each output channel has a scale of its own, with which the largest magnitude of its weights is
  /// 127. It is larger where sums might leave 32 bits otherwise: for a bias far above the weights,
  /// or for many weights on values of 16 bits.
  ///
  /// - Parameters:
  ///   - weights: `[kernelHeight, kernelWidth, inputs / groups, outputs]`.
  ///   - biases: one for each output.
  ///   - input: what levels of the input stand for.
  ///   - inputElement: the type of the input.
  ///   - output: what levels of the result stand for.
  ///   - outputElement: the type of the result.
  ///   - clamp: the numbers that the result keeps to, such as `0 ... 6` for a ReLU6.
  /// - Precondition: counts are those of the extents, `groups` divides the channels, all weights
  ///   and biases are finite, and windows have at most 2¹⁵ weights for each output.
  public init(
    weights: [Float], biases: [Float], window: FixedPointProgram.Window, inputs: Int,
    outputs: Int, groups: Int = 1, input: FixedPointProgram.Quantization,
    inputElement: FixedPointProgram.Element = .int8, output: FixedPointProgram.Quantization,
    outputElement: FixedPointProgram.Element = .int8,
    clamp: ClosedRange<Float> = -.infinity ... .infinity
  ) {
    precondition(
      groups > 0 && inputs % groups == 0 && outputs > 0 && outputs % groups == 0,
      "Convolution: \(groups) groups of \(inputs) inputs and \(outputs) outputs")
    let terms = window.kernel.height * window.kernel.width * (inputs / groups)
    precondition(
      weights.count == terms * outputs && biases.count == outputs && terms <= 1 << 15,
      "Convolution: \(weights.count) weights and \(biases.count) biases")
    precondition(
      weights.allSatisfy(\.isFinite) && biases.allSatisfy(\.isFinite),
      "Convolution: weights that are not finite")

    var largest = [Double](repeating: 0, count: outputs)
    var totals = largest
    for (index, weight) in weights.enumerated() {
      let magnitude = Double(weight.magnitude)
      largest[index % outputs] = max(largest[index % outputs], magnitude)
      totals[index % outputs] += magnitude
    }
    // The largest sum must stay below 2³¹, also after rounding enlarges each weight by 1/2.
    let difference = Double(inputElement.largestDifference)
    let limit = 0x1p31 - 1024 - difference * Double(terms) / 2
    let inputScale = Double(input.scale)
    let scales = (0..<outputs).map { output in
      let sum = totals[output] * difference + Double(biases[output].magnitude) / inputScale
      let scale = max(largest[output] / 127, sum / limit)
      return scale > 0 ? scale : 1
    }
    self.init(
      window: window, inputs: inputs, outputs: outputs, groups: groups,
      inputZeroPoint: input.zeroPoint,
      weights: weights.enumerated().map { index, weight in
        Int8((Double(weight) / scales[index % outputs]).rounded(.toNearestOrEven))
      },
      biases: zip(biases, scales).map { bias, scale in
        Int32((Double(bias) / (scale * inputScale)).rounded(.toNearestOrEven))
      },
      requantizations: scales.map {
        Requantization(scale: $0 * inputScale / Double(output.scale))
      },
      outputZeroPoint: output.zeroPoint, output: outputElement,
      clamp: output.levels(clamp, outputElement))
  }
}
