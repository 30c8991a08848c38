import Foundation
import Networks
import Tensors
import Testing

/// Patterns of connections: their degrees, how they are stored, and networks made sparse by them.
@Suite struct SparsityTests {
  /// Junctions of the published networks and awkward ones.
  static let junctions = [
    Junction(12, 8), Junction(20, 10), Junction(40, 40), Junction(40, 10), Junction(15, 9),
    Junction(7, 21), Junction(50, 30), Junction(9, 4),
  ]

  /// The units on both sides of a layer.
  struct Junction: Sendable, CustomTestStringConvertible {
    let inputs: Int
    let outputs: Int
    init(_ inputs: Int, _ outputs: Int) { (self.inputs, self.outputs) = (inputs, outputs) }
    var testDescription: String { "\(inputs) to \(outputs)" }
  }

  @Test(arguments: junctions)
  func structuredPatternsHaveExactDegreesForEverySeed(junction: Junction) throws {
    for degree in PredefinedSparsity.outDegrees(inputs: junction.inputs, outputs: junction.outputs)
    {
      for seed in 0..<200 {
        try SparsityTests.check(.structured, degree, junction, seed: UInt64(seed))
      }
    }
  }

  @Test(arguments: junctions, [false, true])
  func clashFreePatternsHaveExactDegreesForEverySeed(
    junction: Junction, dithers: Bool
  ) throws {
    for degree in PredefinedSparsity.outDegrees(inputs: junction.inputs, outputs: junction.outputs)
    {
      for seed in 0..<200 {
        for kind in PredefinedSparsity.Kind.allCases where kind.isClashFree {
          try SparsityTests.check(kind, degree, junction, seed: UInt64(seed), dithers: dithers)
        }
      }
    }
  }

  private static func check(
    _ kind: PredefinedSparsity.Kind, _ degree: Int, _ junction: Junction,
    seed: UInt64, dithers: Bool = false
  ) throws {
    let pattern = try PredefinedSparsity(kind, outDegree: degree, seed: seed, dithers: dithers)
      .pattern(inputs: junction.inputs, outputs: junction.outputs)
    let inDegree = junction.inputs * degree / junction.outputs
    #expect(pattern.outDegrees.allSatisfy { $0 == degree }, "\(kind) \(degree) \(junction)")
    #expect(pattern.inDegrees.allSatisfy { $0 == inDegree }, "\(kind) \(degree) \(junction)")
  }

