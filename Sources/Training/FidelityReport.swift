public import Datasets
internal import Metrics
public import Tasks
internal import Tensors

/// Fidelity of a deployed system to the uncut network: what can be said on images without labels.
public struct FidelityReport: Codable, Sendable {
  /// The figures of one task.
  public struct TaskFidelity: Codable, Sendable {
    /// The task.
    public var task: String
    /// Kind of the task.
    public var kind: TaskConfiguration.Kind
    /// The figures: `agreement`, the fraction of answers with the uncut network's most probable
    /// class, `kl_divergence` from its probabilities in nats, and `logit_mse`; `output_mse` alone for
    /// answers that are not classes.
    public var metrics: [TaskMetric]
  }

  /// Images that were answered.
  public var samples: Int
  /// Each task.
  public var tasks: [TaskFidelity]
  /// Bytes sent for an image, on average.
  public var meanBytes: Double

  private enum CodingKeys: String, CodingKey {
    case samples, tasks
    case meanBytes = "mean_bytes"
  }

  /// A figure of the first task.
  public subscript(_ name: String) -> Double? {
    tasks.first?.metrics.first { $0.name == name }?.value
  }
}

extension FidelityReport {
  /// Answers the images of a data set by a system and by the uncut network.
  ///
  /// - Parameters:
  ///   - system: what is deployed; every latent goes through its bytes.
  ///   - uncut: what it stands in for.
  ///   - tasks: what both answer.
  ///   - observer: told how far it is.
  /// - Throws: `DatasetError`, or what keeps an image from being answered.
  public init(
    of system: any SplitSystem, to uncut: UncutNetwork, tasks: TaskSet, on dataset: ImageDataset,
    observer: (any TrainingObserver)?
  ) throws {
    var measures = tasks.tasks.map(Measure.init)
    let traffic = try SystemRun(dataset)(
      [system], task: "comparing with the uncut network", observer: observer
    ) { _, batch in
      let expected = try uncut(batch.pixels)
      var output = 0
      for index in measures.indices {
        for _ in 0..<measures[index].task.answerCount {
          for answer in [batch.answers[output], expected[output]] {
            try NonFiniteAnswer.check(answer, samples: batch.samples, of: dataset.name)
          }
          measures[index].add(batch.answers[output], expected[output])
          output += 1
        }
      }
    }[0]
    samples = dataset.count
    self.tasks = measures.map(\.result)
    meanBytes = Double(traffic.bytes.reduce(0, +)) / Double(max(1, dataset.count))
  }

  /// Fidelity on one task.
  private struct Measure {
    let task: any LearningTask
    private var fidelity = LogitFidelity()

    init(_ task: any LearningTask) { self.task = task }

    mutating func add(_ answer: Tensor<Float>, _ expected: Tensor<Float>) {
      fidelity.accumulate(logits: answer, reference: expected)
    }

    var result: TaskFidelity {
      let isChosen =
        switch task.kind {
        case .classification, .segmentation: true
        case .multiLabel, .regression, .detection, .depth: false
        }
      let figures: [(String, Double?)] =
        isChosen
        ? [
          ("agreement", fidelity.agreement), ("kl_divergence", fidelity.meanDivergence),
          ("logit_mse", fidelity.meanSquaredError),
        ] : [("output_mse", fidelity.meanSquaredError)]
      return TaskFidelity(
        task: task.name, kind: task.kind, metrics: figures.map { TaskMetric($0, $1) })
    }
  }
}
