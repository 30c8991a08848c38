import Tensors
import Testing

/// A convolution written out as its definition says, and its gradients, in Double.
private enum NaiveConvolution {
  /// Calls a body with the offsets of input, weight and output for every product there is.
  static func forEachProduct(
    _ geometry: ConvolutionGeometry, _ body: (_ input: Int, _ weight: Int, _ output: Int) -> Void
  ) {
    let inputs = geometry.inputChannels / geometry.groups
    let outputs = geometry.outputChannels / geometry.groups
    for image in 0..<geometry.batch {
      for outputRow in 0..<geometry.outputHeight {
        for outputColumn in 0..<geometry.outputWidth {
          for kernelRow in 0..<geometry.kernel.height {
            for kernelColumn in 0..<geometry.kernel.width {
              let row =
                outputRow * geometry.stride.height + kernelRow * geometry.dilation.height
                - geometry.padding.top
              let column =
                outputColumn * geometry.stride.width + kernelColumn * geometry.dilation.width
                - geometry.padding.left
              guard (0..<geometry.height).contains(row), (0..<geometry.width).contains(column)
              else { continue }
              let pixel = (image * geometry.height + row) * geometry.width + column
              let tap = kernelRow * geometry.kernel.width + kernelColumn
              let position =
                (image * geometry.outputHeight + outputRow) * geometry.outputWidth + outputColumn
              for output in 0..<geometry.outputChannels {
                let group = output / outputs
                for input in 0..<inputs {
                  body(
                    pixel * geometry.inputChannels + group * inputs + input,
                    (tap * inputs + input) * geometry.outputChannels + output,
                    position * geometry.outputChannels + output)
                }
              }
            }
          }
        }
      }
    }
  }
}

/// Every way to compute a convolution against its definition.
@Suite struct ConvolutionAlgorithmTests {
  /// What a convolution is like, for the names of the cases.
  struct Case: Sendable, CustomTestStringConvertible {
    var size = (height: 9, width: 6)
    var inputs = 16
    var outputs = 16
    var kernel = 3
    var stride = 1
    var padding = EdgePadding(top: 1, bottom: 1, left: 1, right: 1)
    var dilation = 1
    var groups = 1
    var batch = 2

    var geometry: ConvolutionGeometry {
      ConvolutionGeometry(
        batch: batch, height: size.height, width: size.width, inputChannels: inputs,
        outputChannels: outputs, kernel: Extent2D(height: kernel, width: kernel),
        stride: Extent2D(height: stride, width: stride), padding: padding,
        dilation: Extent2D(height: dilation, width: dilation), groups: groups)
    }

    /// The ways that can compute it.
    var algorithms: [ConvolutionAlgorithm] {
      var all: [ConvolutionAlgorithm] = geometry.isDepthwise ? [.depthwise] : [.patches]
      if geometry.isPointwise { all.append(.pointwise) }
      if geometry.allowsWinograd { all.append(.winograd) }
      return all
    }

    var testDescription: String {
      "\(batch)×\(size.height)×\(size.width), \(inputs)→\(outputs), kernel \(kernel), "
        + "stride \(stride), dilation \(dilation), groups \(groups), padding \(padding.top) "
        + "\(padding.bottom) \(padding.left) \(padding.right)"
    }
  }

  /// Channels that fill no vector, sizes that fill no tile, one-sided padding, and what only
  /// gathered patches compute.
  static let cases: [Case] =
    [1, 3, 7, 8, 24].flatMap { inputs in
      [1, 5, 16].map { Case(inputs: inputs, outputs: $0) }
    }
    + (3...9).flatMap { height in
      [3, 4, 5, 8].map { Case(size: (height, $0), inputs: 8, outputs: 8, batch: 1) }
    }
    + [
      Case(padding: EdgePadding(top: 0, bottom: 0, left: 0, right: 0)),
      Case(padding: EdgePadding(top: 0, bottom: 1, left: 2, right: 0)),
      Case(padding: EdgePadding(top: 3, bottom: 3, left: 3, right: 3)),
      Case(size: (13, 17), inputs: 20, outputs: 36, batch: 3),
      Case(stride: 2), Case(dilation: 2), Case(groups: 4),
      Case(inputs: 24, outputs: 24, groups: 24),
      Case(kernel: 1, padding: EdgePadding(top: 0, bottom: 0, left: 0, right: 0)), Case(kernel: 5),
      Case(kernel: 1, stride: 2, padding: EdgePadding(top: 0, bottom: 0, left: 0, right: 0)),
    ]

  /// The bounds, relative to the largest value of a result: a few roundings of Winograd's
  /// transforms, whose factors add up to some 10², in the precision's unit of 6e-8 or 1e-16.
  static let singleBound = 2e-5
  static let doubleBound = 1e-13

