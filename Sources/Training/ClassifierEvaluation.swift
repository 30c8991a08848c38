public import Datasets
public import Metrics
public import Networks
public import Splitting
public import Tensors

/// Measures classifiers on a data set, several at once over one pass of the images.
public struct ClassifierEvaluation {
  /// The images.
  public let dataset: ImageDataset
  /// What pixels go through first.
  public let inputTransform: InputTransform
  /// The length of the logits.
  public let classCount: Int
  /// The classes of the user, `nil` for all.
  public let userClasses: [Int]?

  /// Samples a classifier is given at once.
  private let batchSize = 256

  /// Creates an evaluation.
  public init(
    dataset: ImageDataset, inputTransform: InputTransform, classCount: Int, userClasses: [Int]?
  ) {
    self.dataset = dataset
    self.inputTransform = inputTransform
    self.classCount = classCount
    self.userClasses = userClasses
  }

  /// What classifiers predict, and what they would if they knew the user's classes.
  public struct Counts {
    /// Predictions among all classes.
    public var plain: ClassificationCounts
    /// Predictions among the user's classes only; `nil` without a user.
    public var masked: ClassificationCounts?
  }

  /// Runs several classifiers over the data set.
  ///
  /// - Parameters:
  ///   - count: how many classifiers there are.
  ///   - observer: told how far it is; nobody if `nil`.
  ///   - predict: from a batch of transformed images to the logits of each classifier.
  /// - Returns: the counts of each.
  /// - Throws: `DatasetError`, ``NonFiniteAnswer``, or what a classifier throws.
  public func run(
    classifiers count: Int = 1, observer: (any TrainingObserver)?,
    predict: (ImageBatch) throws -> [Tensor<Float>]
  ) throws -> [Counts] {
    var counts = [Counts](repeating: noCounts, count: count)
    let plan = try BatchPlan(
      sampleCount: dataset.count, batchSize: batchSize, seed: 0, shuffles: false)
    let stream = try BatchLoader(dataset: dataset, plan: plan, transform: inputTransform)
      .batches(epoch: 0)
    var done = 0
    while let batch = try stream.next() {
      for (index, logits) in try predict(batch).enumerated() {
        try NonFiniteAnswer.check(logits, samples: batch.samples, of: dataset.name)
        add(logits, batch.labels, to: &counts[index])
      }
      done += batch.count
      observer?.progressed("evaluating", unit: "images", done: done, of: dataset.count)
    }
    return counts
  }

  /// Runs systems over the data set as they are deployed.
  ///
  /// - Parameters:
  ///   - systems: as ``SystemRun`` takes them; their first answer are the logits.
  ///   - inspect: is shown every batch of the first system.
  /// - Returns: the counts of each, and what it sends for the images that the report's accuracy is of:
  ///   those of the user's classes if there is a user.
  /// - Throws: `DatasetError`, ``NonFiniteAnswer``, or what a system throws.
  public func run(
    _ systems: [any SplitSystem], observer: (any TrainingObserver)?,
    inspect: (SystemRun.Batch) throws -> Void = { _ in }
  ) throws -> [(counts: Counts, traffic: Traffic)] {
    var counts = [Counts](repeating: noCounts, count: systems.count)
    let traffic = try SystemRun(dataset)(systems, observer: observer) { index, batch in
      try NonFiniteAnswer.check(batch.answers[0], samples: batch.samples, of: dataset.name)
      add(batch.answers[0], dataset.labels(at: batch.samples), to: &counts[index])
      if index == 0 { try inspect(batch) }
    }
    let user = userClasses.map { Set($0.map(Int32.init)) }
    return zip(counts, traffic).map { counts, traffic in
      let messages = zip(traffic.messages, dataset.labels).filter { _, label in
        user?.contains(label) ?? true
      }
      return (counts, Traffic(messages.map(\.0)))
    }
  }

  /// The counts of logits that are known already, `[samples, classes]`.
  ///
  /// - Throws: ``NonFiniteAnswer``.
  public func counts(
    of logits: Tensor<Float>, labels: [Int32]
  ) throws(NonFiniteAnswer) -> Counts {
    try NonFiniteAnswer.check(logits, samples: Array(labels.indices), of: dataset.name)
    var counts = noCounts
    add(logits, labels, to: &counts)
    return counts
  }

  private var noCounts: Counts {
    let empty = ClassificationCounts(classCount: classCount)
    return Counts(plain: empty, masked: userClasses == nil ? nil : empty)
  }

  private func add(_ logits: Tensor<Float>, _ labels: [Int32], to counts: inout Counts) {
    counts.plain.accumulate(logits: logits, labels: labels)
    if let userClasses {
      counts.masked?.accumulate(logits: logits, labels: labels, maskedTo: Set(userClasses))
    }
  }

