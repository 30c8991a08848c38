import Autodiff
import Foundation
import Networks
import Tensors
import Testing

@Suite struct BottleneckLayerTests {
  private func network(_ layer: some Layer, _ shape: Shape) throws -> Network {
    var builder = NetworkBuilder(shape: shape)
    let value = builder.add("layer", layer, after: "input")
    var network = try builder.network(name: "test", outputs: [value])
    network.initializeParameters(seed: 4)
    return network
  }

  @Test func normalisationDividesByAWeightedSumOfMagnitudes() throws {
    let network = try network(GDNLayer(2), [1, 1, 2])
    // β = 1 and γ = 0.1 on the diagonal at the start, 0 elsewhere.
    let found = network.predict(Tensor([1, 1, 1, 2], [3, -5])).scalars
    #expect(abs(found[0] - 3 / 1.3) < 1e-5)
    #expect(abs(found[1] + 5 / 1.5) < 1e-5)
    let inverse = try self.network(GDNLayer(2, isInverse: true), [1, 1, 2])
    let product = inverse.predict(Tensor([1, 1, 1, 2], [3, -5])).scalars
    #expect(abs(product[0] - 3 * 1.3) < 1e-4)
    #expect(abs(product[1] + 5 * 1.5) < 1e-4)
    let squared = try self.network(GDNLayer(2, norm: .squared), [1, 1, 2])
    let root = squared.predict(Tensor([1, 1, 1, 2], [3, -5])).scalars
    #expect(abs(root[0] - 3 / Float(1.9).squareRoot()) < 1e-5)
  }

  @Test func weightsOfNormalisationLeadFromColumnToRow() throws {
    var network = try network(GDNLayer(2), [2])
    try network.setParameter("layer.gamma", to: Tensor([2, 2], [0, 2, 0, 0]))
    // The first input counts in the second output, with a weight of 2² = 4.
    let found = network.predict(Tensor([1, 2], [3, 26])).scalars
    #expect(abs(found[0] - 3) < 1e-4)
    #expect(abs(found[1] - 2) < 1e-4)
  }

  @Test func aPriorHasTheNumbersOfThePaper() throws {
    // 58 a channel and its median; the paper's count of 61 has three quantiles for that.
    #expect(try network(EntropyBottleneckLayer(24), [5, 5, 24]).parameterCount == 24 * 59)
  }

  @Test func inEvaluationValuesAreRoundedFromTheMedian() throws {
    var network = try network(EntropyBottleneckLayer(2), [3, 2])
    try network.setParameter("layer.medians", to: Tensor([2], [0.25, -0.5]))
    let found = network.predict(Tensor([1, 3, 2], [0.7, 0.7, 0.8, -0.9, -3.2, 4.1])).scalars
    #expect(found == [0.25, 0.5, 1.25, -0.5, -2.75, 4.5])
  }

  @Test func inTrainingValuesMoveByHalfAtMostAndBitsAreMeasured() throws {
    let network = try network(EntropyBottleneckLayer(3), [20, 3])
    let x = Tensor<Float>([2, 20, 3], repeating: 0.3)
    let executor = NetworkExecutor(network)
    let run = executor.run(
      [Variable(x)], parameters: network.constants(Float.self), mode: .training(seed: 5))
    let moved = run.outputs[0].value.scalars.map { $0 - 0.3 }
    #expect(moved.allSatisfy { abs($0) <= 0.5 })
    #expect((moved.max() ?? 0) > 0.45 && (moved.min() ?? 0) < -0.45)
    #expect(run.bits?.shape == [2])
    #expect(run.statistics.count == 1)
    let evaluated = executor.run([Variable(x)], parameters: network.constants(Float.self))
    #expect(evaluated.bits == nil)
    let measured = executor.run(
      [Variable(x)], parameters: network.constants(Float.self), mode: .measuringBits)
    let frozen = executor.run(
      [Variable(x)], parameters: network.constants(Float.self),
      mode: .training(seed: 5, frozenNodes: ["layer"]))
    #expect(frozen.outputs[0].value == evaluated.outputs[0].value)
    #expect(frozen.statistics.isEmpty)
    // Both samples hold the same values, and rounding knows no chance.
    let bits = try #require(measured.bits).value.scalars
    #expect(bits[0] == bits[1])
  }

