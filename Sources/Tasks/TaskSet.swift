public import Autodiff
public import Datasets
public import Networks
public import Tensors

/// Several tasks on one network: which of its outputs answer which, what each learns from, and what
/// becomes of their losses.
public struct TaskSet: Sendable {
  /// What the recipe says of each.
  public let configurations: [TaskConfiguration]

  /// The tasks.
  public private(set) var tasks: [any LearningTask]

  /// The weight of each task's loss.
  public let weights: [Double]

  /// How the losses become one.
  public let weighting: TaskWeighting

  /// Creates the tasks of a recipe for a data set.
  ///
  /// - Parameter dataset: any part of it; others have the same annotations.
  /// - Throws: ``TaskError`` for two tasks of one name, and for annotations that do not exist or are
  ///   of another kind.
  public init(
    _ configurations: [TaskConfiguration], weighting: TaskWeighting = .uniform,
    dataset: ImageDataset
  ) throws(TaskError) {
    var names: Set<String> = []
    for task in configurations where !names.insert(task.name).inserted {
      throw .duplicateName(task.name)
    }
    self.configurations = configurations
    self.weighting = weighting
    weights = configurations.map { weighting == .fixed ? $0.weight : 1 }
    var tasks: [any LearningTask] = []
    for configuration in configurations {
      tasks.append(try TaskSet.task(configuration, dataset))
    }
    self.tasks = tasks
  }

  /// The one task that a plain classifier answers: the class of a sample.
  public static func classification(of dataset: ImageDataset) -> TaskSet {
    let configuration = TaskConfiguration(
      name: ImageDataset.classAnnotation, kind: .classification)
    return TaskSet(
      configuration, ClassificationTask(configuration, classNames: dataset.classNames))
  }

  private init(_ configuration: TaskConfiguration, _ task: any LearningTask) {
    configurations = [configuration]
    tasks = [task]
    weights = [1]
    weighting = .uniform
  }

  private static func task(
    _ configuration: TaskConfiguration, _ dataset: ImageDataset
  ) throws(TaskError) -> any LearningTask {
    let annotation = try annotation(configuration, dataset)
    switch (configuration.kind, annotation.content) {
    case (.classification, .classes(let names, _)):
      return ClassificationTask(configuration, classNames: names)
    case (.multiLabel, .multiLabel(let names, _)):
      return MultiLabelTask(configuration, classNames: names)
    case (.regression, .values(let names, _)):
      return RegressionTask(configuration, valueNames: names)
    case (.segmentation, .classMaps(let names, _, _)):
      return SegmentationTask(
        configuration, classNames: names, imageShape: dataset.imageShape)
    case (.detection, .boxes(let names, _)):
      return DetectionTask(configuration, classNames: names, imageShape: dataset.imageShape)
    case (.depth, .depth):
      return DepthTask(configuration, imageShape: dataset.imageShape)
    default:
      throw .annotationKind(
        task: configuration.name, kind: configuration.kind.rawValue,
        annotation: configuration.annotation, found: annotation.kind)
    }
  }

  private static func annotation(
    _ configuration: TaskConfiguration, _ dataset: ImageDataset
  ) throws(TaskError) -> AnnotationSet {
    do throws(DatasetError) { return try dataset.annotation(configuration.annotation) } catch {
      throw .unknownAnnotation(
        task: configuration.name, annotation: configuration.annotation, dataset: dataset.name,
        known: [ImageDataset.classAnnotation] + dataset.annotations.map(\.name))
    }
  }

  // MARK: - On a network

  /// The prefix of a task's nodes.
  public static func prefix(of task: String) -> String { "task_\(task)" }

  /// The name of the node that keeps the logarithms of the tasks' variances, for uncertainty
  /// weights.
  public static let uncertainty = "uncertainty"

  /// What must stay as it is with uncertainty weights, as a pattern for `Freezing`.
  public static let constantPattern = "uncertainty.log_variance.weight"

  /// Patterns of the nodes that belong to no task, for `Freezing`.
  public func backbonePatterns(of network: Network) -> [String] {
    network.nodes.map(\.name).filter { name in
      !name.hasPrefix(TaskSet.uncertainty + ".")
        && !tasks.contains { name.hasPrefix(TaskSet.prefix(of: $0.name) + ".") }
    }
  }

