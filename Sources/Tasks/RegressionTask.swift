public import Autodiff
internal import Datasets
internal import Metrics
public import Networks
public import Tensors

/// Real numbers: squared error, judged by the coefficient of determination R².
public struct RegressionTask: LearningTask {
  /// What the task is called.
  public var name: String { configuration.name }

  /// `regression`.
  public var kind: TaskConfiguration.Kind { .regression }

  private let configuration: TaskConfiguration
  /// The names of the values.
  public let classNames: [String]

  /// Creates a task.
  public init(_ configuration: TaskConfiguration, valueNames: [String]) {
    self.configuration = configuration
    classNames = valueNames
  }

  /// Layers from one value to the numbers.
  public func head(reading edges: [(name: String, shape: Shape)]) throws -> Network {
    try TaskHeads.vector(configuration, edges, answers: classNames.count)
  }

  /// The mean squared error over annotated samples and values.
  public func loss(
    _ outputs: [Variable<Float>], _ targets: TaskTargets
  ) -> Variable<Float>? {
    let known = targets.known
    guard !known.isEmpty else { return nil }
    return outputs[0].rows(at: known.map(Int32.init))
      .meanSquaredError(Variable(Self.truths(targets, known, classNames.count)))
  }

  /// The values by name.
  public func answer(_ outputs: [Tensor<Float>]) -> TaskAnswer {
    .words(zip(classNames, outputs[0].scalars).map { "\($0) \(rounded($1))" })
  }

  /// R², averaged over the values that differ from sample to sample; and the mean absolute and root mean
  /// squared errors, for each value by itself if there are several, as their units may differ.
  public func measure() -> any TaskMeasure { Measure(valueNames: classNames) }

  private static func truths(
    _ targets: TaskTargets, _ known: [Int], _ count: Int
  ) -> Tensor<Float> {
    guard case .values(_, let rows) = targets.annotation.content else {
      return Tensor([known.count, count], repeating: 0)
    }
    return Tensor([known.count, count], known.flatMap { rows[targets.samples[$0]] ?? [] })
  }

  private struct Measure: TaskMeasure {
    private let valueNames: [String]
    private var accuracy: RegressionAccuracy
    private(set) var sampleCount = 0
    private(set) var missingCount = 0

    init(valueNames: [String]) {
      self.valueNames = valueNames
      accuracy = RegressionAccuracy(valueCount: valueNames.count)
    }

    mutating func add(_ outputs: [Tensor<Float>], _ targets: TaskTargets) {
      let known = targets.known
      missingCount += targets.samples.count - known.count
      sampleCount += known.count
      guard !known.isEmpty else { return }
      accuracy.add(
        predictions: outputs[0].rows(at: known),
        truths: RegressionTask.truths(targets, known, valueNames.count))
    }

    func metrics(of sample: String) -> [TaskMetric] {
      let determined = accuracy.determinations.compactMap { $0 }
      let absent =
        sampleCount == 0 ? "no \(sample) is annotated" : "no prediction is a number"
      let errors = [
        ("mae", accuracy.meanAbsoluteErrors), ("rmse", accuracy.rootMeanSquaredErrors),
      ].flatMap { name, values in
        zip(valueNames, values).map { value, error in
          var metric = TaskMetric(name, error, reason: absent)
          if valueNames.count > 1 { metric.name = "\(name)_\(value)" }
          return metric
        }
      }
      return [
        TaskMetric(
          "r2", determined.isEmpty ? nil : determined.reduce(0, +) / Double(determined.count),
          reason: accuracy.meanAbsoluteErrors.contains { $0 != nil }
            ? "the true values are the same in every \(sample)" : absent)
      ] + errors
    }
  }
}
