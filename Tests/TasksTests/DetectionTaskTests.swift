import Autodiff
import Boxes
import Datasets
import Networks
import Tasks
import Tensors
import Testing

@Suite struct DetectionTaskTests {
  /// Three images of 32×32: an object for each feature map, none, and one that nobody has looked
  /// at.
  private func dataset() -> ImageDataset {
    let objects = [
      LabelledBox(BoundingBox(left: 2, top: 2, right: 10, bottom: 10), category: 0),
      LabelledBox(BoundingBox(left: 14, top: 10, right: 30, bottom: 26), category: 1),
      LabelledBox(BoundingBox(left: 0, top: 1, right: 32, bottom: 31), category: 1),
    ]
    return ImageDataset(
      name: "objects", imageShape: [32, 32, 1], classNames: ["any"],
      pixels: (0..<3 * 1024).map { UInt8($0 % 251) }, labels: [0, 0, 0],
      annotations: [
        AnnotationSet(
          name: "boxes", content: .boxes(names: ["cat", "dog"], rows: [objects, [], nil]))
      ])
  }

  private func configuration(_ head: TaskConfiguration.Head) -> TaskConfiguration {
    var task = TaskConfiguration(
      name: "boxes", kind: .detection, reads: ["fine", "coarse"], head: head, hidden: 4)
    task.detection.extraLevels = 1
    task.detection.anchorScale = 2
    task.detection.proposals = 6
    task.detection.resolution = 2
    return task
  }

  private func backbone() throws -> Network {
    var builder = NetworkBuilder(shape: [32, 32, 1])
    let fine = builder.add(
      "fine", ConvolutionLayer(1, 3, kernel: 4, stride: 4), after: "input")
    let coarse = builder.add(
      "coarse", ConvolutionLayer(3, 5, kernel: 2, stride: 2), after: fine)
    var network = try builder.network(name: "backbone", outputs: [coarse])
    network.initializeParameters(seed: 1)
    return network
  }

  private func run(
    _ network: Network, _ samples: [Int], mode: NetworkExecutor.Mode = .evaluation
  ) throws -> (
    outputs: [Variable<Float>], parameters: [String: Variable<Float>],
    statistics: [String: Tensor<Float>]
  ) {
    let parameters = network.parameterPaths.compactMap { path in
      network.parameters[path].map { Variable($0, requiresGradient: true) }
    }
    let images = try dataset().pixels(at: samples)
    let paths = network.parameterPaths
    let run = NetworkExecutor(network).run(
      [Variable(images)], parameters: parameters, mode: mode)
    return (
      run.outputs, Dictionary(uniqueKeysWithValues: zip(paths, parameters)),
      Dictionary(uniqueKeysWithValues: run.statistics.map { (paths[$0.parameter], $0.value) })
    )
  }

  private static let heads: [TaskConfiguration.Head] = [.singleStage, .twoStage]

  @Test(arguments: heads)
  func everyLayerLearns(_ head: TaskConfiguration.Head) throws {
    var set = try TaskSet([configuration(head)], dataset: dataset())
    let network = try set.attach(to: backbone(), at: "coarse", seed: 3)
    let (outputs, parameters, _) = try run(network, [0, 1, 2], mode: .training(seed: 1))
    let targets = try set.annotations(of: dataset()).targets(samples: [0, 1, 2])
    let loss = try #require(set.losses(outputs, set.outputRanges(in: network), targets)[0])
    #expect(loss.value.item.isFinite && loss.value.item > 0)
    loss.backward()
    for (path, parameter) in parameters where !path.contains(".running_") {
      // Only proposals that find an object are refined, and none may at the beginning.
      if path.contains(".refinements.") { continue }
      let reached = parameter.gradient?.scalars.contains { $0 != 0 } ?? false
      #expect(reached, "no gradient reaches \(path)")
    }
  }

