import Autodiff
import Boxes
import Datasets
import Networks
import Tasks
import Tensors
import Testing

/// A data set of four images of 4×4 with every kind of annotation, the last sample without any.
private func annotated() -> ImageDataset {
  let maps = AnnotationMaps<UInt8>(
    height: 4, width: 4, elements: (0..<64).map { UInt8($0 % 16 == 0 ? 255 : $0 % 2) },
    present: [true, true, true, false])
  let depth = AnnotationMaps<Float>(
    height: 4, width: 4, elements: (0..<64).map { $0 % 16 == 0 ? 0 : Float($0 % 16) },
    present: [true, true, true, false])
  return ImageDataset(
    name: "four", imageShape: [4, 4, 1], classNames: ["a", "b"],
    pixels: (0..<64).map { UInt8($0) }, labels: [0, 1, 0, 1],
    annotations: [
      AnnotationSet(
        name: "colour", content: .classes(names: ["red", "green", "blue"], labels: [2, 1, 0, -1])),
      AnnotationSet(
        name: "traits", content: .multiLabel(names: ["x", "y"], labels: [[0], [0, 1], [], nil])),
      AnnotationSet(
        name: "weight", content: .values(names: ["kg"], rows: [[1], [2], [4], nil])),
      AnnotationSet(
        name: "mask", content: .classMaps(names: ["even", "odd"], ignored: 255, maps: maps)),
      AnnotationSet(name: "depth", content: .depth(maps: depth)),
    ])
}

private let all = [
  TaskConfiguration(name: "colour", kind: .classification, hidden: 5, dropout: 0),
  TaskConfiguration(name: "traits", kind: .multiLabel, hidden: 5, dropout: 0),
  TaskConfiguration(name: "weight", kind: .regression, head: .pooled),
  TaskConfiguration(name: "mask", kind: .segmentation, hidden: 3, dropout: 0),
  TaskConfiguration(name: "depth", kind: .depth, head: .atrous, hidden: 3, dropout: 0),
]

private func backbone() throws -> Network {
  var builder = NetworkBuilder(shape: [4, 4, 1])
  var value = builder.add(
    "conv", ConvolutionLayer(1, 3, kernel: 3, stride: 2, padding: .all(1)), after: "input")
  value = builder.add("relu", ActivationLayer(.relu), after: value)
  var network = try builder.network(name: "backbone", outputs: [value])
  network.initializeParameters(seed: 1)
  return network
}

@Suite struct TaskSetTests {
  /// One loss from all tasks reaches every parameter that is trained.
  @Test(arguments: TaskWeighting.allCases)
  func everyTaskTrainsItsLayersAndWhatIsShared(_ weighting: TaskWeighting) throws {
    let dataset = annotated()
    var set = try TaskSet(all, weighting: weighting, dataset: dataset)
    let network = try set.attach(to: backbone(), at: "relu", seed: 3)
    let parameters = network.parameterPaths.compactMap { path in
      network.parameters[path].map { Variable($0, requiresGradient: true) }
    }
    let targets = try set.annotations(of: dataset).targets(samples: [0, 1, 2, 3])
    let outputs = NetworkExecutor(network).run(
      [Variable(try dataset.pixels(at: [0, 1, 2, 3]))], parameters: parameters,
      mode: .training(seed: 1)
    ).outputs
    let losses = set.losses(outputs, set.outputRanges(in: network), targets)
    let joint = try #require(set.joint(losses, outputs: outputs))
    if weighting == .uncertainty {
      // All logarithms of variances begin at 0: each loss counts once.
      let sum = losses.reduce(0) { $0 + ($1?.value.item ?? 0) }
      #expect(abs(joint.value.item - sum) < 1e-4 * sum)
    }
    joint.backward()
    for (path, parameter) in zip(network.parameterPaths, parameters) {
      let isStatistic = path.hasSuffix("running_mean") || path.hasSuffix("running_var")
      let reached = parameter.gradient?.scalars.contains { $0 != 0 } ?? false
      // The first convolution before a batch norm has no say in its own offset.
      if !isStatistic, !path.hasPrefix(TaskSet.uncertainty) {
        #expect(reached, "no gradient reaches \(path)")
      }
    }
  }