  @Test(arguments: cases) func everyAlgorithmFollowsTheDefinition(_ convolution: Case) throws {
    let geometry = convolution.geometry
    try #require(geometry.isValid)
    var random = RandomSource(seed: 11)
    let input: Tensor<Double> = random.normal(geometry.inputShape)
    let weight: Tensor<Double> = random.normal(geometry.weightShape)
    let gradient: Tensor<Double> = random.normal(geometry.outputShape)
    let (x, w, g) = (input.scalars, weight.scalars, gradient.scalars)
    var output = [Double](repeating: 0, count: g.count)
    var inputGradient = [Double](repeating: 0, count: x.count)
    var weightGradient = [Double](repeating: 0, count: w.count)
    NaiveConvolution.forEachProduct(geometry) { input, weight, position in
      output[position] += x[input] * w[weight]
      inputGradient[input] += g[position] * w[weight]
      weightGradient[weight] += g[position] * x[input]
    }
    for algorithm in convolution.algorithms {
      func check<Scalar: TensorScalar>(_ type: Scalar.Type, _ bound: Double) {
        let (x, w, g) = (
          input.converted(to: type), weight.converted(to: type), gradient.converted(to: type)
        )
        let results = [
          (convolve(geometry, input: x, weight: w, algorithm: algorithm), output),
          (
            convolutionInputGradient(
              geometry, outputGradient: g, weight: w, algorithm: algorithm), inputGradient
          ),
          (
            convolutionWeightGradient(
              geometry, input: x, outputGradient: g, algorithm: algorithm), weightGradient
          ),
        ]
        for (name, (found, expected)) in zip(["output", "∂input", "∂weight"], results) {
          let scale = expected.map(abs).max() ?? 1
          let error = zip(found.scalars, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
          #expect(error <= bound * scale, "\(name) by \(algorithm) in \(type)")
        }
      }
      check(Float.self, Self.singleBound)
      check(Double.self, Self.doubleBound)
    }
  }

  @Test func biasAndActivationComeAfterTheWinogradSum() {
    let geometry = Case().geometry
    var random = RandomSource(seed: 2)
    let x: Tensor<Float> = random.normal(geometry.inputShape)
    let w: Tensor<Float> = random.normal(geometry.weightShape)
    let bias: Tensor<Float> = random.normal([geometry.outputChannels])
    let plain = convolve(geometry, input: x, weight: w, algorithm: .winograd).scalars
    let whole = convolve(
      geometry, input: x, weight: w, bias: bias, activation: .relu, algorithm: .winograd)
    let offsets = bias.scalars
    for (index, value) in whole.scalars.enumerated() {
      #expect(value == max(0, plain[index] + offsets[index % offsets.count]))
    }
  }

  @Test func theThreadsDoNotChangeTheResult() {
    let geometry = Case(size: (16, 16), inputs: 32, outputs: 32, batch: 9).geometry
    var random = RandomSource(seed: 3)
    let x: Tensor<Float> = random.normal(geometry.inputShape)
    let w: Tensor<Float> = random.normal(geometry.weightShape)
    let g: Tensor<Float> = random.normal(geometry.outputShape)
    func results(threads: Int) -> [Tensor<Float>] {
      ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
        [
          convolve(geometry, input: x, weight: w, algorithm: .winograd),
          convolutionWeightGradient(
            geometry, input: x, outputGradient: g, algorithm: .winograd),
        ]
      }
    }
    let one = results(threads: 1)
    for threads in [2, 3, 5] {
      for (found, expected) in zip(results(threads: threads), one) {
        let scale = expected.scalars.map(abs).max() ?? 1
        let error = zip(found.scalars, expected.scalars).map { abs($0 - $1) }.max() ?? .infinity
        #expect(error <= 1e-6 * scale, "\(threads) threads")
      }
      #expect(results(threads: threads) == results(threads: threads))
    }
  }

  @Test func theChoiceFollowsTheShape() {
    #expect(Case(size: (32, 32)).geometry.algorithm == .winograd)
    #expect(Case(size: (32, 32), inputs: 3).geometry.algorithm == .patches)
    #expect(Case(size: (32, 32), inputs: 8, outputs: 8).geometry.algorithm == .patches)
    #expect(Case(size: (32, 32), stride: 2).geometry.algorithm == .patches)
    #expect(Case(size: (32, 32), dilation: 2).geometry.algorithm == .patches)
    #expect(Case(size: (32, 32), groups: 2).geometry.algorithm == .patches)
    // One tile an image: worth it for many images only.
    #expect(Case(size: (4, 4), batch: 1).geometry.algorithm == .patches)
    #expect(Case(size: (4, 4), batch: 64).geometry.algorithm == .winograd)
    #expect(Case(groups: 16).geometry.algorithm == .depthwise)
    let none = EdgePadding(top: 0, bottom: 0, left: 0, right: 0)
    #expect(Case(kernel: 1, padding: none).geometry.algorithm == .pointwise)
    #expect(Case(kernel: 1, stride: 2, padding: none).geometry.algorithm == .patches)
  }
}
