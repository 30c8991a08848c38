import Autodiff
import Foundation
import Networks
import Tensors
import Testing

/// A small network with a skip connection, batch norms with moved statistics, and a pool.
func sampleNetwork() throws -> Network {
  var network = try ResNet.narrow(depth: 8, classes: 5, inputShape: [12, 10, 3])
  network.initializeParameters(seed: 3)
  var random = RandomSource(seed: 9)
  for path in network.parameterPaths {
    if path.hasSuffix("running_mean") || path.hasSuffix("bias") {
      let shape = network.parameters[path]?.shape ?? []
      try network.setParameter(path, to: random.normal(shape, standardDeviation: 0.3))
    }
    if path.hasSuffix("running_var") {
      let shape = network.parameters[path]?.shape ?? []
      try network.setParameter(path, to: random.uniform(shape, in: 0.5...2))
    }
  }
  return network
}

/// The largest difference between two tensors, relative to the largest magnitude.
func relativeDifference(_ left: Tensor<Float>, _ right: Tensor<Float>) -> Float {
  let scale = left.scalars.map(abs).max() ?? 1
  return (zip(left.scalars, right.scalars).map { abs($0 - $1) }.max() ?? .infinity) / max(scale, 1)
}

@Suite struct NetworkTests {
  @Test func theTailOfTheHeadEqualsTheWholeAtEveryCutPoint() throws {
    let network = try sampleNetwork()
    var random = RandomSource(seed: 1)
    let images: Tensor<Float> = random.normal([3, 12, 10, 3])
    let whole = network.predict(images)
    #expect(network.cutPoints.count > 8)
    for cut in network.cutPoints {
      let (head, tail) = try network.cut(at: cut.name)
      let latent = head.predict(images)
      #expect(latent.shape == cut.shape.prepending(3))
      #expect(relativeDifference(whole, tail.predict(latent)) <= 1e-6, "\(cut.name)")
      #expect(head.cost.macs == cut.headMACs)
      #expect(tail.cost.macs == cut.tailMACs)
      #expect(head.parameterCount == cut.headParameters)
      #expect(tail.parameterCount == cut.tailParameters)
      let joined = try head.followed(by: tail, name: network.name)
      #expect(joined == network)
    }
  }

