import Export
import Networks
import ONNXSchema
import SwiftProtobuf
import Tensors
import Testing

@Suite struct QuantizationParametersTests {
  @Test func aRangeFromZeroUsesAllBytes() {
    // 0 … 5.1 in 255 steps of 0.02.
    let parameters = QuantizationParameters(covering: 0...5.1)
    #expect(abs(parameters.scale - 0.02) < 1e-7)
    #expect(parameters.zeroPoint == 0)
    #expect(parameters.byte(5.1) == 255)
    #expect(parameters.byte(9) == 255)
    #expect(parameters.byte(-1) == 0)
    #expect(parameters.byte(0.03) == 2)  // 1.5 steps go to the even level
  }

  @Test func zeroIsAlwaysExact() {
    for range in [-1...3, -0.3...0.7, 2...5, -4...(-1)] as [ClosedRange<Float>] {
      let parameters = QuantizationParameters(covering: range)
      #expect(parameters.number(parameters.byte(0)) == 0, "\(range)")
    }
    // −1 … 3 in steps of 4 / 255: 0 is 63.75 steps above the beginning.
    #expect(QuantizationParameters(covering: -1...3).zeroPoint == 64)
  }

  @Test func aRangeOfNothingStillQuantises() {
    #expect(
      QuantizationParameters(covering: 0...0) == QuantizationParameters(scale: 1, zeroPoint: 0))
  }
}

@Suite struct QuantizationTests {
  private func samples(_ shape: Shape, seed: UInt64 = 4) -> Tensor<Float> {
    var random = RandomSource(seed: seed)
    return random.normal(shape)
  }

  private func graph(_ model: QuantizedONNXModel) throws -> ONNXGraphProto {
    try ONNXModelProto(serializedBytes: model.model.bytes()).graph
  }

  /// One linear layer of two features whose input is to be quantised.
  private func linear(_ weight: [Float], bias: [Float]) throws -> Network {
    var builder = NetworkBuilder(shape: [2])
    let value = builder.add("linear", LinearLayer(2, 2), after: "input")
    var network = try builder.network(name: "linear", outputs: [value])
    try network.setParameter("linear.weight", to: Tensor([2, 2], weight))
    try network.setParameter("linear.bias", to: Tensor([2], bias))
    return network
  }

  @Test func weightsAndBiasesAreIntegersInUnitsOfTheirChannel() throws {
    // Input 0 … 2.55: scale 0.01. Outputs: channel 0 has weights 1.27 and −0.635, so scale 0.01 and
    // levels 127 and −64 (−63.5 to even); channel 1 has 0 and 2.54, so scale 0.02, levels 0 and 127.
    // Biases: 0.5 / (0.01 · 0.01) = 5000 and −0.1 / (0.02 · 0.01) = −500.
    let network = try linear([1.27, 0, -0.635, 2.54], bias: [0.5, -0.1])
    let model = try QuantizedONNXModel(
      network, calibration: [Tensor([2, 2], [0, 2.55, 1, 1])],
      options: QuantizationOptions(range: .extremes))
    let constants = try Dictionary(
      uniqueKeysWithValues: graph(model).initializer.map { ($0.name, $0) })
    #expect(constants["linear/weight/int8"]?.integers(Int8.self) == [127, -64, 0, 127])
    let scales = try #require(constants["linear/weight/scale"]?.floats?.scalars)
    #expect(abs(scales[0] - 0.01) < 1e-8 && abs(scales[1] - 0.02) < 1e-8)
    #expect(constants["linear/bias/int32"]?.integers(Int32.self) == [5000, -500])
    #expect(constants["linear/weight"] == nil && constants["linear/bias"] == nil)
    #expect(model.input.map { abs($0.scale - 0.01) < 1e-8 } == true)
  }

  @Test(arguments: SampleNetworks.singles.map(\.name))
  func namesOfQuantizedGraphsAreUnique(name: String) throws {
    let single = try #require(SampleNetworks.singles.first { $0.name == name })
    let network = try single.network()
    guard network.inputs.count == 1 else { return }
    let shape = network.inputs[0].shape.prepending(2)
    let model: QuantizedONNXModel
    do {
      model = try QuantizedONNXModel(network, calibration: [samples(shape)])
    } catch { return }
    try expectWellFormed(graph(model))
  }

  @Test func sevenBitWeightsStayBelow64() throws {
    let network = try linear([1, -1, 3, 4], bias: [0, 0])
    let model = try QuantizedONNXModel(
      network, calibration: [samples([4, 2])],
      options: QuantizationOptions(usesSevenBitWeights: true))
    let weights = try graph(model).initializer.first { $0.name == "linear/weight/int8" }
    // [outputs, inputs]: 1 and 3 over 3, −1 and 4 over 4; −15.75 is rounded.
    #expect(weights?.integers(Int8.self) == [21, 63, -16, 63])
  }

  /// A value whose range is too small to be divided into bins.
  @Test func aValueThatIsTinyEverywhereIsQuantized() throws {
    let network = try linear([1e-38, 0, 0, 1e-38], bias: [0, 0])
    let model = try QuantizedONNXModel(
      network, calibration: [Tensor([2, 2], [0, 1, 0.5, 0.25])])
    #expect(try graph(model).node.isEmpty == false)
  }