  /// Gradient descent on one image finds its objects: loss, targets, decoding and measure agree.
  @Test(arguments: heads)
  func aDetectorLearnsItsImageByHeart(_ head: TaskConfiguration.Head) throws {
    var task = configuration(head)
    task.hidden = 16
    task.detection.proposals = 24
    var set = try TaskSet([task], dataset: dataset())
    var network = try set.attach(to: backbone(), at: "coarse", seed: 3)
    let targets = try set.annotations(of: dataset()).targets(samples: [0])
    func quality() throws -> Double {
      let deployed = try set.deployed(network)
      var measures = set.measures()
      measures.add(try run(deployed, [0]).outputs.map(\.value), targets)
      return try #require(measures.results[0].quality)
    }
    #expect(try quality() < 0.6)
    // Adam without its corrections; the steps grow shorter, so that where they end does not depend on the
    // order in which a processor adds.
    var moments: [String: (mean: [Float], square: [Float])] = [:]
    let steps = 300
    for step in 0..<steps {
      let rate = 0.003 * Float(steps - step) / Float(steps)
      let (outputs, parameters, statistics) = try run(network, [0], mode: .training(seed: 1))
      let loss = try #require(set.losses(outputs, set.outputRanges(in: network), targets)[0])
      loss.backward()
      for (path, parameter) in parameters {
        guard let gradient = parameter.gradient?.scalars else { continue }
        var (mean, square) =
          moments[path] ?? (
            [Float](repeating: 0, count: gradient.count),
            [Float](repeating: 0, count: gradient.count)
          )
        var values = parameter.value.scalars
        for index in gradient.indices {
          mean[index] = 0.9 * mean[index] + 0.1 * gradient[index]
          square[index] = 0.95 * square[index] + 0.05 * gradient[index] * gradient[index]
          values[index] -= rate * mean[index] / (square[index].squareRoot() + 1e-6)
        }
        moments[path] = (mean, square)
        try network.setParameter(path, to: Tensor(parameter.value.shape, values))
      }
      try network.setParameters(statistics)
    }
    #expect(try quality() > 0.7)
  }

