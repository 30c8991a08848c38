import Foundation
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
      if geometry.allowsWinograd { all += [.winograd, .smallWinograd] }
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
      // Few positions and many channels: divided among threads by channels.
      Case(size: (5, 4), inputs: 24, outputs: 101, stride: 2, batch: 3),
      Case(
        size: (7, 7), inputs: 33, outputs: 96, kernel: 1,
        padding: EdgePadding(top: 0, bottom: 0, left: 0, right: 0)),
      Case(size: (2, 2), inputs: 40, outputs: 100, batch: 4),
    ]

  /// The bounds, relative to the largest value of a result: some roundings of a sum of a few
  /// hundred products in the precision's unit of 6e-8 or 1e-16, and for tiles of 4×4 those of
  /// Winograd's transforms, whose factors add up to some 10².
  static func bound(_ algorithm: ConvolutionAlgorithm, isSingle: Bool) -> Double {
    switch algorithm {
    case .winograd: isSingle ? 2e-5 : 1e-13
    case .smallWinograd, .pointwise, .depthwise, .patches: isSingle ? 2e-6 : 1e-14
    }
  }

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
      func check<Scalar: TensorScalar>(_ type: Scalar.Type) {
        let bound = Self.bound(algorithm, isSingle: type == Float.self)
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
          #expect(error <= bound * scale, "\(name) by \(algorithm) in \(type): \(error / scale)")
        }
      }
      check(Float.self)
      check(Double.self)
    }
  }

  @Test(arguments: [ConvolutionAlgorithm.winograd, .smallWinograd, .patches])
  func biasAndActivationComeAfterTheSum(_ algorithm: ConvolutionAlgorithm) {
    // Many tiles, few tiles, and few positions.
    for geometry in [
      Case(batch: 12).geometry, Case().geometry,
      Case(size: (4, 4), inputs: 16, outputs: 96, batch: 1).geometry,
    ] {
      var random = RandomSource(seed: 2)
      let x: Tensor<Float> = random.normal(geometry.inputShape)
      let w: Tensor<Float> = random.normal(geometry.weightShape)
      let bias: Tensor<Float> = random.normal([geometry.outputChannels])
      let plain = convolve(geometry, input: x, weight: w, algorithm: algorithm).scalars
      let offsets = bias.scalars
      for activation in [Activation.relu, .relu6, .silu] {
        let whole = convolve(
          geometry, input: x, weight: w, bias: bias, activation: activation,
          algorithm: algorithm)
        let expected = plain.enumerated().map { index, value in
          let sum = value + offsets[index % offsets.count]
          return switch activation {
          case .relu: max(0, sum)
          case .relu6: min(max(0, sum), 6)
          default: sum / (1 + exp(-sum))
          }
        }
        let error = zip(whole.scalars, expected).map { abs($0 - $1) }.max() ?? .infinity
        #expect(error <= 1e-4, "\(activation): \(error)")
      }
    }
  }

  @Test(arguments: [ConvolutionAlgorithm.winograd, .smallWinograd, .patches])
  func whatIsNotANumberStaysSo(_ algorithm: ConvolutionAlgorithm) {
    let geometry = Case(outputs: 96, batch: 1).geometry
    var random = RandomSource(seed: 2)
    var values = (random.normal(geometry.inputShape) as Tensor<Float>).scalars
    values[0] = .nan
    let w: Tensor<Float> = random.normal(geometry.weightShape)
    let result = convolve(
      geometry, input: Tensor(geometry.inputShape, values), weight: w, activation: .relu,
      algorithm: algorithm)
    #expect(result.scalars.first?.isNaN == true)
  }

  @Test func formsOfAFrozenWeightAreKept() {
    for (geometry, algorithm) in [
      (Case(batch: 1).geometry, ConvolutionAlgorithm.winograd),
      (Case(size: (2, 2)).geometry, .smallWinograd),
    ] {
      var random = RandomSource(seed: 5)
      let x: Tensor<Float> = random.normal(geometry.inputShape)
      let g: Tensor<Float> = random.normal(geometry.outputShape)
      let w: Tensor<Float> = random.normal(geometry.weightShape)
      let other: Tensor<Float> = random.normal(geometry.weightShape)
      let frozen = FrozenKernels()
      func results(_ weight: Tensor<Float>, _ frozen: FrozenKernels?) -> [Tensor<Float>] {
        [
          convolve(geometry, input: x, weight: weight, algorithm: algorithm, frozen: frozen),
          convolutionInputGradient(
            geometry, outputGradient: g, weight: weight, algorithm: algorithm, frozen: frozen),
        ]
      }
      let plain = results(w, nil)
      #expect(results(w, frozen) == plain)
      #expect(results(w, frozen) == plain)
      // They are kept: what they are said to be made of is not looked at again.
      #expect(results(other, frozen) == plain)
      #expect(results(other, nil) != plain)
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
    // A quarter of a tile of 4×4 is a whole one of 2×2.
    #expect(Case(size: (2, 2), batch: 64).geometry.algorithm == .smallWinograd)
    // One tile an image: worth it for many images only.
    #expect(Case(size: (4, 4), batch: 1).geometry.algorithm == .patches)
    #expect(Case(size: (4, 4), batch: 64).geometry.algorithm == .winograd)
    #expect(Case(groups: 16).geometry.algorithm == .depthwise)
    let none = EdgePadding(top: 0, bottom: 0, left: 0, right: 0)
    #expect(Case(kernel: 1, padding: none).geometry.algorithm == .pointwise)
    #expect(Case(kernel: 1, stride: 2, padding: none).geometry.algorithm == .patches)
  }
}
