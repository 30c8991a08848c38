import Autodiff
import Foundation
import Networks
import Tensors
import Testing

@Suite struct CausalAttentionTests {
  private static let length = 5
  private static let channels = 6
  private static let heads = 2

  private func network() throws -> Network {
    var network = try Network(
      name: "attention", inputs: [Network.Input("x", [Self.length, Self.channels])],
      nodes: [
        Node(
          "y",
          CausalAttentionLayer(
            channels: Self.channels, heads: Self.heads, length: Self.length), inputs: ["x"])
      ], outputs: ["y"])
    network.initializeParameters(seed: 4)
    var random = RandomSource(seed: 5)
    for path in network.parameterPaths {
      try network.setParameter(
        path, to: random.normal(network.parameters[path]?.shape ?? [], standardDeviation: 0.5))
    }
    return network
  }

  private func run(_ network: Network, _ tokens: Tensor<Float>) -> [Float] {
    let executor = NetworkExecutor(network)
    return executor.run([Variable(tokens)], parameters: network.constants(Float.self))
      .outputs[0].value.scalars
  }

  private func tokens() -> Tensor<Float> {
    var random = RandomSource(seed: 6)
    return random.normal([2, Self.length, Self.channels])
  }

  @Test func laterTokensChangeNothing() throws {
    let network = try network()
    let tokens = tokens()
    let before = run(network, tokens)
    for position in 0..<Self.length {
      var values = tokens.scalars
      for index in position * Self.channels..<(position + 1) * Self.channels {
        values[index] += 1000
      }
      let after = run(network, Tensor(tokens.shape, values))
      let unchanged = position * Self.channels
      #expect(after[..<unchanged] == before[..<unchanged])
      #expect(after[unchanged] != before[unchanged])
      // The other sample of the batch.
      let sample = Self.length * Self.channels
      #expect(after[sample...] == before[sample...])
    }
  }

  /// `softmax(q kᵀ / √d + bias) v` over what came before, one number after another.
  @Test func theResultIsTheDefinition() throws {
    let network = try network()
    let tokens = tokens()
    let (length, channels, heads) = (Self.length, Self.channels, Self.heads)
    let depth = channels / heads
    func parameter(_ name: String) -> [Double] {
      (network.parameters["y.\(name)"]?.scalars ?? []).map(Double.init)
    }
    let (weight, bias) = (parameter("qkv.weight"), parameter("qkv.bias"))
    let (projection, offset) = (parameter("proj.weight"), parameter("proj.bias"))
    let table = parameter("distance_bias_table")
    let input = tokens.scalars.map(Double.init)
    let found = run(network, tokens)
    for sample in 0..<2 {
      func value(_ token: Int, _ column: Int) -> Double {
        (0..<channels).reduce(bias[column]) {
          $0 + input[(sample * length + token) * channels + $1] * weight[$1 * 3 * channels + column]
        }
      }
      for token in 0..<length {
        var attended = [Double](repeating: 0, count: channels)
        for head in 0..<heads {
          let scores = (0...token).map { key in
            (0..<depth).reduce(0.0) {
              $0 + value(token, head * depth + $1)
                * value(key, channels + head * depth + $1)
            } / Double(depth).squareRoot() + table[(token - key) * heads + head]
          }
          let total = scores.reduce(0) { $0 + exp($1) }
          for (key, score) in scores.enumerated() {
            for index in 0..<depth {
              attended[head * depth + index] +=
                exp(score) / total * value(key, 2 * channels + head * depth + index)
            }
          }
        }
        for column in 0..<channels {
          let expected = (0..<channels).reduce(offset[column]) {
            $0 + attended[$1] * projection[$1 * channels + column]
          }
          let result = Double(found[(sample * length + token) * channels + column])
          #expect(abs(result - expected) < 1e-4 * max(1, abs(expected)))
        }
      }
    }
  }

  @Test func otherLengthsAreRefused() {
    let layer = CausalAttentionLayer(channels: 6, heads: 2, length: 5)
    #expect(throws: LayerError.self) { try layer.outputShape([[4, 6]]) }
    #expect(throws: LayerError.self) { try layer.outputShape([[5, 5]]) }
    #expect(throws: LayerError.self) {
      try CausalAttentionLayer(channels: 6, heads: 4, length: 5).outputShape([[5, 6]])
    }
    // 5 tokens: 6 · 24 for both projections, 2 · 5 · 6 for both products.
    #expect(layer.multiplyAccumulates(inputs: [[5, 6]], output: [5, 6]) == 5 * (144 + 60))
  }
}
