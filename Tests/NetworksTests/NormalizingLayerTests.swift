import Autodiff
import Foundation
import Networks
import Tensors
import Testing

/// Normalizations without scale or shift, and constants for each channel.
@Suite struct NormalizingLayerTests {
  private func network(_ layer: some Layer, _ shape: Shape) throws -> Network {
    var builder = NetworkBuilder(shape: shape)
    let value = builder.add("layer", layer, after: "input")
    var network = try builder.network(name: "test", outputs: [value])
    var random = RandomSource(seed: 6)
    for path in network.parameterPaths {
      let shape = network.parameters[path]?.shape ?? []
      try network.setParameter(path, to: random.uniform(shape, in: 0.5...1.5))
    }
    return network
  }

  /// A layer, the same without scale and with neither scale nor shift, and the shape of its input.
  private static let layers: [(whole: any Layer, partial: [any NormalizingLayer], Shape)] = [
    (
      BatchNormalizationLayer(4),
      [
        BatchNormalizationLayer(4, hasScale: false), BatchNormalizationLayer(4, hasShift: false),
        BatchNormalizationLayer(4, hasScale: false, hasShift: false),
      ], [3, 2, 4]
    ),
    (
      LayerNormalizationLayer([4]),
      [
        LayerNormalizationLayer([4], hasScale: false),
        LayerNormalizationLayer([4], hasShift: false),
        LayerNormalizationLayer([4], hasScale: false, hasShift: false),
      ], [3, 2, 4]
    ),
    (
      GroupNormalizationLayer(groups: 2, channels: 4),
      [
        GroupNormalizationLayer(groups: 2, channels: 4, hasScale: false),
        GroupNormalizationLayer(groups: 2, channels: 4, hasShift: false),
        GroupNormalizationLayer(groups: 2, channels: 4, hasScale: false, hasShift: false),
      ], [3, 2, 4]
    ),
  ]

  /// Runs a batch of ten samples in training and returns value, gradient of the input, statistics.
  private func run(
    _ network: Network, _ shape: Shape
  ) -> (Tensor<Double>, Tensor<Double>?, [Tensor<Double>]) {
    var random = RandomSource(seed: 3)
    let x = Variable<Double>(
      random.normal(shape.prepending(10), standardDeviation: 1), requiresGradient: true)
    let run = NetworkExecutor(network).run(
      [x], parameters: network.constants(Double.self), mode: .training(seed: 1))
    let weights = Variable<Double>(random.normal(shape.prepending(10), standardDeviation: 1))
    (run.outputs[0] * weights).sum().backward()
    return (run.outputs[0].value, x.gradient, run.statistics.map(\.value))
  }

  @Test func anAbsentScaleIsOneAndAnAbsentShiftIsZero() throws {
    for (whole, partials, shape) in NormalizingLayerTests.layers {
      for partial in partials {
        let absent = try network(partial, shape)
        var present = try network(whole, shape)
        for (name, value) in [("weight", Float(1)), ("bias", 0)] {
          try present.setParameter("layer.\(name)", to: Tensor([4], repeating: value))
        }
        for (path, value) in absent.parameters { try present.setParameter(path, to: value) }
        let (found, expected) = (run(absent, shape), run(present, shape))
        #expect(found.0 == expected.0, "\(partial)")
        #expect(found.1 == expected.1, "\(partial)")
        #expect(found.2 == expected.2, "\(partial)")
        let missing = (partial.hasScale ? 0 : 4) + (partial.hasShift ? 0 : 4)
        #expect(absent.parameterCount == present.parameterCount - missing, "\(partial)")
      }
    }
  }

  @Test func aGraphSaysOnlyWhatIsAbsent() throws {
    for (whole, partials, shape) in NormalizingLayerTests.layers {
      for layer in [whole] + partials {
        let graph = try network(layer, shape).graph
        let data = try NetworkGraph.encoder.encode(graph)
        #expect(try NetworkGraph.decoder.decode(NetworkGraph.self, from: data) == graph)
        let says = String(decoding: data, as: UTF8.self).contains("has_s")
        #expect(says == ((layer as? any NormalizingLayer).map { !$0.hasScale || !$0.hasShift }))
      }
    }
  }

