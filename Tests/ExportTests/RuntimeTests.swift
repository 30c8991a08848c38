import Autodiff
import Export
import Foundation
import Networks
import Tensors
import Testing

@Suite(.enabled(if: ReferenceRuntime.isAvailable, "a Python with onnx and onnxruntime"))
struct RuntimeTests {
  private func example(
    _ name: String, _ network: Network, batch: Int = 3
  ) throws -> ReferenceRuntime.Case {
    var random = RandomSource(seed: 1)
    let inputs = network.inputs.map {
      (name: $0.name, value: random.normal($0.shape.prepending(batch)) as Tensor<Float>)
    }
    let run = NetworkExecutor(network).run(
      inputs.map { Variable($0.value) }, parameters: network.constants(Float.self))
    return ReferenceRuntime.Case(
      name: name, model: try ONNXModel(network), inputs: inputs,
      outputs: zip(network.outputs, run.outputs).map { ($0, $1.value) })
  }

  @Test func onnxruntimeComputesWhatTheEngineDoes() throws {
    let resnet8 = try SampleNetworks.resnet()
    let (head, tail) = try resnet8.cut(at: "layer2")
    var cases = [
      try example("resnet8", resnet8), try example("head", head), try example("tail", tail),
      try example("folded", resnet8.folded()),
      try example("detector", SampleNetworks.detector(), batch: 1),
      try example("tasks", SampleNetworks.tasks(), batch: 1),
      try example("resnet20", SampleNetworks.resnet(depth: 20)),
    ]
    cases += try SampleNetworks.singles.map { try example($0.name, $0.network(), batch: $0.batch) }
    let findings = try ReferenceRuntime.check(cases)
    #expect(findings.count == cases.count)
    for item in cases {
      let finding = try #require(findings[item.name])
      // Boxes are in pixels, and exponentials of what the layers give.
      let limit = item.name == "tasks" ? 1e-2 : 1e-4
      #expect(finding.difference <= limit, "\(item.name): \(finding.difference)")
    }
  }

  @Test func integersComputeNearlyTheSame() throws {
    let calibration = [Patterns.images(20, seed: 5), Patterns.images(20, seed: 6)]
    let network = try Patterns.classifier()
    let images = Patterns.images(100, seed: 7)
    let logits = network.predict(images)
    #expect(Patterns.accuracy(logits) >= 0.95)

    func integers(
      _ name: String, _ part: Network, _ model: QuantizedONNXModel, _ input: Tensor<Float>,
      _ output: Tensor<Float>
    ) -> ReferenceRuntime.Case {
      ReferenceRuntime.Case(
        name: name, model: model.model, inputs: [(part.inputs[0].name, input)],
        outputs: [(part.outputs[0], output)])
    }
    var cases = try [
      "extremes": QuantizationOptions(range: .extremes),
      "percentile": QuantizationOptions(range: .percentile(99.99)),
      "least squared error": QuantizationOptions(),
      "seven bits": QuantizationOptions(usesSevenBitWeights: true),
    ].map { name, options in
      let model = try QuantizedONNXModel(network, calibration: calibration, options: options)
      return integers(name, network, model, images, logits)
    }
    let (head, tail) = try network.cut(at: "layer1")
    let headModel = try QuantizedONNXModel(head, calibration: calibration, quantizesOutput: true)
    let tailModel = try QuantizedONNXModel(
      tail, calibration: headModel.calibrationOutputs, input: headModel.output)
    let latent = head.predict(images)
    cases.append(integers("head", head, headModel, images, latent))
    cases.append(integers("tail", tail, tailModel, latent, logits))

    // A detector's boxes are not rounded to bytes.
    let detector = try SampleNetworks.detector()
    var random = RandomSource(seed: 4)
    let picture: Tensor<Float> = random.normal([1, 32, 40, 3])
    let run = NetworkExecutor(detector).run(
      [Variable(picture)], parameters: detector.constants(Float.self))
    let placed = run.outputs[4].value
    let detectorModel = try QuantizedONNXModel(
      detector, calibration: [picture], options: QuantizationOptions(usesSevenBitWeights: true))
    let boxes = ReferenceRuntime.Case(
      name: "boxes", model: detectorModel.model, inputs: [("input", picture)],
      outputs: [("placed", placed)])
    let boxFinding = try #require(ReferenceRuntime.check([boxes])["boxes"])
    #expect(boxFinding.relativeError < 0.1, "\(boxFinding.relativeError)")

    // Pyramids and masks enlarge features between integers.
    let tasks = try SampleNetworks.tasks()
    let answers = NetworkExecutor(tasks).run(
      [Variable(picture)], parameters: tasks.constants(Float.self)
    ).outputs
    let mask = try #require(tasks.outputs.last)
    let tasksModel = try QuantizedONNXModel(
      tasks, calibration: [picture], options: QuantizationOptions(usesSevenBitWeights: true))
    let maskCase = ReferenceRuntime.Case(
      name: "mask", model: tasksModel.model, inputs: [("input", picture)],
      outputs: [(mask, answers[answers.count - 1].value)])
    let maskFinding = try #require(ReferenceRuntime.check([maskCase])["mask"])
    #expect(maskFinding.relativeError < 0.5, "\(maskFinding.relativeError)")

    let findings = try ReferenceRuntime.check(cases)
    for item in cases {
      let finding = try #require(findings[item.name])
      if ReferenceRuntime.multipliesBytesExactly || item.name == "seven bits" {
        // Half the levels of a weight, and of random weights, which nothing made robust to it.
        let limit = item.name == "seven bits" ? 0.3 : 0.05
        #expect(finding.relativeError <= limit, "\(item.name): \(finding.relativeError)")
        if item.name != "head" {
          #expect(finding.agreement >= 0.95, "\(item.name): \(finding.agreement)")
        }
      }
      // Every operator that multiplies or adds found an integer kernel.
      for (float, integer) in [("Conv", "QLinearConv"), ("Add", "QLinearAdd"), ("Gemm", "QGemm")] {
        #expect(finding.optimizedOperators[float] == nil, "\(item.name): \(float)")
        #expect(finding.optimizedOperators[integer] == finding.operators[float], "\(item.name)")
      }
    }
  }
}