  @Test func aBatchWithoutAnnotationsHasNoLossAndIsCounted() throws {
    let dataset = annotated()
    var set = try TaskSet(all, dataset: dataset)
    let network = try set.attach(to: backbone(), at: "relu", seed: 3)
    let annotations = try set.annotations(of: dataset)
    let outputs = NetworkExecutor(network).run(
      [Variable(try dataset.pixels(at: [3]))], parameters: network.constants(Float.self)
    ).outputs
    let targets = annotations.targets(samples: [3])
    #expect(
      set.losses(outputs, set.outputRanges(in: network), targets).allSatisfy { $0 == nil })
    #expect(
      set.joint(Array(repeating: nil, count: all.count), outputs: outputs) == nil)
    var measures = set.measures()
    measures.add(outputs.map(\.value), targets)
    for result in measures.results {
      #expect(result.samples == 0 && result.missing == 1, "\(result.task)")
    }
    #expect(annotations.knownCounts == [3, 3, 3, 3, 3])
  }

  /// Answers that are the truth are measured as perfect.
  @Test func rightAnswersAreJudgedPerfect() throws {
    let dataset = annotated()
    let set = try TaskSet(all, dataset: dataset)
    let samples = [0, 1, 2]
    let targets = try set.annotations(of: dataset).targets(samples: samples)
    let mask = samples.flatMap { _ in
      (0..<16).flatMap { [$0 % 2 == 0 ? 9 : -9, $0 % 2 == 0 ? -9 : 9] as [Float] }
    }
    let answers: [Tensor<Float>] = [
      Tensor([3, 3], [0, 0, 9, 0, 9, 0, 9, 0, 0]),
      Tensor([3, 2], [9, -9, 9, 9, -9, -9]),
      Tensor([3, 1], [1, 2, 4]),
      Tensor([3, 4, 4, 2], mask),
      Tensor([3, 4, 4, 1], samples.flatMap { _ in (0..<16).map { Float(max(1, $0)) } }),
    ]
    var measures = set.measures()
    measures.add(answers, targets)
    for result in measures.results {
      #expect(result.quality == 1, "\(result.task): \(result.metrics)")
      #expect(result.samples == 3 && result.missing == 0)
    }
    #expect(measures.results.selectionScore == 1)
    #expect(measures.results.quality == nil, "unlike metrics have no mean")
  }

  /// Every kind of head reads several values: vectors side by side, maps brought to one size.
  @Test func aTaskMayReadSeveralValues() throws {
    let dataset = annotated()
    var tasks = all
    for index in tasks.indices { tasks[index].reads = ["relu", "conv", "wide"] }
    tasks[3].auxiliary = "conv"
    var set = try TaskSet(tasks, dataset: dataset)
    var builder = NetworkBuilder(shape: [4, 4, 1])
    var value = builder.add("wide", ConvolutionLayer(1, 2, kernel: 1), after: "input")
    value = builder.add("conv", ConvolutionLayer(2, 3, kernel: 2, stride: 2), after: value)
    value = builder.add("relu", ActivationLayer(.relu), after: value)
    var shared = try builder.network(name: "shared", outputs: [value])
    shared.initializeParameters(seed: 1)
    let network = try set.attach(to: shared, at: "relu", seed: 3)
    let shapes = network.shapes
    // 2×2×3 twice, and 4×4×2.
    #expect(shapes["task_colour.concat"] == [12 + 12 + 32])
    #expect(shapes["task_weight.concat"] == [3 + 3 + 2])
    #expect(shapes["task_mask.fused"] == [2, 2, 8] && shapes["task_depth.fused"] == [2, 2, 8])
    // The auxiliary head is one more, and not one of them.
    #expect(network.outputs.filter { $0.hasPrefix("task_mask.") }.count == 2)
    #expect(network.outputs.filter { $0.hasPrefix("task_depth.") }.count == 1)
    let targets = try set.annotations(of: dataset).targets(samples: [0, 1, 2, 3])
    let outputs = NetworkExecutor(network).run(
      [Variable(try dataset.pixels(at: [0, 1, 2, 3]))], parameters: network.constants(Float.self)
    ).outputs
    let losses = set.losses(outputs, set.outputRanges(in: network), targets)
    #expect(losses.allSatisfy { $0?.value.item.isFinite == true })
    // The network's own answers are one value.
    tasks[0].head = .network
    var own = try TaskSet([tasks[0]], dataset: dataset)
    #expect(throws: TaskError.self) { try own.attach(to: backbone(), at: "relu", seed: 3) }
  }

  @Test func deployedNetworksHaveOneAnswerATaskAndNothingElse() throws {
    let dataset = annotated()
    var tasks = all
    tasks[3].auxiliary = "conv"
    var set = try TaskSet(tasks, weighting: .uncertainty, dataset: dataset)
    let network = try set.attach(to: backbone(), at: "relu", seed: 3)
    // Five answers, one of an auxiliary head, and the logarithms of variances.
    #expect(network.outputs.count == 7)
    let deployed = try set.deployed(network)
    #expect(deployed.outputs.count == 5)
    #expect(!deployed.nodes.contains { $0.name.contains("auxiliary") })
    #expect(!deployed.nodes.contains { $0.name.hasPrefix(TaskSet.uncertainty) })
    #expect(try set.deployed(network, only: ["mask"]).outputs.count == 1)
    // Three and two logits, a value, a class a pixel in a byte, and a distance a pixel.
    #expect(set.answerBytes(of: deployed) == 4 * (3 + 2 + 1) + 16 + 64)
    #expect(try set.answerBytes(of: backbone()) == nil)
    #expect(throws: TaskError.unknownTask("mas", known: all.map(\.name))) {
      try set.deployed(network, only: ["mas"])
    }
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let dataset = annotated()
    #expect(throws: TaskError.duplicateName("colour")) {
      try TaskSet([all[0], all[0]], dataset: dataset)
    }
    let unknown = #expect(throws: TaskError.self) {
      try TaskSet(
        [TaskConfiguration(name: "colours", kind: .classification)], dataset: dataset)
    }
    #expect("\(try #require(unknown))".contains("did you mean 'colour'?"))
    #expect(
      throws: TaskError.annotationKind(
        task: "mask", kind: "classification", annotation: "mask", found: "class_maps")
    ) { try TaskSet([TaskConfiguration(name: "mask", kind: .classification)], dataset: dataset) }
    var set = try TaskSet([all[0]], dataset: dataset)
    let missing = #expect(throws: NetworkError.self) {
      try set.attach(to: backbone(), at: "rel", seed: 1)
    }
    #expect("\(try #require(missing))".contains("'rel'"))
    var elsewhere = all[0]
    elsewhere.reads = ["rellu"]
    var reading = try TaskSet([elsewhere], dataset: dataset)
    let edge = #expect(throws: TaskError.self) {
      try reading.attach(to: backbone(), at: "relu", seed: 1)
    }
    let reason = "\(try #require(edge))"
    #expect(reason.hasPrefix("task 'colour' reads 'rellu': "))
    #expect(reason.contains("did you mean 'relu'?"))
    var flat = try TaskSet(
      [TaskConfiguration(name: "mask", kind: .segmentation, reads: ["flat"])], dataset: dataset)
    var builder = NetworkBuilder(shape: [4, 4, 1])
    let value = builder.add("flat", FlattenLayer(), after: "input")
    let vector = try builder.network(name: "flat", outputs: [value])
    #expect(
      throws: TaskError.edgeShape(
        task: "mask", edge: "flat", expected: "[height, width, channels]", found: [16])
    ) { try flat.attach(to: vector, at: "flat", seed: 1) }
  }

  @Test func targetsFollowTheChangesOfTheirImages() throws {
    let dataset = annotated()
    let set = try TaskSet([all[3]], dataset: dataset)
    let annotations = try set.annotations(of: dataset)
    let augmentation = try Augmentation(flipsHorizontally: true)
    let draws = (0..<40).map { augmentation.draw(seed: 1, epoch: $0, sample: 0) }
    let flipped = try #require(draws.first { $0.flips })
    let plain = try #require(draws.first { !$0.flips })
    // Of logits that say "odd" in the odd columns, a mirrored map (whose even columns are odd) has
    // everything wrong.
    let logits = Variable(
      Tensor<Float>(
        [1, 4, 4, 2], (0..<16).flatMap { $0 % 2 == 0 ? [9, -9] : [-9, 9] as [Float] }))
    func loss(_ draw: Augmentation.Draw) throws -> Float {
      let targets = annotations.targets(samples: [0], draws: [draw])
      return try #require(set.tasks[0].loss([logits], targets[0])).value.item
    }
    #expect(try loss(plain) < 1e-3)
    #expect(try loss(flipped) > 17)
  }
}
