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
      try example("resnet20", SampleNetworks.resnet(depth: 20)),
    ]
    cases += try SampleNetworks.singles.map { try example($0.name, $0.network()) }
    let findings = try ReferenceRuntime.check(cases)
    #expect(findings.count == cases.count)
    for item in cases {
      let finding = try #require(findings[item.name])
      #expect(finding.difference <= 1e-4, "\(item.name): \(finding.difference)")
    }
  }

  /// Images that are blurred patterns, ten kinds of them, with noise.
  private func patterns(_ count: Int, seed: UInt64) -> Tensor<Float> {
    var random = RandomSource(seed: seed)
    return Tensor([count, 32, 32, 3]) { buffer in
      for index in 0..<count {
        let kind = Double(index % 10)
        for pixel in 0..<1024 {
          let (row, column) = (Double(pixel / 32), Double(pixel % 32))
          let wave = (row * (kind - 4) + column * (5 - kind / 2)) / 12
          for channel in 0..<3 {
            let value = wave.truncatingRemainder(dividingBy: 1) * (1 + Double(channel)) / 2
            buffer.initializeElement(
              at: (index * 1024 + pixel) * 3 + channel,
              to: Float(value + 0.1 * random.normal()))
          }
        }
      }
    }
  }

  @Test func integersComputeNearlyTheSame() throws {
    var network = try SampleNetworks.resnet()
    let calibration = [patterns(20, seed: 5), patterns(20, seed: 6)]
    let images = patterns(60, seed: 7)
    try network.spreadLogits(on: calibration[0])
    let logits = network.predict(images)
    let options: [(String, QuantizationOptions)] = [
      ("extremes", QuantizationOptions(range: .extremes)),
      ("percentile", QuantizationOptions(range: .percentile(99.99))),
      ("least squares", QuantizationOptions()),
      ("seven bits", QuantizationOptions(usesSevenBitWeights: true)),
    ]
    var cases: [ReferenceRuntime.Case] = []
    for (name, option) in options {
      cases.append(
        ReferenceRuntime.Case(
          name: name,
          model: try QuantizedONNXModel(network, calibration: calibration, options: option).model,
          inputs: [("input", images)], outputs: [("linear", logits)]))
    }
    let (head, tail) = try network.cut(at: "layer1")
    let latent = head.predict(images)
    let headModel = try QuantizedONNXModel(head, calibration: calibration, quantizesOutput: true)
    let tailModel = try QuantizedONNXModel(
      tail, calibration: headModel.calibrationOutputs, input: headModel.output)
    cases.append(
      ReferenceRuntime.Case(
        name: "head", model: headModel.model, inputs: [("input", images)],
        outputs: [(head.outputs[0], latent)]))
    cases.append(
      ReferenceRuntime.Case(
        name: "tail", model: tailModel.model, inputs: [("latent", latent)],
        outputs: [("linear", logits)]))
    let findings = try ReferenceRuntime.check(cases)
    for item in cases {
      let finding = try #require(findings[item.name])
      print(item.name, finding)
    }
  }
}

extension Network {
  /// Sets the bias of the last layer so that logits have mean 0 over a batch, without which one
  /// class would win everywhere in a network of random weights.
  fileprivate mutating func spreadLogits(on batch: Tensor<Float>) throws {
    let logits = predict(batch).scalars
    let count = outputShape[0]
    var means = [Float](repeating: 0, count: count)
    for (index, value) in logits.enumerated() {
      means[index % count] += value / Float(batch.shape[0])
    }
    let bias = parameters["linear.bias"]?.scalars ?? []
    try setParameter("linear.bias", to: Tensor([count], zip(bias, means).map { $0 - $1 }))
  }
}
