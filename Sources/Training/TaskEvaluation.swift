internal import Autodiff
public import Codecs
public import Datasets
public import Networks
public import Tasks
public import Tensors

/// Measures tasks on the images of a data set.
public struct TaskEvaluation {
  /// What is measured.
  public let tasks: TaskSet
  /// The images.
  public let dataset: ImageDataset
  /// What pixels go through first.
  public let inputTransform: InputTransform

  /// What the images are called where a metric is not defined.
  public let sample: String

  /// Samples a network is given at once.
  private let batchSize: Int

  /// Creates an evaluation.
  public init(
    _ tasks: TaskSet, dataset: ImageDataset, inputTransform: InputTransform,
    sample: String = "test image", batchSize: Int = 64
  ) {
    self.tasks = tasks
    self.dataset = dataset
    self.inputTransform = inputTransform
    self.sample = sample
    self.batchSize = batchSize
  }

  /// Runs several systems over the images.
  ///
  /// - Parameters:
  ///   - count: how many there are.
  ///   - observer: told how far it is; nobody if nil.
  ///   - answer: from a batch of transformed images to the deployed answers of each system.
  /// - Returns: the results of each system, one entry a task.
  /// - Throws: `DatasetError`, ``NonFiniteAnswer``, or what a system throws.
  public func run(
    systems count: Int = 1, observer: (any TrainingObserver)?,
    answer: (ImageBatch) throws -> [[Tensor<Float>]]
  ) throws -> [[TaskResult]] {
    var measures = (0..<count).map { _ in tasks.measures(of: sample) }
    let annotations = try tasks.annotations(of: dataset)
    try forEachBatch(observer: observer) { batch in
      let targets = annotations.targets(samples: batch.samples)
      for (index, outputs) in try answer(batch).enumerated() {
        for output in outputs {
          try NonFiniteAnswer.check(output, samples: batch.samples, of: dataset.name)
        }
        measures[index].add(outputs, targets)
      }
    }
    return measures.map(\.results)
  }

  /// Runs the network the tasks were put on over the images, as training would without moving it.
  ///
  /// - Returns: each task, and the mean of the joint loss over the batches that have one; nil if none has.
  /// - Throws: `DatasetError`.
  public func validate(_ network: Network) throws -> (results: [TaskResult], loss: Double?) {
    let executor = NetworkExecutor(network)
    let parameters = network.constants(Float.self)
    let ranges = tasks.outputRanges(in: network)
    let annotations = try tasks.annotations(of: dataset)
    var measures = tasks.measures(of: sample)
    var mean = RunningMean()
    try forEachBatch(observer: nil) { batch in
      let outputs = executor.run([Variable(batch.images)], parameters: parameters).outputs
      let targets = annotations.targets(samples: batch.samples)
      let losses = tasks.losses(outputs, ranges, targets)
      if let loss = tasks.joint(losses, outputs: outputs) {
        mean.add(Double(loss.value.item), weight: Double(batch.count))
      }
      measures.add(
        zip(tasks.tasks, ranges).flatMap { task, range in
          outputs[range.prefix(task.answerCount)].map(\.value)
        }, targets)
    }
    return (measures.results, mean.mean)
  }

  /// Measures systems as they are deployed.
  ///
  /// - Parameter systems: as ``SystemRun`` takes them.
  /// - Returns: what each answers and sends.
  /// - Throws: `DatasetError`, ``NonFiniteAnswer``, or what a system throws.
  public func run(
    _ systems: [any SplitSystem], observer: (any TrainingObserver)?
  ) throws -> [(results: [TaskResult], traffic: Traffic)] {
    var measures = systems.map { _ in tasks.measures(of: sample) }
    let annotations = try tasks.annotations(of: dataset)
    let traffic = try SystemRun(dataset)(systems, observer: observer) { index, batch in
      for answer in batch.answers {
        try NonFiniteAnswer.check(answer, samples: batch.samples, of: dataset.name)
      }
      measures[index].add(batch.answers, annotations.targets(samples: batch.samples))
    }
    return zip(measures, traffic).map { ($0.results, $1) }
  }