  @Test func aHugeBiasOfAChannelWithoutWeightsFits() throws {
    let network = try linear([0, 1, 0, 1], bias: [1e6, 0])
    let model = try QuantizedONNXModel(
      network, calibration: [Tensor([1, 2], [0, 1e-3])])
    let bias = try graph(model).initializer.first { $0.name == "linear/bias/int32" }
    let scales = try graph(model).initializer.first { $0.name == "linear/bias/scale" }
    let level = try #require(bias?.integers(Int32.self)?.first)
    let scale = try #require(scales?.floats?.scalars.first)
    #expect(abs(Float(level) * scale - 1e6) < 1)
  }

  @Test func everyConvolutionReadsAndGivesBytes() throws {
    let network = try SampleNetworks.resnet(inputShape: [12, 12, 3])
    let model = try QuantizedONNXModel(network, calibration: [samples([4, 12, 12, 3])])
    let graph = try graph(model)
    try expectWellFormed(graph)
    let producers = Dictionary(uniqueKeysWithValues: graph.node.map { ($0.output[0], $0) })
    let kinds = Dictionary(grouping: graph.node, by: \.opType)
    #expect(kinds["Conv"]?.count == 7)
    #expect(kinds["BatchNormalization"] == nil)
    for node in (kinds["Conv"] ?? []) + (kinds["Gemm"] ?? []) + (kinds["Add"] ?? []) {
      for input in node.input {
        #expect(producers[input]?.opType == "DequantizeLinear", "\(node.name) reads \(input)")
      }
    }
    // The logits stay exact, and no number of the weights is left in single precision.
    #expect(producers["linear"]?.opType == "Gemm")
    let floats = graph.initializer.filter { $0.floats != nil }
    #expect(floats.allSatisfy { $0.shape.rank <= 1 })
  }

  @Test func integersTakeAQuarterOfTheBytes() throws {
    let network = try SampleNetworks.resnet()
    let float = try ONNXModel(network.folded()).bytes().count
    let integer = try QuantizedONNXModel(network, calibration: [samples([2, 32, 32, 3])])
      .model.bytes().count
    #expect(Double(integer) < 0.32 * Double(float))
  }

  @Test func whatOnlyMovesNumbersKeepsTheirQuantisation() throws {
    let network = try SampleNetworks.resnet(inputShape: [12, 12, 3])
    let model = try QuantizedONNXModel(network, calibration: [samples([4, 12, 12, 3])])
    let scales = try Dictionary(
      uniqueKeysWithValues: graph(model).initializer.map { ($0.name, $0) })
    let before = scales["layer1.0.relu2/quantization_scale"]?.floats
    #expect(before != nil)
    #expect(scales["layer2.0.shortcut.slice/quantization_scale"]?.floats == before)
    #expect(scales["layer2.0.shortcut.pad/quantization_scale"]?.floats == before)
  }

  @Test func aFixedInputQuantisationIsKept() throws {
    let fixed = QuantizationParameters(scale: 0.5, zeroPoint: 3)
    let model = try QuantizedONNXModel(
      linear([1, 2, 3, 4], bias: [0, 0]), calibration: [samples([4, 2])], input: fixed)
    #expect(model.input == fixed)
    let zero = try graph(model).initializer.first { $0.name == "input/quantization_zero_point" }
    #expect(zero?.integers(UInt8.self) == [3])
  }

  @Test func clippingAFewOutliersMakesFinerSteps() throws {
    // 10,000 numbers up to 1 and a single 100.
    var numbers = (0..<20_000).map { Float($0) / 20_000 }
    numbers[7] = 100
    let network = try linear([1, 0, 0, 1], bias: [0, 0])
    func scale(_ range: QuantizationOptions.RangeChoice) throws -> Float {
      try #require(
        QuantizedONNXModel(
          network, calibration: [Tensor([10_000, 2], numbers)],
          options: QuantizationOptions(range: range)
        ).input?.scale)
    }
    #expect(try abs(scale(.extremes) - 100 / 255) < 1e-6)
    // One number of 20,000 is a share of 0.005 %, less than 0.01 %: the range ends at the last bin
    // below it, at 1 and at most a 2048th of 100 more.
    #expect(try scale(.percentile(99.99)) <= 1.05 / 255)
    // Squared error: 20,000 · (range / 255)² / 12 against (100 − range)² is least where
    // range · 20,000 / (12 · 255²) = 100 − range: at 97.5.
    #expect(try abs(scale(.leastSquaredError) * 255 - 97.5) <= 1.1)
  }

  @Test func badCalibrationIsRefused() throws {
    let network = try linear([1, 2, 3, 4], bias: [0, 0])
    #expect(throws: ExportError.noCalibrationSamples) {
      try QuantizedONNXModel(network, calibration: [])
    }
    #expect(throws: ExportError.calibrationShape(expected: [2], found: [4, 3])) {
      try QuantizedONNXModel(network, calibration: [samples([4, 3])])
    }
    #expect(throws: ExportError.calibrationNotFinite(node: "input")) {
      try QuantizedONNXModel(network, calibration: [Tensor([1, 2], [1, .nan])])
    }
    #expect(throws: ExportError.calibrationNotFinite(node: "linear")) {
      try QuantizedONNXModel(network, calibration: [Tensor([1, 2], [3e38, 3e38])])
    }
    #expect(throws: ExportError.self) {
      try QuantizedONNXModel(
        network, calibration: [samples([4, 2])],
        options: QuantizationOptions(range: .percentile(0.99)))
    }
  }
}
