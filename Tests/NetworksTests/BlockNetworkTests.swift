import Foundation
import Networks
import Tensors
import Testing

@Suite struct BlockNetworkTests {
  @Test func operationsAreReadAndWritten() {
    for name in ["skip", "k3_e1", "k5_e6", "k3_e1_g2"] {
      #expect(BlockOperation(name: name)?.name == name)
    }
    for name in [
      "", "k4_e1", "k3", "e3_k3", "k3_e0", "k3_e3_x2", "k3_e3_g", "skip_k3", "k99999_e1",
    ] {
      #expect(BlockOperation(name: name) == nil, "\(name)")
    }
  }

  /// Costs counted by hand.
  @Test func aBlockHasThePublishedConvolutions() throws {
    let blocks = BlockNetwork(
      stem: 4,
      stages: [
        .init(channels: 6, stride: 2, operations: [.inverted(kernel: 5, expansion: 3, groups: 2)])
      ])
    let network = try blocks.network(classes: 10, inputShape: [8, 8, 1])
    let shapes = network.shapes
    #expect(shapes["stem.relu"] == [8, 8, 4])
    #expect(shapes["stages.1.1.k5_e3_g2.expand.relu"] == [8, 8, 12])
    #expect(shapes["stages.1.1.k5_e3_g2.depthwise.relu"] == [4, 4, 12])
    #expect(shapes["stages.1.1.k5_e3_g2.project.bn"] == [4, 4, 6])
    let stem = 64 * 9 * 4
    let expand = 64 * 4 / 2 * 12
    let depthwise = 16 * 25 * 12
    let project = 16 * 12 / 2 * 6
    #expect(network.folded().cost.macs == stem + expand + depthwise + project + 6 * 10)
  }

  @Test func aSkipIsNothingWhereTheShapeStays() throws {
    let blocks = BlockNetwork(
      stem: 4, stages: [.init(channels: 4, operations: [.skip, .skip])])
    let built = try blocks.built(classes: 2, inputShape: [8, 8, 1])
    #expect(
      built.parts.map(\.value) == [
        "stem.relu", "stem.relu", "stem.relu", "classifier.linear",
      ])
    var wider = blocks
    wider.stages[0].channels = 5
    let changed = try wider.built(classes: 2, inputShape: [8, 8, 1])
    #expect(changed.parts[1].value == "stages.1.1.skip.relu")
    #expect(changed.parts[2].value == "stages.1.1.skip.relu")
  }

  @Test func aBottleneckIsCutBehindItsFirstHalf() throws {
    let blocks = BlockNetwork(
      stem: 4,
      stages: [.init(channels: 8, stride: 2, operations: [.skip, .skip], bottleneck: 0.25)])
    let built = try blocks.built(classes: 2, inputShape: [8, 8, 1])
    #expect(built.cuts == [1, 3])
    let value = built.parts[built.cuts[1]].value
    #expect(built.network.shapes[value] == [4, 4, 2])
    let (head, tail) = try built.network.cut(at: value)
    #expect(head.outputShape == [4, 4, 2])
    #expect(tail.outputShape == [2])
  }

  @Test func everyPlaceCanBeCut() throws {
    let blocks = BlockNetwork(
      stem: 4,
      stages: [
        .init(channels: 4, operations: [.inverted(kernel: 3, expansion: 2, groups: 1), .skip]),
        .init(
          channels: 8, stride: 2,
          operations: [.skip, .inverted(kernel: 3, expansion: 1, groups: 1)],
          bottleneck: 0.5),
      ], header: 16)
    var built = try blocks.built(classes: 3, inputShape: [8, 8, 2])
    var network = built.network
    network.initializeParameters(seed: 1)
    let image: Tensor<Float> = Tensor([1, 8, 8, 2], repeating: 0.3)
    let whole = network.predict(image)
    #expect(built.cuts.count == 4)
    for cut in built.cuts {
      let (head, tail) = try network.cut(at: built.parts[cut].value)
      #expect(relativeDifference(tail.predict(head.predict(image)), whole) < 1e-6)
    }
    built = try blocks.built(classes: 3, inputShape: [8, 8, 2])
    #expect(Set(built.network.nodes.map(\.name)).count == built.network.nodes.count)
  }

  @Test func aDescriptionReadsBackAsTheSame() throws {
    let blocks = BlockNetwork(
      stem: 4, stemStride: 2,
      stages: [.init(channels: 8, stride: 2, operations: [.skip], bottleneck: 0.5)], header: 3)
    let text = try JSONEncoder().encode(blocks)
    #expect(try JSONDecoder().decode(BlockNetwork.self, from: text) == blocks)
    let short = #"{"stages": [{"channels": 8, "layers": 2}]}"#
    let read = try JSONDecoder().decode(BlockNetwork.self, from: Data(short.utf8))
    #expect(read.stages[0].operations.map(\.name) == ["k3_e3", "k3_e3"])
    #expect(read.stem == 16)
    let wrong = #"{"stages": [{"channels": 8, "operations": ["k2_e1"]}]}"#
    #expect {
      try JSONDecoder().decode(BlockNetwork.self, from: Data(wrong.utf8))
    } throws: { "\($0)".contains("such as k3_e6") }
  }
}
