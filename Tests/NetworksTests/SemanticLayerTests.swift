import Autodiff
import Codecs
import Networks
import Tensors
import Testing

@Suite struct SemanticLayerTests {
  private func network(_ layer: some Layer, _ shapes: Shape...) throws -> Network {
    let names = shapes.indices.map { "x\($0)" }
    var network = try Network(
      name: "test", inputs: zip(names, shapes).map { Network.Input($0, $1) },
      nodes: [Node("layer", layer, inputs: names)], outputs: ["layer"])
    network.initializeParameters(seed: 1)
    return network
  }

  @Test func everySampleIsBroughtToAMeanSquareOfOne() throws {
    let network = try network(PowerNormalizationLayer(), [1, 1, 4])
    // Mean squares 7.5 and 0.
    let found = network.predict(Tensor([2, 1, 1, 4], [1, -2, 3, -4, 0, 0, 0, 0])).scalars
    for (value, expected) in zip(found, [1, -2, 3, -4].map { $0 / Float(7.5).squareRoot() }) {
      #expect(abs(value - expected) < 1e-6)
    }
    #expect(found[4...] == [0, 0, 0, 0])
  }

  @Test func centresBeginEvenly() throws {
    let network = try network(SoftQuantizerLayer(levels: 5), [3])
    #expect(network.parameters["layer.centers"]?.scalars == [-2, -1, 0, 1, 2])
    #expect(network.predict(Tensor([1, 3], [-0.6, 0.4, 7])).scalars == [-1, 0, 2])
  }

  /// The value is the nearest centre's, the gradient that of the mean of all by how near they are.
  @Test func theGradientIsThatOfTheSoftMean() throws {
    let network = try network(SoftQuantizerLayer(levels: 3, sharpness: 1.5), [2])
    let x = Variable(Tensor<Double>([1, 2], [0.3, -1.7]), requiresGradient: true)
    let centers = Variable(Tensor<Double>([3], [-2, 0, 2]), requiresGradient: true)
    let value = NetworkExecutor(network).run([x], parameters: [centers]).outputs[0]
    #expect(value.value.scalars == [0, -2])
    value.sum().backward()

    let same = Variable(Tensor<Double>([1, 2], [0.3, -1.7]), requiresGradient: true)
    let again = Variable(Tensor<Double>([3], [-2, 0, 2]), requiresGradient: true)
    let shares = Variable.apply(SoftAssignment(sharpness: 1.5), [same, again])
    (shares * again).sum().backward()
    #expect(x.gradient == same.gradient)
    #expect(centers.gradient == again.gradient)
    #expect(centers.gradient?.scalars.allSatisfy { $0 != 0 } == true)
  }

  /// As released: the gradient of the value within the centres' range, none outside and none for centres.
  @Test func straightThroughLeavesTheCentres() throws {
    let network = try network(SoftQuantizerLayer(levels: 3, gradient: .straightThrough), [3])
    let x = Variable(Tensor<Double>([1, 3], [0.3, -1.7, 2.5]), requiresGradient: true)
    let centers = Variable(Tensor<Double>([3], [-2, 0, 2]), requiresGradient: true)
    NetworkExecutor(network).run([x], parameters: [centers]).outputs[0].sum().backward()
    #expect(x.gradient?.scalars == [1, 1, 0])
    #expect((centers.gradient?.scalars ?? [0, 0, 0]).allSatisfy { $0 == 0 })
  }

  /// Every sample goes through a channel of its own ratio, in training alone; the gradient is as without.
  @Test func theChannelDamagesIndicesInTraining() throws {
    let network = try network(SoftQuantizerLayer(levels: 8), [4000], [1])
    var random = RandomSource(seed: 2)
    let values: Tensor<Float> = random.normal([2, 4000])
    let ratios = Tensor<Float>([2, 1], [30, -6])
    let executor = NetworkExecutor(network)
    func run(_ mode: NetworkExecutor.Mode) -> (Tensor<Float>, Tensor<Float>?) {
      let x = Variable(values, requiresGradient: true)
      let value = executor.run(
        [x, Variable(ratios)], parameters: network.constants(Float.self), mode: mode
      ).outputs[0]
      value.sum().backward()
      return (value.value, x.gradient)
    }
    let (plain, gradient) = run(.evaluation)
    let (noisy, sameGradient) = run(.training(seed: 3))
    let changed = zip(plain.scalars, noisy.scalars).map { $0 != $1 }
    #expect(changed[..<4000].count { $0 } == 0)
    // Of three bits one or more is hit with 1 − (1 − 0.2392)³ = 0.5597.
    #expect(abs(Double(changed[4000...].count { $0 }) / 4000 - 0.5597) < 0.04)
    #expect(gradient == sameGradient)
    #expect(run(.training(seed: 3)).0 == noisy)
    #expect(run(.training(seed: 4)).0 != noisy)
  }

  /// What both sides know is not sent: the tail takes it beside the latent.
  @Test func aCutLeavesSideInputsToTheTail() throws {
    var builder = NetworkBuilder(inputs: [
      Network.Input("input", [4]), Network.Input("state", [1]),
    ])
    let first = builder.add("first", LinearLayer(4, 3), after: "input")
    let joined = builder.add("joined", ConcatenateLayer(), inputs: [first, "state"])
    let last = builder.add("last", LinearLayer(4, 2), after: joined)
    var network = try builder.network(name: "aware", outputs: [last])
    network.initializeParameters(seed: 5)
    #expect(throws: NetworkError.self) { try network.cut(at: "first") }
    let (head, tail) = try network.cut(at: "first", sideInputs: ["state"])
    #expect(head.inputs.map(\.name) == ["input"])
    #expect(tail.inputs.map(\.name) == [Network.latentInput, "state"])
    func run(_ network: Network, _ inputs: [Tensor<Float>]) -> Tensor<Float> {
      NetworkExecutor(network).run(
        inputs.map { Variable($0) }, parameters: network.constants(Float.self)
      ).outputs[0].value
    }
    let x = Tensor<Float>([2, 4], [1, 2, 3, 4, -1, 0, 1, 2])
    let state = Tensor<Float>([2, 1], [0.5, -0.5])
    #expect(run(tail, [run(head, [x]), state]) == run(network, [x, state]))
  }
}