  /// The rows that compare a classifier with itself masked to the user's classes.
  public func comparisons(name: String, _ counts: Counts) -> [EvaluationReport.Comparison] {
    let user = userClasses ?? Array(0..<classCount)
    let others = Set(0..<classCount).subtracting(user)
    var rows = [
      EvaluationReport.Comparison(
        name: name, userAccuracy: counts.plain.accuracy(of: user),
        otherAccuracy: counts.plain.accuracy(of: others))
    ]
    if let masked = counts.masked {
      rows.append(
        EvaluationReport.Comparison(
          name: "\(name), masked", userAccuracy: masked.accuracy(of: user),
          otherAccuracy: masked.accuracy(of: others)))
    }
    return rows
  }

  /// A report of a classifier, without costs and comparisons.
  public func report(method: String, network: Cost, _ counts: Counts) -> EvaluationReport {
    let user = userClasses ?? Array(0..<classCount)
    let perClass = dataset.classNames.enumerated().map { index, name in
      EvaluationReport.ClassAccuracy(
        name: name, samples: counts.plain.sampleCount(of: index),
        accuracy: counts.plain.accuracy(of: [index]))
    }
    var report = EvaluationReport(
      method: method, dataset: dataset.name,
      samples: user.reduce(0) { $0 + counts.plain.sampleCount(of: $1) },
      accuracy: counts.plain.accuracy(of: user), perClass: perClass,
      userClasses: userClasses?.map { dataset.classNames[$0] }, comparisons: [],
      parameters: network.parameters, macs: network.macs)
    if classCount <= EvaluationReport.mostConfusedClasses {
      report.confusion = (0..<classCount).map { row in
        (0..<classCount).map { counts.plain[true: row, predicted: $0] }
      }
    }
    return report
  }
}

extension MethodSetting {
  /// Evaluation of a classifier of so many classes on the recipe's test images.
  ///
  /// - Throws: what the data throw.
  public func evaluation(
    through inputTransform: InputTransform, classCount: Int
  ) throws -> ClassifierEvaluation {
    ClassifierEvaluation(
      dataset: try data.test(), inputTransform: inputTransform, classCount: classCount,
      userClasses: try data.userClasses())
  }

  /// Cost of a system, from its messages for the test images.
  ///
  /// - Throws: what the data or the system throw.
  public func cost(
    of system: any SplitSystem, _ traffic: Traffic
  ) throws -> EvaluationReport.SplitCost {
    try .measure(
      system, traffic, link: link, energy: energy, pixels: try data.test().pixels(at: [0]))
  }

  /// Accuracy of a split classifier on the test images as it is deployed, and what it costs.
  ///
  /// - Parameters:
  ///   - method: what the report calls it.
  ///   - network: the cost of the trained network.
  ///   - name: what its comparisons call the network; the method unless given.
  ///   - classCount: the length of the logits.
  ///   - inspect: is shown every batch.
  /// - Throws: what the data or the system throw.
  public func report(
    of system: any SplitSystem, method: String, network: Cost, name: String? = nil,
    classCount: Int,
    inspect: (SystemRun.Batch) throws -> Void = { _ in }
  ) throws -> EvaluationReport {
    let evaluation = try evaluation(through: .identity, classCount: classCount)
    let found = try evaluation.run([system], observer: observer, inspect: inspect)[0]
    var report = evaluation.report(method: method, network: network, found.counts)
    report.comparisons = evaluation.comparisons(name: name ?? method, found.counts)
    report.split = try cost(of: system, found.traffic)
    return report
  }

  /// Accuracy of a whole network on the test images, without costs of a split.
  ///
  /// - Parameters:
  ///   - method: what the report calls the method.
  ///   - name: what its comparisons call the network.
  /// - Throws: what the data throw.
  public func report(
    of network: Network, through inputTransform: InputTransform, method: String, name: String
  ) throws -> EvaluationReport {
    let head = Head(network)
    let evaluation = try evaluation(
      through: inputTransform, classCount: network.outputShape[0])
    let counts = try evaluation.run(observer: observer) { [head($0.images)] }
    var report = evaluation.report(method: method, network: network.cost, counts[0])
    report.comparisons = evaluation.comparisons(name: name, counts[0])
    return report
  }
}

/// The time of one sample through a part of a system.
public enum PartTiming {
  /// The median time of a body over repetitions, after two runs that are not counted.
  public static func median(repetitions: Int = 20, _ body: () throws -> Void) rethrows -> TimeSpan {
    for _ in 0..<2 { try body() }
    let clock = ContinuousClock()
    var seconds: [Double] = []
    for _ in 0..<repetitions {
      seconds.append(try clock.measure(body) / .seconds(1))
    }
    return .seconds(Percentiles(seconds)?.p50 ?? 0)
  }
}
