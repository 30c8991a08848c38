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
}
