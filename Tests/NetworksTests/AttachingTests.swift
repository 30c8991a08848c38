import Networks
import Tensors
import Testing

@Suite struct AttachingTests {
  private func linear(_ inputs: Int, _ outputs: Int, seed: UInt64) throws -> Network {
    var builder = NetworkBuilder(shape: [inputs])
    let value = builder.add("linear", LinearLayer(inputs, outputs), after: "input")
    var network = try builder.network(name: "linear", outputs: [value])
    network.initializeParameters(seed: seed)
    return network
  }

  @Test func branchesOfOneMakeAnswerBesideTheNetwork() throws {
    let body = try linear(3, 4, seed: 1)
    let branch = try linear(4, 2, seed: 2)
    let other = try linear(4, 2, seed: 3)
    let joined = try body.attaching(branch, prefix: "a", at: ["linear"])
      .attaching(other, prefix: "b", at: ["linear"])
    #expect(joined.outputs == ["linear", "a.linear", "b.linear"])
    #expect(joined.parameters["a.linear.weight"] == branch.parameters["linear.weight"])
    #expect(joined.parameters["b.linear.weight"] == other.parameters["linear.weight"])
    let input = Tensor<Float>([1, 3], [1, -2, 3])
    let own = body.predict(input)
    #expect(try joined.with(outputs: ["a.linear"]).predict(input) == branch.predict(own))
    #expect(try joined.with(outputs: ["b.linear"]).predict(input) == other.predict(own))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let body = try linear(3, 4, seed: 1)
    let branch = try linear(4, 2, seed: 2)
    #expect(throws: NetworkError.partsDoNotFit(expected: [4], found: [3])) {
      try body.attaching(branch, prefix: "a", at: ["input"])
    }
    #expect(throws: NetworkError.self) { try body.attaching(branch, prefix: "a", at: ["lin"]) }
    let once = try body.attaching(branch, prefix: "a", at: ["linear"])
    #expect(throws: NetworkError.duplicateName("a.linear")) {
      try once.attaching(branch, prefix: "a", at: ["linear"])
    }
  }

  // MARK: - Other sizes

  @Test func aConvolutionalNetworkTakesImagesOfAnySize() throws {
    var network = try ResNet.narrow(depth: 8, classes: 3, inputShape: [32, 32, 3])
    network.initializeParameters(seed: 1)
    let other = try network.taking([20, 24, 3])
    #expect(other.shapes["layer3.0.relu2"] == [5, 6, 64])
    #expect(other.parameters == network.parameters && other.outputShape == [3])
    #expect(try other.taking([32, 32, 3]) == network)
    // Flattened images have as many numbers as a linear layer takes.
    let vgg = try VGG.sixteen(classes: 3, inputShape: [32, 32, 3], normalizes: false)
    #expect(throws: NetworkError.self) { try vgg.taking([64, 64, 3]) }
  }
}
