/// What was measured of a task.
public struct TaskResult: Codable, Sendable {
  /// The task.
  public var task: String
  /// What sort of task it is.
  public var kind: TaskConfiguration.Kind
  /// The metrics, the one the task is judged by first.
  public var metrics: [TaskMetric]
  /// Samples that were measured.
  public var samples: Int
  /// Samples that were left out, as they are not annotated.
  public var missing: Int

  /// Takes the metrics of a measure.
  ///
  /// - Parameter sample: what its samples are called, such as `test image`.
  public init(_ task: any LearningTask, _ measure: any TaskMeasure, of sample: String) {
    self.task = task.name
    kind = task.kind
    metrics = measure.metrics(of: sample)
    samples = measure.sampleCount
    missing = measure.missingCount
  }

  /// The metric the task is judged by.
  public var judged: TaskMetric? { metrics.first }

  /// The value of ``judged``; nil if it is not defined.
  public var quality: Double? { judged?.value }
}

extension [TaskResult] {
  /// The mean of the metric that all tasks are judged by, over those for which it is defined.
  ///
  /// Nil if tasks are judged by different metrics, which have no mean, or if it is defined for none.
  public var quality: Double? {
    Set(map { $0.judged?.name }).count == 1 ? Self.mean(compactMap(\.quality)) : nil
  }

  /// Mean of the accuracies of all tasks; nil if one of them is judged by another metric.
  public var accuracy: Double? {
    allSatisfy { $0.judged?.name == "accuracy" } ? quality : nil
  }

  /// The mean over the tasks of the metric each is judged by, as a score to choose epochs by.
  ///
  /// Every kind of task is judged by a metric that is 1 at best, so that the mean has a meaning as a
  /// score, but it is no accuracy. A coefficient of determination below 0 counts as 0, lest one task
  /// outweighs all others. Tasks whose metric is not defined are left out; nil if that are all.
  public var selectionScore: Double? { Self.mean(compactMap(\.quality).map { Swift.max($0, 0) }) }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