  @Test func theTableHoldsTheProbabilitiesOfTheBits() throws {
    var network = try network(EntropyBottleneckLayer(2), [2])
    let executor = NetworkExecutor(network)
    let paths = network.parameterPaths
    let prior = FactorizedPrior(paths.dropLast().compactMap { network.parameters[$0] })
    try network.setParameter("layer.medians", to: Tensor([2], prior.medians))
    for channel in 0..<2 {
      let median = prior.medians[channel]
      #expect(abs(prior.probability(Double(median), channel: channel)) > 0)
      #expect(abs(prior.quantile(0.5, channel: channel) - Double(median)) < 1e-4)
      let table = prior.table(channel: channel, median: median)
      #expect(abs(table.probabilities.reduce(0, +) - 1) < 1e-6)
      #expect(table.probabilities.allSatisfy { $0 > 0 })
    }
    // The bits of a sample are those of its two values.
    let values: [Float] = [3, -2]
    let run = executor.run(
      [Variable(Tensor([1, 2], zip(values, prior.medians).map { $0 + $1 }))],
      parameters: network.constants(Float.self), mode: .measuringBits)
    let expected = (0..<2).reduce(0.0) { sum, channel in
      let table = prior.table(channel: channel, median: prior.medians[channel])
      return sum - log2(table.probabilities[Int(values[channel]) - table.lowest])
    }
    let found = Double(try #require(run.bits).value.scalars[0])
    #expect(abs(found - expected) < 1e-3 * expected)
  }

  @Test func valuesAreRoundedFromTheirMeans() throws {
    var builder = NetworkBuilder(shape: [2])
    let scales = builder.add("scales", IdentityLayer(), after: "input")
    let means = builder.add("means", ScaleShiftLayer(scale: 0.25), after: "input")
    let value = builder.add(
      "layer", GaussianConditionalLayer(), inputs: ["input", scales, means])
    let network = try builder.network(name: "test", outputs: [value])
    // From 0.4 and −1.3.
    let x = Tensor<Float>([1, 2], [1.6, -5.2])
    let found = network.predict(x).scalars
    #expect(zip(found, [1.4, -5.3] as [Float]).allSatisfy { abs($0 - $1) < 1e-5 })
    let run = NetworkExecutor(network).run(
      [Variable(x)], parameters: [], mode: .training(seed: 3))
    for (value, before) in zip(run.outputs[0].value.scalars, x.scalars) {
      #expect(abs(value - before) <= 0.5 && value != before)
    }
    #expect(run.bits?.shape == [1])
  }

  @Test func bitsAreThoseOfTheNormalDistribution() throws {
    var builder = NetworkBuilder(shape: [3])
    let scales = builder.add("scales", ScaleShiftLayer(scale: 0, shift: 1), after: "input")
    let value = builder.add("layer", GaussianConditionalLayer(), inputs: ["input", scales])
    let network = try builder.network(name: "test", outputs: [value])
    func bits(_ values: [Float]) throws -> Double {
      let run = NetworkExecutor(network).run(
        [Variable(Tensor([1, 3], values))], parameters: [], mode: .measuringBits)
      return Double(try #require(run.bits).value.scalars[0])
    }
    // −log₂ of 0.382925, 0.241730 and 0.060598: the bins around 0, 1 and −2.
    #expect(abs(try bits([0.1, 1.2, -1.9]) - (1.384867 + 2.048523 + 4.044587)) < 1e-3)
    // 60 of the 10⁻⁹ at the least.
    #expect(abs(try bits([500, -500, 0]) - (2 * 29.897353 + 1.384867)) < 1e-3)
  }

  @Test func aDeviationHasALeastOne() throws {
    var builder = NetworkBuilder(shape: [1])
    let scales = builder.add("scales", ScaleShiftLayer(scale: 0, shift: -3), after: "input")
    let value = builder.add("layer", GaussianConditionalLayer(), inputs: ["input", scales])
    let network = try builder.network(name: "test", outputs: [value])
    let run = NetworkExecutor(network).run(
      [Variable(Tensor<Float>([2, 1], [0, 1]))], parameters: [], mode: .measuringBits)
    let bits = try #require(run.bits).value.scalars
    // Φ(4.5) − Φ(−4.5), and all but nothing a whole number away.
    #expect(abs(bits[0]) < 1e-4)
    #expect(bits[1] > 15)
  }
}