  @Test func imagesNobodyLookedAtAreCountedAndImagesWithoutObjectsAreBackground() throws {
    var set = try TaskSet([configuration(.singleStage)], dataset: dataset())
    let network = try set.attach(to: backbone(), at: "coarse", seed: 3)
    let ranges = set.outputRanges(in: network)
    let annotations = try set.annotations(of: dataset())
    let unknown = try run(network, [2]).outputs
    #expect(set.losses(unknown, ranges, annotations.targets(samples: [2]))[0] == nil)
    let empty = try run(network, [1]).outputs
    let loss = try #require(
      set.losses(empty, ranges, annotations.targets(samples: [1]))[0]
    ).value.item
    #expect(loss > 0)
    // What nobody looked at changes nothing.
    let both = try run(network, [1, 2]).outputs
    let joint = try #require(
      set.losses(both, ranges, annotations.targets(samples: [1, 2]))[0]
    ).value.item
    #expect(abs(joint - loss) < 1e-5 * loss)
    var measures = set.measures()
    measures.add(
      try run(set.deployed(network), [0, 1, 2]).outputs.map(\.value),
      annotations.targets(samples: [0, 1, 2]))
    #expect(measures.results[0].samples == 2 && measures.results[0].missing == 1)
  }

  /// What is smaller than a pixel is to be found, but nothing is learned from it.
  @Test(arguments: heads)
  func objectsBelowAPixelAreMeasuredAndNotLearned(_ head: TaskConfiguration.Head) throws {
    func dataset(small: Int) -> ImageDataset {
      let objects =
        [LabelledBox(BoundingBox(left: 2, top: 2, right: 10, bottom: 10), category: 0)]
        + (0..<small).map {
          LabelledBox(
            BoundingBox(left: Float($0), top: 20, right: Float($0) + 0.5, bottom: 20.5),
            category: 1)
        }
      return ImageDataset(
        name: "objects", imageShape: [32, 32, 1], classNames: ["any"],
        pixels: [UInt8](repeating: 9, count: 1024), labels: [0],
        annotations: [
          AnnotationSet(
            name: "boxes", content: .boxes(names: ["cat", "dog"], rows: [objects]))
        ])
    }
    var set = try TaskSet([configuration(head)], dataset: dataset(small: 0))
    let network = try set.attach(to: backbone(), at: "coarse", seed: 3)
    let outputs = try run(network, [0], mode: .training(seed: 1)).outputs
    let ranges = set.outputRanges(in: network)
    let losses = try [0, 5].map { small in
      try #require(
        set.losses(
          outputs, ranges, set.annotations(of: dataset(small: small)).targets(samples: [0]))[0]
      ).value.item
    }
    #expect(losses[0] == losses[1])
    // The large object is found exactly, the small ones of the other class are not.
    let task = try #require(set.tasks[0] as? DetectionTask)
    let isTwoStage = head == .twoStage
    let scores: [Float] = isTwoStage ? [-9, 9, -9] : [9, -9]
    let box: [Float] = [2, 2, 10, 10]
    let answers = [
      Tensor<Float>([1, 1, scores.count], scores),
      Tensor<Float>([1, 1, isTwoStage ? 8 : 4], isTwoStage ? box + box : box),
    ]
    for (small, expected) in [(0, 1.0), (5, 0.5)] {
      var measure = task.measure()
      measure.add(answers, try set.annotations(of: dataset(small: small)).targets(samples: [0])[0])
      let map = try #require(measure.metrics(of: "image").first { $0.name == "map" }?.value)
      #expect(abs(map - expected) < 1e-12)
    }
  }

  @Test func scoresBeginAsBackground() throws {
    var set = try TaskSet([configuration(.singleStage)], dataset: dataset())
    let network = try set.attach(to: backbone(), at: "coarse", seed: 3)
    let bias = try #require(network.parameters["task_boxes.scores.0.bias"])
    #expect(bias.scalars.allSatisfy { abs($0 + 4.595) < 1e-3 })
  }

  @Test func detectionsAreTheBestOfTheirPlaceAndCategory() throws {
    let set = try TaskSet([configuration(.singleStage)], dataset: dataset())
    let task = try #require(set.tasks[0] as? DetectionTask)
    let boxes: [Float] = [0, 0, 10, 10, 1, 0, 11, 10, 20, 20, 30, 30, 5, 5, 5, 9]
    let found = task.detections([
      Tensor([1, 4, 2], [3, -9, 2, -1, -9, -9, 9, 9]), Tensor([1, 4, 4], boxes),
    ])
    #expect(found[0].map(\.category) == [0, 1])
    #expect(found[0].map(\.box.left) == [0, 1])
    #expect(abs(found[0][0].score - 0.952_574) < 1e-5)
    // Two stages: background first, and a box for each class.
    let second = try #require(
      TaskSet([configuration(.twoStage)], dataset: dataset()).tasks[0] as? DetectionTask)
    let refined = second.detections([
      Tensor([1, 1, 3], [0, 0, 2]), Tensor([1, 1, 8], [0, 0, 1, 1, 2, 2, 9, 9]),
    ])
    #expect(refined[0].map(\.category) == [1, 0])
    #expect(refined[0].map(\.box.left) == [2, 0])
    #expect(abs(refined[0][0].score - 0.786_986) < 1e-5)
  }

  /// A server sends detections back, not scores of all anchors.
  @Test func theAnswerIsAtMostAllDetections() throws {
    var task = configuration(.singleStage)
    task.detection.limit = 7
    var set = try TaskSet([task], dataset: dataset())
    let network = try set.attach(to: backbone(), at: "coarse", seed: 3)
    #expect(try set.answerBytes(of: set.deployed(network)) == 7 * 24)
  }

  @Test func whatCannotHaveAnchorsIsRefused() throws {
    var task = configuration(.singleStage)
    task.detection.ratios = (1...100).map { Double($0) }
    task.detection.octaves = 16
    task.detection.extraLevels = 4
    // Far more forms than anybody needs, but of few places.
    var possible = try TaskSet([task], dataset: dataset())
    #expect(try possible.attach(to: backbone(), at: "coarse", seed: 1).outputs.count == 3)
    task.detection.ratios = (1...300).map { Double($0) }
    var set = try TaskSet([task], dataset: dataset())
    #expect(throws: TaskError.anchors(task: "boxes")) {
      try set.attach(to: backbone(), at: "coarse", seed: 1)
    }
    // A vector has no places.
    var builder = NetworkBuilder(shape: [32, 32, 1])
    let flat = builder.add("flat", FlattenLayer(), after: "input")
    let vector = try builder.network(name: "flat", outputs: [flat])
    task = configuration(.twoStage)
    task.reads = ["flat"]
    var reading = try TaskSet([task], dataset: dataset())
    #expect(
      throws: TaskError.edgeShape(
        task: "boxes", edge: "flat", expected: "[height, width, channels]", found: [1024])
    ) { try reading.attach(to: vector, at: "flat", seed: 1) }
  }

  @Test func mapsMustComeFromTheFinestToTheCoarsest() throws {
    var task = configuration(.singleStage)
    task.reads = ["coarse", "fine"]
    var set = try TaskSet([task], dataset: dataset())
    let error = #expect(throws: TaskError.self) {
      try set.attach(to: backbone(), at: "coarse", seed: 1)
    }
    #expect("\(try #require(error))".contains("at most the 4×4 of coarse before it"))
  }
}