  @Test func aBatchNormWithoutScaleAndShiftFolds() throws {
    for layer in NormalizingLayerTests.layers[0].partial {
      var builder = NetworkBuilder(shape: [5, 4, 2])
      var value = builder.add("conv", ConvolutionLayer(2, 4, kernel: 3), after: "input")
      value = builder.add("norm", layer, after: value)
      var network = try builder.network(name: "test", outputs: [value])
      var random = RandomSource(seed: 2)
      for path in network.parameterPaths {
        let shape = network.parameters[path]?.shape ?? []
        try network.setParameter(path, to: random.uniform(shape, in: 0.5...1.5))
      }
      let images: Tensor<Float> = random.normal([2, 5, 4, 2])
      let folded = network.folded()
      #expect(folded.nodes.map(\.name) == ["norm"])
      #expect(relativeDifference(network.predict(images), folded.predict(images)) < 1e-5)
    }
  }

  @Test func valuesAreStandardizedByStatisticsThatStay() throws {
    var network = try network(StandardizeLayer(2), [2])
    try network.setParameter("layer.mean", to: Tensor([2], [1, -2]))
    // Deviations 3, and 10⁻⁷ for what does not vary.
    try network.setParameter("layer.variance", to: Tensor([2], [9, 0]))
    let x = Variable(Tensor<Float>([1, 2], [7, -2]), requiresGradient: true)
    let run = NetworkExecutor(network).run(
      [x], parameters: network.constants(Float.self), mode: .training(seed: 1))
    run.outputs[0].sum().backward()
    #expect(run.outputs[0].value.scalars == [2, 0])
    #expect(run.statistics.isEmpty)
    #expect(x.gradient.map { abs($0.scalars[0] - 1 / 3) < 1e-6 } == true)
    #expect(x.gradient.map { abs($0.scalars[1] / 1e7 - 1) < 1e-5 } == true)
  }

  @Test func oneMeanAndVarianceServeAllChannels() throws {
    var network = try network(StandardizeLayer(), [2, 1, 3])
    try network.setParameter("layer.mean", to: Tensor([1], [2]))
    try network.setParameter("layer.variance", to: Tensor([1], [4]))
    let found = network.predict(Tensor([1, 2, 1, 3], [0, 2, 4, 6, 8, 10])).scalars
    #expect(found == [-1, 0, 1, 2, 3, 4])
  }

  @Test func everyChannelHasItsOwnConstants() throws {
    let network = try network(ChannelScaleShiftLayer(scale: [2, -1], shift: [1, 0.5]), [2, 1, 2])
    let x = Variable(Tensor<Float>([1, 2, 1, 2], [1, 2, 3, 4]), requiresGradient: true)
    let run = NetworkExecutor(network).run([x], parameters: [])
    run.outputs[0].sum().backward()
    #expect(run.outputs[0].value.scalars == [3, -1.5, 7, -3.5])
    #expect(x.gradient?.scalars == [2, -1, 2, -1])
    #expect(network.parameterCount == 0)
  }

  @Test func constantsForOtherChannelsAreRefused() throws {
    #expect(throws: NetworkError.self) {
      try self.network(ChannelScaleShiftLayer(scale: [1, 1], shift: [0, 0]), [2, 2, 3])
    }
    #expect(throws: NetworkError.self) { try self.network(StandardizeLayer(2), [2, 2, 3]) }
  }

  @Test func gradientsAreThoseOfDifferences() throws {
    let layers: [any Layer] = [
      StandardizeLayer(4), ChannelScaleShiftLayer(scale: [2, -1, 0.5, 3], shift: [1, 0, 2, -1]),
      LayerNormalizationLayer([4], hasScale: false),
      GroupNormalizationLayer(groups: 2, channels: 4, hasShift: false),
      BatchNormalizationLayer(4, hasScale: false, hasShift: false),
    ]
    for layer in layers {
      let network = try network(layer, [3, 4])
      var random = RandomSource(seed: 9)
      let x: Tensor<Double> = random.normal([5, 3, 4], standardDeviation: 1)
      let direction: Tensor<Double> = random.normal([5, 3, 4], standardDeviation: 1)
      let weights = Variable<Double>(random.normal([5, 3, 4], standardDeviation: 1))
      func loss(_ x: Variable<Double>) -> Variable<Double> {
        let run = NetworkExecutor(network).run(
          [x], parameters: network.constants(Double.self), mode: .training(seed: 1))
        return (run.outputs[0] * weights).sum()
      }
      func moved(_ step: Double) -> Double {
        loss(
          Variable(
            Tensor(x.shape, zip(x.scalars, direction.scalars).map { $0 + step * $1 }))
        ).value.item
      }
      let input = Variable(x, requiresGradient: true)
      loss(input).backward()
      let gradient = try #require(input.gradient)
      let exact = zip(gradient.scalars, direction.scalars).reduce(0) { $0 + $1.0 * $1.1 }
      let h = 1e-3
      let quotient = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h)
      #expect(abs(exact - quotient) < 1e-6 * max(abs(exact), 1), "\(layer)")
    }
  }
}
