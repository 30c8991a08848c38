import Export
import Networks
import ONNXSchema
import SwiftProtobuf
import Tensors
import Testing

@Suite struct LoweringTests {
  private func decoded(_ network: Network) throws -> ONNXModelProto {
    try ONNXModelProto(serializedBytes: ONNXModel(network).bytes())
  }

  @Test func everyKindOfLayerHasALoweringAndAnExample() {
    for type in LayerRegistry.types {
      #expect(type is any ONNXLowerable.Type, "\(type.kind) cannot be exported")
    }
    let shown = Set(SampleNetworks.singles.map { type(of: $0.layer).kind })
    #expect(shown == Set(LayerRegistry.types.map { $0.kind }))
  }

  @Test(arguments: SampleNetworks.singles.map(\.name))
  func everyExampleIsWritten(name: String) throws {
    let single = try #require(SampleNetworks.singles.first { $0.name == name })
    let graph = try decoded(single.network()).graph
    try expectWellFormed(graph)
    #expect(graph.input.map(\.name) == single.inputs.indices.map { "x\($0)" })
    #expect(graph.output.map(\.name) == ["y"])
  }

  @Test func theFileSaysWhatWroteItAndHowToReadIt() throws {
    var exported = try ONNXModel(SampleNetworks.resnet())
    exported.producerVersion = "1.2.3"
    let model = try ONNXModelProto(serializedBytes: exported.bytes())
    #expect(model.irVersion == 9)
    #expect(model.opsetImport.map(\.version) == [20])
    #expect(model.opsetImport.map(\.domain) == [""])
    #expect(model.producerName == "cleave")
    #expect(model.producerVersion == "1.2.3")
    #expect(model.graph.name == "resnet8")
  }

  @Test func imagesAreChannelsFirstWithAFreeBatch() throws {
    let (head, _) = try SampleNetworks.resnet(inputShape: [12, 10, 3]).cut(at: "layer1")
    let graph = try decoded(head).graph
    func extents(_ info: ONNXValueInfoProto) -> [String] {
      info.type.tensorType.shape.dim.map {
        $0.dimParam.isEmpty ? "\($0.dimValue)" : $0.dimParam
      }
    }
    #expect(graph.input.map(extents) == [["batch", "3", "12", "10"]])
    #expect(graph.output.map(extents) == [["batch", "16", "12", "10"]])
    #expect(graph.output.map(\.name) == ["layer1.0.relu2"])
  }

  @Test func weightsAreOrderedOutputsInputsRowsColumns() throws {
    var builder = NetworkBuilder(shape: [4, 4, 2])
    let value = builder.add(
      "conv", ConvolutionLayer(2, 3, kernel: Extent2D(height: 1, width: 2)), after: "input")
    var network = try builder.network(name: "one", outputs: [value])
    // [1, 2, 2, 3]: element (0, column, input, output) is 100 column + 10 input + output.
    try network.setParameter(
      "conv.weight", to: Tensor([1, 2, 2, 3], [0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112]))
    let weight = try #require(
      decoded(network).graph.initializer.first { $0.name == "conv/weight" })
    #expect(
      weight.floats
        == Tensor([3, 2, 1, 2], [0, 100, 10, 110, 1, 101, 11, 111, 2, 102, 12, 112]))
  }

  @Test func equalNetworksGiveEqualBytes() throws {
    #expect(
      try ONNXModel(SampleNetworks.resnet()).bytes()
        == ONNXModel(SampleNetworks.resnet()).bytes())
  }

  @Test func dropoutAndIdentityLeaveNoOperator() throws {
    var builder = NetworkBuilder(shape: [4])
    var value = builder.add("drop", DropoutLayer(rate: 0.5), after: "input")
    value = builder.add("same", IdentityLayer(), after: value)
    value = builder.add("linear", LinearLayer(4, 2), after: value)
    let graph = try decoded(builder.network(name: "n", outputs: [value])).graph
    #expect(graph.node.map(\.opType) == ["Gemm"])
    #expect(graph.node[0].input[0] == "input")
  }

  @Test func namesInsideANodeGiveWayToTheNetworksOwn() throws {
    var builder = NetworkBuilder(shape: [4])
    let first = builder.add("a/weight", ActivationLayer(.relu), after: "input")
    let second = builder.add("a", LinearLayer(4, 2), after: first)
    try expectWellFormed(decoded(builder.network(name: "n", outputs: [second])).graph)
  }
}

/// Every value has one source, which comes before all that read it.
func expectWellFormed(
  _ graph: ONNXGraphProto, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  var known: Set<String> = []
  for name in graph.input.map(\.name) + graph.initializer.map(\.name) {
    #expect(known.insert(name).inserted, "\(name) twice", sourceLocation: sourceLocation)
  }
  let names = graph.node.map(\.name).filter { !$0.isEmpty }
  #expect(Set(names).count == names.count, sourceLocation: sourceLocation)
  for node in graph.node {
    for input in node.input where !input.isEmpty {
      #expect(known.contains(input), "\(input)", sourceLocation: sourceLocation)
    }
    for output in node.output {
      #expect(known.insert(output).inserted, "\(output) twice", sourceLocation: sourceLocation)
    }
  }
  for output in graph.output {
    #expect(known.contains(output.name), "\(output.name)", sourceLocation: sourceLocation)
  }
  for constant in graph.initializer {
    let width = [1: 4, 2: 1, 3: 1, 6: 4, 7: 8][constant.dataType] ?? 0
    #expect(
      constant.rawData.count == constant.shape.elementCount * width,
      sourceLocation: sourceLocation)
  }
}