  @Test func aCutAcrossASkipConnectionNamesItAndTheNearestValidCuts() throws {
    let network = try sampleNetwork()
    #expect(
      throws: NetworkError.invalidCut(
        name: "layer1.0.bn1", crossing: ["relu → layer1.0.add"],
        nearest: ["relu", "layer1.0.add"])
    ) { try network.cut(at: "layer1.0.bn1") }
    let message = "\(NetworkError.invalidCut(name: "a", crossing: ["b → c"], nearest: ["d", "e"]))"
    #expect(
      message == "a cut at 'a' is crossed by b → c; the nearest valid cuts are 'd' and 'e'")
  }

  @Test func theOutputIsNoCut() throws {
    let network = try sampleNetwork()
    #expect(throws: NetworkError.self) { try network.cut(at: "linear") }
  }

  @Test func aModuleNameCutsAtItsLastNode() throws {
    let network = try sampleNetwork()
    #expect(try network.resolve("layer2") == "layer2.0.relu2")
    #expect(try network.cut(at: "layer2").head.outputs == ["layer2.0.relu2"])
  }

  @Test func anUnknownCutSuggestsTheNearestName() throws {
    let network = try sampleNetwork()
    let error = #expect(throws: NetworkError.self) { try network.cut(at: "layr2") }
    #expect(error.map { "\($0)" }?.contains("did you mean 'layer2'?") == true)
  }

  @Test func foldingKeepsTheFunctionAndTheCutNames() throws {
    let network = try sampleNetwork()
    var random = RandomSource(seed: 1)
    let images: Tensor<Float> = random.normal([2, 12, 10, 3])
    let folded = network.folded()
    #expect(relativeDifference(network.predict(images), folded.predict(images)) <= 1e-5)
    #expect(!folded.nodes.contains { $0.layer is BatchNormalizationLayer })
    #expect(folded.nodes.contains { ($0.layer as? AddLayer)?.activation == .relu })
    #expect(folded.nodes.count < network.nodes.count - 8)
    let names = Set(folded.cutPoints.map(\.name))
    #expect(names.contains("layer1.0.relu2") && names.contains("relu"))
    #expect(folded.cost.macs == network.cost.macs)
  }

  @Test func foldingLeavesAValueThatOthersReadAlone() throws {
    var builder = NetworkBuilder(shape: [4, 4, 2])
    let convolution = builder.add(
      "conv", ConvolutionLayer(2, 2, kernel: 1), after: "input")
    let norm = builder.add("norm", BatchNormalizationLayer(2), after: convolution)
    let sum = builder.add("sum", AddLayer(), inputs: [convolution, norm])
    var network = try builder.network(name: "shared", outputs: [sum])
    network.initializeParameters(seed: 1)
    #expect(network.folded() == network)
  }

  @Test func aGraphSurvivesItsEncoding() throws {
    let network = try sampleNetwork()
    let data = try NetworkGraph.encoder.encode(network.graph)
    let decoded = try NetworkGraph.decoder.decode(NetworkGraph.self, from: data)
    #expect(decoded == network.graph)
    #expect(try Network(decoded, parameters: network.parameters) == network)
  }

  @Test func anUnknownLayerKindIsNamed() throws {
    let text = """
      {"name":"n","inputs":[{"name":"input","shape":[2]}],"outputs":["a"],
       "nodes":[{"name":"a","kind":"linaer","inputs":["input"],"attributes":{}}]}
      """
    let error = #expect(throws: NetworkError.self) {
      try NetworkGraph.decoder.decode(NetworkGraph.self, from: .init(text.utf8))
    }
    #expect(
      error.map { "\($0)" } == "node a is of unknown kind 'linaer' (did you mean 'linear'?)")
  }

  @Test func parametersOfAnotherShapeAreRefused() throws {
    let network = try sampleNetwork()
    var parameters = network.parameters
    parameters["linear.bias"] = Tensor([4], repeating: 0)
    #expect(
      throws: NetworkError.parameterShape(path: "linear.bias", expected: [5], found: [4])
    ) { try Network(network.graph, parameters: parameters) }
    parameters["linear.bias"] = nil
    #expect(throws: NetworkError.missingParameter(path: "linear.bias", shape: [5])) {
      try Network(network.graph, parameters: parameters)
    }
    parameters = network.parameters
    parameters["linear.wieght"] = Tensor([1], repeating: 0)
    #expect(throws: NetworkError.self) { try Network(network.graph, parameters: parameters) }
  }

  @Test(arguments: Architecture.all.map(\.name))
  func architecturesHaveTheirPublishedSize(name: String) throws {
    // Parameters without statistics, as published: He et al. table 6 gives 0.27, 0.46, 0.66 and
    // 0.85 M for the narrow networks; the others are torchvision's counts for 1000 classes, but
    // for MobileNetV1, which is Keras's, and Lite0, which is TensorFlow's. The character
    // transformer is the project's: 64 · 10 to embed, 3 blocks of 256 in norms, 12,480 and 4,160 in
    // projections, 256 in biases and 16,640 and 16,448 in the perceptron, 128 in the last norm and
    // 650 in the head. So is vgg-small: 281,520 in convolutions, 864 in norms and 1,290 in the last
    // layer. NaviSplit's depth network is counted by its page: 690,144 in the four convolutions that
    // halve, 1,770,240 in the dilated ones, 704,768 in those that double, 3,008 in norms and 9,281 at
    // the end. lenet-strided has 160 and 4,640 in convolutions, 1,606,656 and 10,250 behind them.
    let published = [
      "resnet8": 75_290, "resnet20": 269_722, "resnet32": 464_154, "resnet44": 658_586,
      "resnet56": 853_018, "resnet18": 11_689_512, "resnet34": 21_797_672,
      "resnet50": 25_557_032, "resnet18-cifar": 11_173_962, "resnet34-cifar": 21_282_122,
      "resnet50-cifar": 23_520_842, "vgg16": 138_357_544, "vgg16-bn": 138_365_992,
      "vgg-small": 283_674, "lenet-strided": 1_621_706, "mobilenetv1": 4_231_976,
      "mobilenetv2": 3_504_872,
      "mobilenetv3-small": 2_542_856,
      "efficientnet-b0": 5_288_548, "efficientnet-lite0": 4_652_008, "densenet121": 7_978_856,
      "swin-t": 28_288_354, "char-transformer": 152_138,
      "navisplit-depth": 3_177_441, "navisplit-depth-bn": 3_177_441,
    ]
    let architecture = try Architecture.named(name)
    let classes = architecture.inputShape == [224, 224, 3] ? 1000 : 10
    let network = try architecture.network(classes: classes)
    let count = network.specifications.values.filter { $0.role != .statistic }
      .reduce(0) { $0 + $1.shape.elementCount }
    #expect(count == published[name])
    let answers: Shape =
      switch name {
      case "char-transformer": [64, classes]
      case "navisplit-depth", "navisplit-depth-bn": [144, 256, 1]
      default: [classes]
      }
    #expect(network.outputShape == answers)
  }
}