  /// Puts the tasks' layers on a network, in place of its outputs; the tasks know from then on what
  /// they read.
  ///
  /// With uncertainty weights there is one more output, the logarithm of each task's variance: a
  /// linear layer whose weight stays zero, so that its bias is all there is to it and it is trained,
  /// saved and resumed like any parameter. It is deployed nowhere.
  ///
  /// - Parameters:
  ///   - backbone: what the tasks share.
  ///   - edge: the value that tasks read unless they say otherwise.
  ///   - seed: begins the parameters of the tasks' layers.
  ///   - keepsOutputs: whether the network's own outputs stay, behind the tasks'.
  /// - Throws: `NetworkError` if `edge` does not exist, ``TaskError`` for an edge of a task's own that
  ///   does not, or that it cannot read.
  public mutating func attach(
    to backbone: Network, at edge: String, seed: UInt64, keepsOutputs: Bool = false
  ) throws -> Network {
    let backbone = try TaskSet.answering(configurations, backbone)
    var network = backbone
    var outputs: [String] = []
    for (index, configuration) in configurations.enumerated() {
      let usual = configuration.head == .network ? backbone.outputs[0] : edge
      let reads = (configuration.reads ?? [usual]) + [configuration.auxiliary].compactMap { $0 }
      let names = try reads.map { read in
        guard configuration.reads?.contains(read) == true || read == configuration.auxiliary else {
          return try backbone.resolve(read)
        }
        do throws(NetworkError) { return try backbone.resolve(read) } catch {
          throw TaskError.unknownEdge(task: configuration.name, edge: read, reason: "\(error)")
        }
      }
      let edges = zip(reads, names).map { (name: $0, shape: backbone.shapes[$1] ?? []) }
      let task = try tasks[index].bound(to: edges)
      tasks[index] = task
      var head = try task.head(reading: edges)
      let headSeed = seed ^ UInt64(bitPattern: Int64(outputs.count))
      head.initializeParameters(seed: headSeed)
      try task.begin(&head, seed: headSeed)
      let before = network.outputs.count
      network = try network.attaching(
        head, prefix: TaskSet.prefix(of: task.name), at: names)
      outputs += network.outputs[before...]
    }
    if weighting == .uncertainty {
      // It reads the smallest of the answers.
      let read = outputs.min {
        (network.shapes[$0]?.elementCount ?? 0) < (network.shapes[$1]?.elementCount ?? 0)
      }
      let shape = network.shapes[read ?? ""] ?? []
      var builder = NetworkBuilder(shape: shape)
      var value = "input"
      if shape.rank > 1 { value = builder.add("flatten", FlattenLayer(), after: value) }
      value = builder.add(
        "log_variance", LinearLayer(shape.elementCount, tasks.count), after: value)
      network = try network.attaching(
        try builder.network(name: TaskSet.uncertainty, outputs: [value]),
        prefix: TaskSet.uncertainty, at: [read ?? ""])
      outputs.append("\(TaskSet.uncertainty).log_variance")
    }
    return try network.with(outputs: outputs + (keepsOutputs ? backbone.outputs : []))
  }

  /// The network with logits where a task takes its own output for its answer, of which a final sigmoid
  /// makes probabilities.
  private static func answering(
    _ configurations: [TaskConfiguration], _ backbone: Network
  ) throws -> Network {
    let kinds = Set(configurations.filter { $0.head == .network && $0.reads == nil }.map(\.kind))
    guard !kinds.isDisjoint(with: [.classification, .multiLabel]) else { return backbone }
    if kinds.contains(.multiLabel), let found = try backbone.beforeSigmoid() {
      guard !kinds.contains(.classification) else {
        throw TaskError.twoMeanings(output: backbone.outputs[0])
      }
      return found
    }
    guard backbone.outputDescriptions[0].meaning == .independentProbabilities else {
      return backbone
    }
    return try ClassAnswers(of: backbone).network
  }

  /// The places of each task's answers among the outputs of the network they were put on.
  public func outputRanges(in network: Network) -> [Range<Int>] {
    var start = 0
    return tasks.map { task in
      let prefix = TaskSet.prefix(of: task.name) + "."
      let count = network.outputs.filter { $0.hasPrefix(prefix) }.count
      defer { start += count }
      return start..<start + count
    }
  }

  /// The network as it is deployed: without auxiliary heads and weights of losses, with the answers
  /// of all tasks or of some.
  ///
  /// - Throws: ``TaskError/unknownTask(_:known:)``, or `NetworkError`.
  public func deployed(_ network: Network, only names: [String]? = nil) throws -> Network {
    let known = tasks.map(\.name)
    if let unknown = names?.first(where: { !known.contains($0) }) {
      throw TaskError.unknownTask(unknown, known: known)
    }
    let ranges = outputRanges(in: network)
    return try network.with(
      outputs: zip(tasks, ranges).compactMap { task, range in
        names?.contains(task.name) ?? true ? network.outputs[range.prefix(task.answerCount)] : nil
      }.flatMap { $0 })
  }

