public import Autodiff
internal import Datasets
internal import Metrics
public import Networks
public import Tensors

/// Any number of classes: binary cross-entropy of each, judged by macro F1.
public struct MultiLabelTask: LearningTask {
  /// What the task is called.
  public var name: String { configuration.name }

  /// `multi_label`.
  public var kind: TaskConfiguration.Kind { .multiLabel }

  private let configuration: TaskConfiguration
  /// The names of the classes.
  public let classNames: [String]

  /// Creates a task.
  public init(_ configuration: TaskConfiguration, classNames: [String]) {
    self.configuration = configuration
    self.classNames = classNames
  }

  /// Layers from one value to a logit for each class.
  public func head(reading edges: [(name: String, shape: Shape)]) throws -> Network {
    try TaskHeads.vector(configuration, edges, answers: classNames.count)
  }

  /// The mean over annotated samples and classes of the binary cross-entropy.
  public func loss(
    _ outputs: [Variable<Float>], _ targets: TaskTargets
  ) -> Variable<Float>? {
    let known = targets.known
    guard !known.isEmpty else { return nil }
    let rows = outputs[0].rows(at: known.map(Int32.init))
    return Variable.apply(
      BinaryCrossEntropy(), [rows, Variable(Self.truths(targets, known, classNames.count))])
  }

  /// The classes that are more probable than not.
  public func answer(_ outputs: [Tensor<Float>]) -> TaskAnswer {
    .words(zip(classNames, outputs[0].scalars).filter { $0.1 > 0 }.map(\.0))
  }

  /// F1, mean average precision and the share of samples that are right in every class.
  public func measure() -> any TaskMeasure {
    Measure(labelCount: classNames.count)
  }

  /// `[known, classes]`, 1 where a class is there.
  private static func truths(
    _ targets: TaskTargets, _ known: [Int], _ count: Int
  ) -> Tensor<Float> {
    guard case .multiLabel(_, let labels) = targets.annotation.content else {
      return Tensor([known.count, count], repeating: 0)
    }
    var values = [Float](repeating: 0, count: known.count * count)
    for (row, place) in known.enumerated() {
      for label in labels[targets.samples[place]] ?? [] { values[row * count + Int(label)] = 1 }
    }
    return Tensor([known.count, count], values)
  }

  private struct Measure: TaskMeasure {
    private let labelCount: Int
    private var accuracy: MultiLabelAccuracy
    private(set) var missingCount = 0

    init(labelCount: Int) {
      self.labelCount = labelCount
      accuracy = MultiLabelAccuracy(labelCount: labelCount)
    }

    var sampleCount: Int { accuracy.sampleCount }

    mutating func add(_ outputs: [Tensor<Float>], _ targets: TaskTargets) {
      let known = targets.known
      missingCount += targets.samples.count - known.count
      guard !known.isEmpty else { return }
      accuracy.add(
        logits: outputs[0].rows(at: known),
        truths: MultiLabelTask.truths(targets, known, labelCount))
    }

    func metrics(of sample: String) -> [TaskMetric] {
      [
        ("macro_f1", accuracy.macroF1), ("micro_f1", accuracy.microF1),
        ("mean_average_precision", accuracy.meanAveragePrecision),
        ("subset_accuracy", accuracy.subsetAccuracy),
      ].metrics("no \(sample) \(sampleCount == 0 ? "is annotated" : "has a label")")
    }
  }
}