@Suite struct FreezingTests {
  @Test func patternsFreezeNodesAndEverythingUnderThem() throws {
    let network = try sampleNetwork()
    let freezing = try Freezing(["layer1", "conv1", "bn1"], of: network)
    let trainable = freezing.trainable(in: network)
    #expect(
      trainable.allSatisfy { path in
        ["layer2", "layer3", "linear"].contains { path.hasPrefix($0) }
      })
    #expect(trainable.contains("layer2.0.conv1.weight"))
    #expect(!trainable.contains { $0.contains("running") })
    #expect(freezing.nodes.contains("layer1.0.bn1"))
    #expect(!freezing.nodes.contains("layer2.0.bn1"))
  }

  @Test func aPatternThatMatchesNothingIsAnErrorWithASuggestion() throws {
    let network = try sampleNetwork()
    let error = #expect(throws: NetworkError.self) {
      try Freezing(["layer1.*", "linaer"], of: network)
    }
    #expect(
      error.map { "\($0)" }
        == "the pattern 'linaer' matches no node and no parameter (did you mean 'linear'?)")
  }

  @Test func frozenBatchNormsUseAndKeepTheirStatistics() throws {
    let network = try sampleNetwork()
    let executor = NetworkExecutor(network)
    var random = RandomSource(seed: 1)
    let images: Tensor<Float> = random.normal([4, 12, 10, 3])
    let constants = network.constants(Float.self)
    let all = Freezing.everything(network)
    let frozen = executor.run(
      [Variable(images)], parameters: constants,
      mode: .training(seed: 1, frozenNodes: all.nodes))
    #expect(frozen.statistics.isEmpty)
    #expect(frozen.outputs[0].value == network.predict(images))

    let free = executor.run(
      [Variable(images)], parameters: constants, mode: .training(seed: 1))
    #expect(free.statistics.count == 2 * network.nodes.filter { $0.kind == "batch_norm" }.count)
    #expect(free.outputs[0].value != network.predict(images))
  }

  @Test func storedStatisticsFollowTheBatch() throws {
    var builder = NetworkBuilder(shape: [1])
    let norm = builder.add("norm", BatchNormalizationLayer(1, momentum: 0.1), after: "input")
    var network = try builder.network(name: "norm", outputs: [norm])
    network.initializeParameters(seed: 1)
    let run = NetworkExecutor(network).run(
      [Variable(Tensor<Double>([4, 1], [1, 2, 3, 6]))], parameters: network.constants(Double.self),
      mode: .training(seed: 1))
    // Mean 3, squared deviations 4 + 1 + 0 + 9 = 14, unbiased variance 14 / 3.
    // 0.9 · 0 + 0.1 · 3 = 0.3; 0.9 · 1 + 0.1 · 14 / 3 = 1.3666…
    let values = run.statistics.map(\.value.item)
    #expect(abs(values[0] - 0.3) < 1e-12)
    #expect(abs(values[1] - (0.9 + 1.4 / 3)) < 1e-12)
  }
}
