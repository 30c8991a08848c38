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

  /// The metrics, always the same ones: the one the task is judged by first.
  ///
  /// - Parameter sample: what the samples are called in the reason why a metric is not defined, such as
  ///   `test image`.
  func metrics(of sample: String) -> [TaskMetric]

  /// Samples that were measured.
  var sampleCount: Int { get }

  /// Samples that were not annotated.
  var missingCount: Int { get }
}
