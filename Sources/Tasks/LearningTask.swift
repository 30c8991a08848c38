public import Autodiff
public import Datasets
public import Networks
public import Tensors

/// What is asked of an image: the layers that answer, what they learn from, how wrong an answer is,
/// and how good answers are.
///
/// A value. Any number of tasks share one backbone, each reading one or more of its values. A new
/// kind conforms to this protocol and gets a case of ``TaskConfiguration/Kind``.
public protocol LearningTask: Sendable {
  /// What recipes, reports and the network's nodes call it.
  var name: String { get }

  /// What sort of task it is.
  var kind: TaskConfiguration.Kind { get }

  /// The names of the classes, categories or values it answers with; empty for distances.
  var classNames: [String] { get }

  /// How its answers are to be read, as names and numbers: thresholds, for example.
  var settings: [String: Double] { get }

  /// The layers that answer.
  ///
  /// - Parameter edges: the shapes of the values it reads, one for each input.
  /// - Returns: a network whose outputs ``loss(_:_:)`` and ``TaskMeasure/add(_:_:)`` understand,
  ///   its parameters zero.
  /// - Throws: ``TaskError/edgeShape(task:edge:expected:found:)`` or `NetworkError`.
  func head(reading edges: [(name: String, shape: Shape)]) throws -> Network

  /// The task with what it has to know of the values it reads.
  ///
  /// - Throws: ``TaskError`` for values it cannot read.
  func bound(to edges: [(name: String, shape: Shape)]) throws(TaskError) -> any LearningTask

  /// Changes parameters of ``head(reading:)`` that do not begin as layers of their kind usually do.
  func begin(_ head: inout Network, seed: UInt64) throws

  /// How many of the outputs, the first ones, are its answers; the others are for training only.
  var answerCount: Int { get }

  /// How wrong the answers to a batch are, averaged over the samples that are annotated.
  ///
  /// - Parameter outputs: those of ``head(reading:)``, `[batch]` and their shapes.
  /// - Returns: a scalar; nil if no sample of the batch is annotated.
  func loss(_ outputs: [Variable<Float>], _ targets: TaskTargets) -> Variable<Float>?

  /// The bytes of the answer to one image as a server sends it back.
  ///
  /// - Parameter shapes: those of the deployed outputs.
  func answerBytes(_ shapes: [Shape]) -> Int

  /// The answer to one image as a person would look at it.
  ///
  /// - Parameter outputs: the deployed ones of a batch of one.
  func answer(_ outputs: [Tensor<Float>]) -> TaskAnswer

  /// An empty measure of answers.
  func measure() -> any TaskMeasure
}

extension LearningTask {
  /// One.
  public var answerCount: Int { 1 }

  /// All outputs in single precision.
  public func answerBytes(_ shapes: [Shape]) -> Int {
    shapes.reduce(0) { $0 + $1.elementCount } * MemoryLayout<Float>.stride
  }

  /// None.
  public var settings: [String: Double] { [:] }

  /// The task as it is.
  public func bound(
    to edges: [(name: String, shape: Shape)]
  ) throws(TaskError) -> any LearningTask { self }

  /// Changes nothing.
  public func begin(_ head: inout Network, seed: UInt64) throws {}
}

/// What a task is to learn from a batch of images, or to be measured by.
public struct TaskTargets: Sendable {
  /// The annotations of the whole data set.
  public let annotation: AnnotationSet

  /// Which of its samples these are.
  public let samples: [Int]

  /// How each image of the batch was changed; nil if none was.
  public let draws: [Augmentation.Draw]?

  /// `[height, width, channels]` of the images.
  public let imageShape: Shape

  /// Creates targets.
  ///
  /// - Precondition: every sample exists, and there are as many draws, if any.
  public init(
    _ annotation: AnnotationSet, samples: [Int], draws: [Augmentation.Draw]? = nil,
    imageShape: Shape
  ) {
    precondition(
      samples.allSatisfy { $0 >= 0 && $0 < annotation.count }
        && (draws.map { $0.count == samples.count } ?? true),
      "TaskTargets: samples of \(annotation.count), \(draws?.count ?? 0) draws")
    self.annotation = annotation
    self.samples = samples
    self.draws = draws
    self.imageShape = imageShape
  }

  /// How the image at a place of the batch was changed.
  func draw(_ place: Int) -> Augmentation.Draw { draws?[place] ?? .none }

  /// The places of the batch whose samples are annotated.
  var known: [Int] { samples.indices.filter { annotation.isKnown(samples[$0]) } }
}

/// How good answers are, taken together over batches.
public protocol TaskMeasure: Sendable {
  /// Adds the answers to a batch; samples that are not annotated are counted, and nothing else.
  mutating func add(_ outputs: [Tensor<Float>], _ targets: TaskTargets)

  /// The figures, the one the task is judged by first; a figure of nothing is left out.
  var metrics: [TaskMetric] { get }

  /// Samples that were measured.
  var sampleCount: Int { get }

  /// Samples that were not annotated.
  var missingCount: Int { get }
}

/// One figure of a task.
public struct TaskMetric: Codable, Hashable, Sendable {
  /// What it is, such as `accuracy` or `mean_iou`.
  public var name: String
  /// Its value; fractions from 0 to 1.
  public var value: Double
  /// Whether more is better.
  public var isHigherBetter: Bool

  /// Creates a figure.
  public init(_ name: String, _ value: Double, isHigherBetter: Bool = true) {
    self.name = name
    self.value = value
    self.isHigherBetter = isHigherBetter
  }

  private enum CodingKeys: String, CodingKey {
    case name, value
    case isHigherBetter = "is_higher_better"
  }
}

/// What was measured of a task.
public struct TaskResult: Codable, Sendable {
  /// The task.
  public var task: String
  /// What sort of task it is.
  public var kind: TaskConfiguration.Kind
  /// The figures, the one the task is judged by first.
  public var metrics: [TaskMetric]
  /// Samples that were measured.
  public var samples: Int
  /// Samples that were left out, as they are not annotated.
  public var missing: Int

  /// Takes the figures of a measure.
  public init(_ task: any LearningTask, _ measure: any TaskMeasure) {
    self.task = task.name
    kind = task.kind
    metrics = measure.metrics
    samples = measure.sampleCount
    missing = measure.missingCount
  }

  /// The figure the task is judged by; 0 if nothing was measured.
  public var quality: Double { metrics.first?.value ?? 0 }
}

extension [TaskResult] {
  /// The mean over the tasks of the figure each is judged by; 0 without tasks.
  public var quality: Double {
    isEmpty ? 0 : reduce(0) { $0 + $1.quality } / Double(count)
  }

  /// ``quality`` and every figure of every task, such as `shape.accuracy`.
  public var validationMetrics: [String: Double] {
    var metrics = ["quality": quality]
    for result in self {
      for metric in result.metrics { metrics["\(result.task).\(metric.name)"] = metric.value }
    }
    return metrics
  }
}
