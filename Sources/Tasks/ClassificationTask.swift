public import Autodiff
internal import Datasets
public import Metrics
public import Networks
public import Tensors

/// One class of several: cross-entropy, judged by accuracy.
public struct ClassificationTask: LearningTask {
  /// What the task is called.
  public var name: String { configuration.name }

  /// `classification`.
  public var kind: TaskConfiguration.Kind { .classification }

  /// The names of the classes.
  public let classNames: [String]

  private let configuration: TaskConfiguration

  /// Creates a task.
  public init(_ configuration: TaskConfiguration, classNames: [String]) {
    self.configuration = configuration
    self.classNames = classNames
  }

  /// Layers from one value to logits.
  public func head(reading edges: [(name: String, shape: Shape)]) throws -> Network {
    try TaskHeads.vector(configuration, edges, answers: classNames.count)
  }

  /// The mean cross-entropy.
  public func loss(
    _ outputs: [Variable<Float>], _ targets: TaskTargets
  ) -> Variable<Float>? {
    let labels = Self.labels(targets)
    guard labels.contains(where: { $0 >= 0 }) else { return nil }
    return Variable.apply(CrossEntropy(labels: labels, ignoreIndex: -1), [outputs[0]])
  }

  /// The most probable class and its probability.
  public func answer(_ outputs: [Tensor<Float>]) -> TaskAnswer {
    let probabilities = Softmax().evaluate([outputs[0]], requiring: [false]).value.scalars
    let best = probabilities.indexOfLargest ?? 0
    // A network may know more classes than the data have.
    let name = best < classNames.count ? classNames[best] : "class \(best)"
    return .words(["\(name) \(rounded(probabilities[best]))"])
  }

  /// Accuracy among the first and the first five, and F1.
  public func measure() -> any TaskMeasure {
    Measure(ClassificationCounts(classCount: classNames.count))
  }

  /// The class of each sample, −1 for those that are not annotated.
  static func labels(_ targets: TaskTargets) -> [Int32] {
    guard case .classes(_, let labels) = targets.annotation.content else { return [] }
    return targets.samples.map { labels[$0] }
  }

  /// Counts of predictions by true class.
  public struct Measure: TaskMeasure {
    /// The counts; a network may predict more classes than the data have.
    public private(set) var counts: ClassificationCounts
    /// Samples that were not annotated.
    public private(set) var missingCount = 0

    init(_ counts: ClassificationCounts) { self.counts = counts }

    /// Samples that were measured.
    public var sampleCount: Int { counts.sampleCount }

    /// Adds the logits of a batch.
    public mutating func add(_ outputs: [Tensor<Float>], _ targets: TaskTargets) {
      let labels = ClassificationTask.labels(targets)
      let known = labels.indices.filter { labels[$0] >= 0 }
      missingCount += labels.count - known.count
      guard !known.isEmpty else { return }
      let classCount = outputs[0].shape[1]
      if classCount > counts.classCount, counts.sampleCount == 0 {
        counts = ClassificationCounts(classCount: classCount)
      }
      counts.accumulate(logits: outputs[0].rows(at: known), labels: known.map { labels[$0] })
    }

    /// `accuracy`, `top5_accuracy` with more than five classes, `macro_f1` and `micro_f1`.
    public func metrics(of sample: String) -> [TaskMetric] {
      var values = [("accuracy", counts.accuracy)]
      if counts.classCount > counts.k { values.append(("top5_accuracy", counts.topKAccuracy)) }
      values += [("macro_f1", counts.macroF1), ("micro_f1", counts.microF1)]
      return values.metrics("no \(sample) is annotated")
    }
  }
}

extension [(String, Double?)] {
  /// Metrics of these names and values.
  ///
  /// - Parameter reason: why those are not defined that have no value.
  func metrics(_ reason: String) -> [TaskMetric] {
    map { name, value in TaskMetric(name, value, reason: reason) }
  }
}

extension Tensor<Float> {
  /// The rows at some places of the first axis.
  func rows(at places: [Int]) -> Tensor<Float> {
    let length = shape.dimensions.dropFirst().reduce(1, *)
    return withUnsafeBufferPointer { source in
      Tensor(Shape([places.count] + shape.dimensions.dropFirst())) { target in
        for (row, place) in places.enumerated() {
          for index in 0..<length {
            target.initializeElement(at: row * length + index, to: source[place * length + index])
          }
        }
      }
    }
  }
}
