import Export
import Foundation
import Networks
import Tensors
import Testing

@Suite(.enabled(if: ReferenceRuntime.isAvailable, "a Python with onnx and onnxruntime"))
struct RuntimeTests {
  private static func wholeCase(_ name: String, _ network: Network, batch: Int = 3) throws
    -> ReferenceRuntime.Case
  {
    var random = RandomSource(seed: 1)
    let input: Tensor<Float> = random.normal(network.inputs[0].shape.prepending(batch))
    return ReferenceRuntime.Case(
      name: name, model: try ONNXModel(network), inputs: [(network.inputs[0].name, input)],
      outputs: [(network.outputs[0], network.predict(input))])
  }

  @Test func onnxruntimeComputesWhatTheEngineDoes() throws {
    let resnet8 = try SampleNetworks.resnet()
    let (head, tail) = try resnet8.cut(at: "layer2")
    let cases = [
      try Self.wholeCase("resnet8", resnet8),
      try Self.wholeCase("resnet8 head", head),
      try Self.wholeCase("resnet8 tail", tail),
      try Self.wholeCase("resnet8 folded", resnet8.folded()),
      try Self.wholeCase("resnet20", SampleNetworks.resnet(depth: 20)),
    ]
    let findings = try ReferenceRuntime.check(cases)
    for item in cases {
      let finding = try #require(findings[item.name])
      #expect(finding.difference <= 1e-4, "\(item.name): \(finding.difference)")
      print(item.name, finding)
    }
  }
}