  /// Measures one split with several codecs between its parts.
  ///
  /// - Parameters:
  ///   - system: the split, with any codec.
  ///   - codecs: what writes the latent, with a name each.
  ///   - tables: what reading needs.
  ///   - latentBytes: bytes of the latent in single precision.
  /// - Returns: a row for each codec, and what it sends.
  /// - Throws: `CodecError` if a latent cannot be written, or what the data throw.
  public func coded(
    _ system: CodedSystem, codecs: [(name: String, codec: any LatentCodec)],
    tables: CodecTables = .none, latentBytes: Int, observer: (any TrainingObserver)?
  ) throws -> [(row: EvaluationReport.CodecComparison, traffic: Traffic)] {
    let systems = codecs.map {
      system.with(name: $0.name, family: system.family, codec: $0.codec, tables: tables)
    }
    return zip(codecs, try run(systems, observer: observer)).compactMap { codec, found in
      var row = EvaluationReport.CodecComparison(
        name: codec.name, accuracy: found.results.accuracy, stream: found.traffic.stream,
        latentBytes: latentBytes, tableBytes: tables.byteCount)
      row?.tasks = found.results
      return row.map { ($0, found.traffic) }
    }
  }

  /// How the tasks pull at a value; empty with fewer than two tasks.
  ///
  /// - Parameters:
  ///   - head: from transformed images to the value.
  ///   - tail: from the value to the outputs of the network the tasks were put on.
  /// - Throws: `DatasetError`.
  public func conflicts(
    head: (Tensor<Float>) -> Tensor<Float>, tail: Network
  ) throws -> [TaskConflict] {
    guard tasks.tasks.count > 1 else { return [] }
    let executor = NetworkExecutor(tail)
    let parameters = tail.constants(Float.self)
    let ranges = tasks.outputRanges(in: tail)
    let annotations = try tasks.annotations(of: dataset)
    var cosines: [[Int]: [Double]] = [:]
    try forEachBatch(observer: nil) { batch in
      let latent = head(batch.images)
      // The mean over a batch of one pulls as the sample itself does; a batch at once is as good,
      // as what its samples pull at are rows of their own.
      let gradients: [Tensor<Float>?] = tasks.tasks.indices.map { index in
        let input = Variable(latent, requiresGradient: true)
        let outputs = executor.run([input], parameters: parameters).outputs
        let targets = annotations.targets(samples: batch.samples)
        tasks.tasks[index].loss(Array(outputs[ranges[index]]), targets[index])?.backward()
        return input.gradient
      }
      for first in gradients.indices {
        for second in gradients.indices.dropFirst(first + 1) {
          guard let one = gradients[first], let other = gradients[second] else { continue }
          for row in 0..<batch.count {
            guard let cosine = TaskEvaluation.cosine(one, other, row: row) else { continue }
            cosines[[first, second], default: []].append(cosine)
          }
        }
      }
    }
    return cosines.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { pair, values in
      TaskConflict(tasks.tasks[pair[0]].name, tasks.tasks[pair[1]].name, cosines: values)
    }
  }

  /// The cosine between the rows of two tensors; nil if one is zero.
  private static func cosine(
    _ first: Tensor<Float>, _ second: Tensor<Float>, row: Int
  ) -> Double? {
    let length = first.count / first.shape[0]
    let (product, one, other) = first.withUnsafeBufferPointer { first in
      second.withUnsafeBufferPointer { second in
        var sums = (0.0, 0.0, 0.0)
        for index in row * length..<(row + 1) * length {
          sums.0 += Double(first[index]) * Double(second[index])
          sums.1 += Double(first[index]) * Double(first[index])
          sums.2 += Double(second[index]) * Double(second[index])
        }
        return sums
      }
    }
    guard one > 0, other > 0 else { return nil }
    return product / (one * other).squareRoot()
  }

  private func forEachBatch(
    observer: (any TrainingObserver)?, _ body: (ImageBatch) throws -> Void
  ) throws {
    let plan = try BatchPlan(
      sampleCount: dataset.count, batchSize: batchSize, seed: 0, shuffles: false)
    let stream = try BatchLoader(dataset: dataset, plan: plan, transform: inputTransform)
      .batches(epoch: 0)
    var done = 0
    while let batch = try stream.next() {
      try body(batch)
      done += batch.count
      observer?.progressed("evaluating", unit: "images", done: done, of: dataset.count)
    }
  }
}