  /// The bytes of the answers to one image as a server sends them back; nil if the outputs are not
  /// those of tasks that were put on the network.
  ///
  /// - Parameter network: deployed, or the server's part of it.
  public func answerBytes(of network: Network) -> Int? {
    let shapes = zip(tasks, outputRanges(in: network)).map { task, range in
      network.outputs[range.prefix(task.answerCount)].map { network.shapes[$0] ?? [] }
    }
    guard !shapes.contains(where: \.isEmpty) else { return nil }
    return zip(tasks, shapes).reduce(0) { $0 + $1.0.answerBytes($1.1) }
  }

  // MARK: - Losses

  /// What the tasks learn from in a data set.
  ///
  /// - Throws: `DatasetError` if it lacks an annotation that the tasks were made for.
  public func annotations(of dataset: ImageDataset) throws(DatasetError) -> TaskAnnotations {
    var sets: [AnnotationSet] = []
    for configuration in configurations {
      sets.append(try dataset.annotation(configuration.annotation))
    }
    return TaskAnnotations(sets: sets, imageShape: dataset.imageShape)
  }

  /// The loss of each task, nil for one without an annotated sample in the batch.
  ///
  /// - Parameter ranges: ``outputRanges(in:)``.
  public func losses(
    _ outputs: [Variable<Float>], _ ranges: [Range<Int>], _ targets: [TaskTargets]
  ) -> [Variable<Float>?] {
    tasks.indices.map { tasks[$0].loss(Array(outputs[ranges[$0]]), targets[$0]) }
  }

  /// The losses as one: weighted and summed, or by their uncertainty; nil if there are none.
  ///
  /// - Parameter outputs: of the whole network, the logarithms of variances last if it has them.
  public func joint(
    _ losses: [Variable<Float>?], outputs: [Variable<Float>]
  ) -> Variable<Float>? {
    var sum: Variable<Float>?
    for (index, loss) in losses.enumerated() {
      guard let loss else { continue }
      var term = loss * weights[index]
      if weighting == .uncertainty, let all = outputs.last {
        // Every sample has the same: the mean over the batch is it.
        let logarithm = all.sliced(axis: -1, index..<index + 1).mean()
        term = (-logarithm).exp() * loss + logarithm * 0.5
      }
      sum = sum.map { $0 + term } ?? term
    }
    return sum
  }

  // MARK: - Measures

  /// Empty measures of all tasks.
  ///
  /// - Parameter sample: what the samples are called where a metric is not defined.
  public func measures(of sample: String = "test image") -> TaskMeasures {
    TaskMeasures(self, of: sample)
  }
}

/// The measures of several tasks.
public struct TaskMeasures: Sendable {
  private let set: TaskSet
  private let sample: String
  private var measures: [any TaskMeasure]

  init(_ set: TaskSet, of sample: String) {
    self.set = set
    self.sample = sample
    measures = set.tasks.map { $0.measure() }
  }

  /// Adds the answers to a batch.
  ///
  /// - Parameters:
  ///   - outputs: of the deployed network.
  ///   - targets: ``TaskAnnotations/targets(samples:draws:)``.
  public mutating func add(_ outputs: [Tensor<Float>], _ targets: [TaskTargets]) {
    var start = 0
    for (index, task) in set.tasks.enumerated() {
      measures[index].add(
        Array(outputs[start..<start + task.answerCount]), targets[index])
      start += task.answerCount
    }
  }

  /// What was measured of each task.
  public var results: [TaskResult] {
    zip(set.tasks, measures).map { TaskResult($0, $1, of: sample) }
  }
}

/// What several tasks learn from in a data set.
public struct TaskAnnotations: Sendable {
  /// The annotations of each task.
  public let sets: [AnnotationSet]

  /// `[height, width, channels]` of the images.
  public let imageShape: Shape

  /// What the tasks are to learn from some samples.
  public func targets(samples: [Int], draws: [Augmentation.Draw]? = nil) -> [TaskTargets] {
    sets.map { TaskTargets($0, samples: samples, draws: draws, imageShape: imageShape) }
  }

  /// How many samples each task has annotated.
  public var knownCounts: [Int] {
    sets.map { set in (0..<set.count).reduce(0) { $0 + (set.isKnown($1) ? 1 : 0) } }
  }
}