  @Test func everyOtherDegreeIsRefusedWithTheNearestOnes() throws {
    for junction in SparsityTests.junctions {
      let valid = Array(
        PredefinedSparsity.outDegrees(inputs: junction.inputs, outputs: junction.outputs))
      for degree in 0...junction.outputs + 1 where !valid.contains(degree) {
        for kind in PredefinedSparsity.Kind.allCases where kind != .random {
          #expect {
            _ = try PredefinedSparsity(kind, outDegree: degree)
              .pattern(inputs: junction.inputs, outputs: junction.outputs)
          } throws: { error in
            guard case .degree(_, _, _, let nearest) = error as? SparsityError else { return false }
            return !nearest.isEmpty && nearest.allSatisfy(valid.contains)
          }
        }
      }
    }
    let error = #expect(throws: SparsityError.self) {
      try PredefinedSparsity(outDegree: 5).pattern(inputs: 784, outputs: 50)
    }
    #expect(
      error?.description
        == "from 784 to 50 units, out-degree 5 does not give every output the same "
        + "whole number of inputs; the nearest that do: 25")
  }

  @Test func randomPatternsHaveTheNumberOfConnections() throws {
    let pattern = try PredefinedSparsity(.random, outDegree: 3, seed: 4)
      .pattern(inputs: 50, outputs: 30)
    #expect(pattern.entryCount == 150)
    #expect(Set(pattern.inDegrees).count > 1)
  }

  /// In every cycle each memory is read once: of any `memories` connections that follow each other
  /// from a cycle's beginning, no two lie in one memory.
  @Test(arguments: [PredefinedSparsity.Kind.clashFree1, .clashFree2, .clashFree3], [false, true])
  func cyclesReadEveryMemoryOnce(kind: PredefinedSparsity.Kind, dithers: Bool) throws {
    let pattern = try PredefinedSparsity(
      kind, outDegree: 6, seed: 5, memories: 4, dithers: dithers
    ).pattern(inputs: 24, outputs: 36)
    // An output reads four inputs here, which is one cycle.
    for output in 0..<36 {
      #expect(Set(pattern.inputs(of: output).map { $0 % 4 }) == [0, 1, 2, 3])
    }
  }

  @Test func memoriesThatDoNotDivideTheInputsAreRefused() throws {
    let error = #expect(throws: SparsityError.self) {
      try PredefinedSparsity(.clashFree1, outDegree: 6, memories: 7)
        .pattern(inputs: 24, outputs: 36)
    }
    #expect(error?.description.hasSuffix("the nearest numbers that can: 6 and 8") == true)
  }

  @Test func patternsAreTheSameForTheSameSeedOnly() throws {
    for kind in PredefinedSparsity.Kind.allCases {
      func pattern(_ seed: UInt64) throws -> SparsePattern {
        try PredefinedSparsity(kind, outDegree: 4, seed: seed).pattern(inputs: 40, outputs: 16)
      }
      #expect(try pattern(1) == pattern(1))
      #expect(try pattern(1) != pattern(2))
    }
  }

  @Test(arguments: [false, true])
  func connectionsComeBackAsTheyWereStored(storesIndices: Bool) throws {
    let connections = try SparseConnections(
      inputs: 40, outputs: 16, drawing: PredefinedSparsity(outDegree: 4, seed: 9),
      storesIndices: storesIndices)
    let text = try JSONEncoder().encode(connections)
    #expect(try JSONDecoder().decode(SparseConnections.self, from: text) == connections)
    let layer = Node("a", SparseLinearLayer(connections), inputs: ["b"])
    let graph = try NetworkGraph.encoder.encode(layer)
    #expect(try NetworkGraph.decoder.decode(Node.self, from: graph) == layer)
    #expect(connections.storedBytes == (storesIndices ? 40 * 4 * 2 : 8))
  }

  @Test(arguments: [
    #"{"inputs": 3, "outputs": 2, "indices": [[0, 1], [1, 3]]}"#,
    #"{"inputs": 3, "outputs": 2, "indices": [[0, 1], [1, 1]]}"#,
    #"{"inputs": 3, "outputs": 2, "indices": [[0, 1]]}"#,
    #"{"inputs": -3, "outputs": 2, "indices": [[], []]}"#,
    #"{"inputs": 9223372036854775807, "outputs": 9223372036854775807, "indices": []}"#,
    #"{"inputs": 3, "outputs": 2,"#
      + #""drawn": {"kind": "structured", "outDegree": 1, "seed": 1, "dithers": false}}"#,
  ])
  func damagedConnectionsAreRefused(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(SparseConnections.self, from: Data(text.utf8))
    }
  }

  // MARK: - Networks

  @Test func aSparseNetworkIsTheDenseOneWithoutSomeWeights() throws {
    var dense = try ResNet.narrow(depth: 8, classes: 10, inputShape: [16, 16, 3])
    dense.initializeParameters(seed: 3)
    let sparse = try dense.sparsified(
      [
        SparsityRule(layers: "layer2.*", density: 0.25),
        SparsityRule(layers: "linear", outDegree: 5, pattern: .clashFree1),
      ], seed: 1)
    var masked = dense
    for node in sparse.nodes {
      let parameters = node.parameterPaths.compactMap { sparse.parameters[$0] }
      if let layer = node.layer as? SparseLinearLayer {
        try masked.setParameter("\(node.name).weight", to: layer.denseParameters(parameters)[0])
      } else if let layer = node.layer as? SparseConvolutionLayer {
        try masked.setParameter("\(node.name).weight", to: layer.denseParameters(parameters)[0])
      }
    }
    let kinds = Set(sparse.nodes.filter { $0.kind.hasPrefix("sparse") }.map(\.name))
    #expect(kinds.contains("linear") && kinds.contains("layer2.0.conv1"))
    #expect(!kinds.contains("layer1.0.conv1"))
    var random = RandomSource(seed: 4)
    let images: Tensor<Float> = random.normal([3, 16, 16, 3])
    let (found, expected) = (sparse.predict(images).scalars, masked.predict(images).scalars)
    for (one, other) in zip(found, expected) { #expect(abs(one - other) < 1e-4) }
    #expect(sparse.cost.macs < dense.cost.macs)
    #expect(sparse.cost.parameters < dense.cost.parameters)
    let folded = sparse.folded().predict(images).scalars
    for (one, other) in zip(folded, found) { #expect(abs(one - other) < 1e-4) }
  }

  /// The configurations of the authors: 800-40-40-10 with out-degrees 2, 9 and 10 has 2,360 weights
  /// and biases: 1,600 + 360 + 400 weights; 800-3-3-10 dense has 2,439.
  @Test func publishedConfigurationsHaveThePublishedSizes() throws {
    let network = try MultilayerPerceptron.network(
      hidden: [40, 40], classes: 10, inputShape: [28, 28, 1])
    let sparse = try network.sparsified(
      [
        SparsityRule(layers: "fc1", outDegree: 2, padInputs: 800),
        SparsityRule(layers: "fc2", outDegree: 9), SparsityRule(layers: "fc3", outDegree: 10),
      ], seed: 1)
    #expect(sparse.cost.macs == 2360)
    #expect(sparse.cost.parameters == 2360 + 90)
    #expect(sparse.cost.structureBytes == 16)
    #expect(sparse.node(named: "fc3")?.layer is LinearLayer)
    let small = try MultilayerPerceptron.network(
      hidden: [3, 3], classes: 10, inputShape: [28, 28, 1]
    ).sparsified([SparsityRule(layers: "fc1", density: 1, padInputs: 800)], seed: 1)
    #expect(small.cost.macs == 2439)
  }

  @Test func rulesThatCannotBeAreRefused() throws {
    let network = try MultilayerPerceptron.network(
      hidden: [40], classes: 10, inputShape: [28, 28, 1])
    #expect(throws: SparsityError.noLayer(pattern: "fc9", known: ["fc1", "fc2"])) {
      try network.sparsified([SparsityRule(layers: "fc9", outDegree: 1)], seed: 1)
    }
    #expect(throws: SparsityError.self) {
      try network.sparsified([SparsityRule(layers: "fc1", outDegree: 2, padInputs: 700)], seed: 1)
    }
    #expect(throws: SparsityError.self) {
      try network.sparsified([SparsityRule(layers: "fc1", outDegree: 1)], seed: 1)
    }
  }
}
