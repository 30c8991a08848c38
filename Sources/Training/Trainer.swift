internal import Autodiff
public import Checkpoints
public import Datasets
internal import EventLog
internal import Files
internal import Foundation
public import Networks
internal import Splitting
internal import Tensors

/// The training loop: steps, validation, the best epoch, saving, and going on exactly.
public struct Trainer {
  /// What the names of a method's own tensors begin with in a checkpoint.
  fileprivate static let methodPrefix = "method."
  /// The document of a checkpoint that holds a method's own state.
  fileprivate static let methodDocument = "method_state"

  private let method: any Method
  private let configuration: TrainingConfiguration
  private let seed: UInt64
  private let data: DataProvider
  private let directory: RunDirectory
  private let provenance: Provenance
  private let observer: any TrainingObserver
  private let isInterrupted: () -> Bool
  private let cut: CutWatch
  private let processes: any ProcessGroup

  /// What training came to.
  public struct Outcome {
    /// The network of the best epoch.
    public let network: Network
    /// The finished epochs.
    public let history: [EpochRecord]
    /// The best epoch, counted from 1; 0 if there was none.
    public let bestEpoch: Int
    /// Whether early stopping ended training.
    public let stoppedEarly: Bool
    /// Seconds spent in epochs, without setting up.
    public let seconds: Double
  }

  /// Creates a trainer.
  ///
  /// - Parameters:
  ///   - method: what is trained.
  ///   - setting: the same the method was made with.
  ///   - directory: where the run is written.
  ///   - provenance: what is written into its checkpoints.
  ///   - watchedImages: images of which the event file shows what crosses the cut.
  ///   - isInterrupted: asked after each step; true saves the state and ends the run.
  public init(
    _ method: any Method, setting: MethodSetting, directory: RunDirectory, provenance: Provenance,
    watchedImages: ImageDataset? = nil,
    isInterrupted: @escaping () -> Bool = { false }
  ) {
    self.method = method
    var configuration = setting.training
    if !type(of: method).trains { configuration.epochs = 0 }
    self.configuration = configuration
    seed = setting.seed
    data = setting.data
    self.directory = directory
    self.provenance = provenance
    observer = setting.observer
    self.isInterrupted = isInterrupted
    processes = setting.processes
    cut = CutWatch(method, watchedImages)
  }

  /// Trains to the end, from the beginning or from where the directory's last checkpoint is.
  ///
  /// Of several processes every one runs this, in a directory that all of them see; the first writes it.
  ///
  /// - Parameters:
  ///   - resumes: whether to go on from the last checkpoint, if there is one.
  ///   - allowsChanges: whether to go on with other data than before, and say so.
  /// - Throws: ``TrainingError``, or what the method or the files give.
  public func run(resumes: Bool, allowsChanges: Bool = false) throws -> Outcome {
    if processes.count > 1, try method.savedState() != nil {
      throw TrainingError.notShared
    }
    var loop = try Loop(method: method, configuration: configuration, processes)
    let identity = try DataIdentity(of: data)
    if resumes, directory.hasLast {
      try loop.restore(from: directory)
      try check(identity, is: loop.state.data, allowsChanges: allowsChanges)
    }
    loop.state.data = identity
    loop.state.origins = RunOrigins(provenance)
    processes.wait()
    if processes.isFirst { try directory.rewriteMetrics(loop.state.history) }
    if !loop.state.isFinished {
      if loop.state.epoch < configuration.totalEpochs {
        let source = try method.trainingBatches()
        var events =
          processes.isFirst
          ? try TensorBoardWriter(
            directory: directory.path,
            resumingAfter: resumes ? loop.state.history.last?.step : nil) : nil
        while try endStages(&loop), !loop.state.isFinished {
          let record = try runEpoch(&loop, source)
          try write(record, loop, to: &events)
          loop.watched = []
          observer.finishedEpoch(record)
        }
      }
      loop.state.isFinished = true
      try save(loop, as: .last)
    }
    return Outcome(
      network: try best(of: loop), history: loop.state.history,
      // A last stage without epochs leaves the best of the one before.
      bestEpoch: loop.state.bestEpoch.map { $0 + 1 }
        ?? loop.state.history.last { $0.isBest }?.epoch ?? 0,
      stoppedEarly: loop.state.stoppedEarly, seconds: loop.state.seconds)
  }

  /// Checks that the data are those of a saved state, if it tells.
  private func check(
    _ identity: DataIdentity, is saved: DataIdentity?, allowsChanges: Bool
  ) throws(TrainingError) {
    let file = directory.path(of: .last)
    guard let saved else {
      observer.noted("\(file) does not tell which data it was trained with: they are not compared")
      return
    }
    let differences = identity.differences(from: saved)
    guard !differences.isEmpty else { return }
    guard allowsChanges else { throw .otherData(file: file, differences: differences) }
    observer.noted("other data than before: \(differences.joined(separator: "; "))")
  }

  /// The network with the parameters of the stage's best epoch, or as they are if there was none.
  private func best(of loop: Loop) throws -> Network {
    var network = try loop.parameters.currentNetwork()
    // Until the first process has written it.
    processes.wait()
    if loop.state.bestEpoch != nil {
      try network.setParameters(try Checkpoint.read(directory.path(of: .best)).network.parameters)
    }
    return network
  }

  private func write(
    _ record: EpochRecord, _ loop: Loop, to writer: inout TensorBoardWriter?
  ) throws {
    guard var events = writer.take() else { return }
    events.add("train/loss", record.trainLoss, step: record.step)
    events.add("train/learning_rate", record.learningRate, step: record.step)
    for (name, value) in record.validation.values.sorted(by: { $0.key < $1.key }) {
      if let value { events.add("validation/\(name)", value, step: record.step) }
    }
    for (name, values) in loop.watched {
      events.add(name, histogramOf: values.scalars, step: record.step)
    }
    cut.record(try loop.parameters.currentNetwork(), into: &events, step: record.step)
    try events.flush()
    writer = consume events
  }

  /// Goes on to the first stage that has epochs left; whether there is one.
  ///
  /// A stage begins with the best parameters of the one before.
  private func endStages(_ loop: inout Loop) throws -> Bool {
    while loop.isStageOver {
      guard loop.state.stage + 1 < configuration.stageCount else { return false }
      try loop.beginStage(from: try best(of: loop))
      try save(loop, as: .last)
    }
    return true
  }

  private func runEpoch(_ loop: inout Loop, _ source: any BatchSource) throws -> EpochRecord {
    let clock = ContinuousClock()
    var noted = clock.now
    // The time of the epoch goes on where an interrupted run has left it.
    func noteTime(_ state: inout TrainingState) {
      state.epochSeconds += (clock.now - noted) / .seconds(1)
      noted = clock.now
    }
    var saved = noted
    let epoch = loop.state.epoch
    let stage = loop.stage
    let batches = source.batchesPerEpoch
    let extent = LearningRateSchedule.Extent(
      stepsPerEpoch: batches, epochs: max(1, stage.epochs))
    let sequence = source.batches(epoch: epoch, from: loop.state.nextBatch)
    var lastBatch = (index: loop.state.nextBatch - 1, samples: [Int]())
    while let batch = try sequence.next() {
      let rate = loop.learningRate(extent, step: loop.state.step)
      lastBatch = (batch.index, batch.samples)
      let done = try step(
        &loop, batch,
        of: min(
          configuration.batchSize, source.sampleCount - batch.index * configuration.batchSize),
        learningRate: rate, isWatched: batch.index == batches - 1
      ) { configuration.saveEvery.map { clock.now - saved >= .seconds($0.seconds) } ?? false }
      loop.state.loss.add(done.loss, weight: done.samples)
      loop.state.nextBatch = batch.index + 1
      loop.state.step += 1
      observer.stepped(
        StepProgress(
          epoch: epoch, epochs: configuration.totalEpochs, batch: batch.index + 1, batches: batches,
          loss: loop.state.loss.mean ?? done.loss, learningRate: rate, fields: method.stepFields))
      guard done.isInterrupted || done.saves else { continue }
      noteTime(&loop.state)
      try checkParameters(&loop, lastBatch)
      try save(loop, as: .last)
      if done.isInterrupted {
        throw TrainingError.interrupted(saved: directory.path(of: .last))
      }
      saved = clock.now
    }

    try checkParameters(&loop, lastBatch)
    let rate = loop.learningRate(extent, step: loop.state.step - 1)
    let metrics = try processes.broadcast {
      try method.validate(try loop.parameters.currentNetwork(), inStage: loop.state.stage)
    }
    let monitored = try monitored(metrics, of: stage)
    note(metrics.reasons, &loop)
    let isBest = loop.isBetter(monitored)
    if isBest {
      loop.state.best = monitored
      loop.state.bestEpoch = epoch
    }
    let mode = stage.monitorMode
    stage.schedule.observe(
      monitored, base: stage.optimizer.learningRate, naturalMode: mode,
      state: &loop.state.plateau)
    noteTime(&loop.state)
    let seconds = loop.state.epochSeconds
    let names = type(of: method).stages
    let record = EpochRecord(
      stage: names.count > 1 ? names[loop.state.stage] : nil, epoch: epoch + 1,
      step: loop.state.step, trainLoss: loop.state.loss.mean ?? 0,
      learningRate: rate, validation: ValidationMetrics(metrics.values), seconds: seconds,
      isBest: isBest)
    loop.state.history.append(record)
    loop.state.seconds += seconds
    loop.state.epochSeconds = 0
    loop.state.epoch += 1
    loop.state.nextBatch = 0
    loop.state.loss = RunningMean()
    if let stopping = stage.earlyStopping,
      stopping.observe(monitored, naturalMode: mode, state: &loop.state.earlyStopping)
    {
      loop.state.stoppedEarly = true
    }
    if isBest { try save(loop, as: .best) }
    try save(loop, as: .last)
    if processes.isFirst { try directory.append(record) }
    return record
  }

  /// The metric that a stage is judged by.
  ///
  /// - Throws: ``TrainingError`` if it is not measured, or not defined.
  private func monitored(
    _ metrics: ValidationMetrics, of stage: TrainingConfiguration
  ) throws(TrainingError) -> Double {
    let name = stage.monitor
    guard metrics.values.keys.contains(name) else {
      throw .unknownMetric(name: name, known: Array(metrics.values.keys))
    }
    guard let value = metrics[name] else {
      throw .undefinedMetric(
        name: name, reason: metrics.reasons[name],
        defined: type(of: method).monitors.filter { metrics[$0] != nil })
    }
    return value
  }

  /// Tells which metrics are not defined, each once.
  private func note(_ reasons: [String: String], _ loop: inout Loop) {
    guard processes.isFirst else { return }
    for (name, reason) in reasons.sorted(by: { $0.key < $1.key })
    where loop.undefined.insert(name).inserted {
      observer.noted("validation, \(name): \(reason)")
    }
  }

  /// What a step came to.
  private struct StepOutcome {
    /// The loss before it.
    var loss: Double
    /// The samples of its batch.
    var samples: Double
    /// Whether someone asked to stop.
    var isInterrupted: Bool
    /// Whether it is time to save.
    var saves: Bool
  }

  /// One step.
  ///
  /// - Parameters:
  ///   - whole: the samples of the batch in all processes.
  ///   - isDue: whether it is time to save, which the first process decides.
  private func step(
    _ loop: inout Loop, _ batch: TrainingBatch, of whole: Int, learningRate: Double,
    isWatched: Bool, isDue: () -> Bool
  ) throws -> StepOutcome {
    func fail(_ what: String, _ value: Double) -> TrainingError {
      notFinite(what, value, loop, step: loop.state.step + 1, (batch.index, batch.samples))
    }
    var random = RandomSource(seed: seed, purpose: "training step", index: loop.state.step)
    // What is drawn for one process's samples is not drawn again for another's.
    for _ in 0..<processes.rank { _ = random.next() }
    // A batch that is not divided is computed by all, each for a part of the gradient.
    let weight = processes.count > 1 && batch.count == whole ? 1 / Double(processes.count) : 1
    let samples = Double(batch.count) * weight
    let reduction = loop.reduction
    reduction?.begin(samples: samples)
    var gradients: [Tensor<Float>?] = []
    var statistics: [(parameter: Int, value: Tensor<Float>)] = []
    var done = StepOutcome(loss: 0, samples: samples, isInterrupted: false, saves: false)
    do {
      // The pass holds the parameters; it has to be gone before they are updated in place.
      let pass = loop.parameters.pass(
        epoch: loop.state.epoch, stage: loop.state.stage, seed: random.next(),
        isWatched: isWatched,
        reduction: configuration.synchronizesBatchNorm && reduction != nil
          ? WeightedReduction(base: processes, weight: weight) : nil,
        received: reduction.map { reduction in { reduction.add($1, of: $0) } })
      done.loss = try method.step(batch, pass)
      guard done.loss.isFinite else { throw fail("the loss", done.loss) }
      gradients = pass.gradients
      statistics = pass.statistics
      if isWatched { loop.watched = pass.watched }
    }
    if let reduction {
      let totals = reduction.finish(
        loss: done.loss, signals: [isInterrupted() ? 1 : 0, processes.isFirst && isDue() ? 1 : 0])
      gradients = totals.gradients
      done = StepOutcome(
        loss: totals.loss, samples: totals.samples, isInterrupted: totals.signals[0] > 0,
        saves: totals.signals[1] > 0)
    }
    let norm =
      loop.stage.clipNorm.map { GradientClipping.clipByNorm(&gradients, maximum: $0) }
      ?? GradientClipping.norm(of: gradients)
    guard norm.isFinite else { throw fail("the gradient's norm", norm) }
    loop.parameters.update(gradients, statistics, learningRate: learningRate)
    if reduction == nil {
      done.isInterrupted = isInterrupted()
      done.saves = isDue()
    }
    return done
  }

  /// Keeps a state that cannot be gone on from out of the checkpoints: the last update may have
  /// gone beyond all bounds although the loss before it had not, or processes may have come apart.
  private func checkParameters(
    _ loop: inout Loop, _ batch: (index: Int, samples: [Int])
  ) throws(TrainingError) {
    guard loop.parameters.agree(processes) else { throw .processesDisagree(step: loop.state.step) }
    guard let found = loop.parameters.notFinite() else { return }
    throw notFinite(
      "the norm of \(found.path)", found.norm, loop, step: loop.state.step, batch)
  }

  private func notFinite(
    _ what: String, _ value: Double, _ loop: Loop, step: Int, _ batch: (index: Int, samples: [Int])
  ) -> TrainingError {
    .notFinite(
      what: what, value: value, step: step, epoch: loop.state.epoch + 1, batch: batch.index + 1,
      samples: batch.samples, lastGood: directory.hasLast ? directory.path(of: .last) : nil)
  }

  private func save(_ loop: Loop, as kind: RunDirectory.Kind) throws {
    guard processes.isFirst else { return }
    var facts = provenance
    if let best = loop.state.best { facts.figures["validation_\(loop.stage.monitor)"] = best }
    facts.figures["epoch"] = Double(loop.state.epoch)
    var checkpoint = Checkpoint(
      network: try loop.parameters.currentNetwork(), inputTransform: method.inputTransform,
      imageSizing: data.imageSizing, provenance: facts)
    try checkpoint.setClasses(of: method, on: data)
    if kind == .last {
      checkpoint.tensors = loop.parameters.optimizer.state
      checkpoint.documents[RunDirectory.stateDocument] = try loop.stateDocument()
      if let lived = try method.savedState() {
        checkpoint.documents[Trainer.methodDocument] = lived.document
        for (name, value) in lived.tensors {
          checkpoint.tensors[Trainer.methodPrefix + name] = value
        }
      }
    }
    try checkpoint.write(to: directory.path(of: kind))
  }
}

/// The parameters, the optimizer and the counters of a run under way.
private struct Loop {
  var state = TrainingState()
  var parameters: TrainedParameters
  /// What the last step of the epoch has shown.
  var watched: [(name: String, values: Tensor<Float>)] = []

  /// The metrics that were told not to be defined.
  var undefined: Set<String> = []

  /// Makes gradients those of all processes; nil for one alone.
  private(set) var reduction: GradientReduction?

  private let method: any Method
  private let configuration: TrainingConfiguration
  private let processes: any ProcessGroup

  init(
    method: any Method, configuration: TrainingConfiguration, _ processes: any ProcessGroup
  ) throws {
    self.method = method
    self.configuration = configuration
    self.processes = processes
    parameters = try Loop.parameters(method, configuration, stage: 0, from: method.network)
    prepareReduction()
  }

  private mutating func prepareReduction() {
    guard processes.count > 1 else { return }
    reduction = GradientReduction(processes, shapes: parameters.gradientShapes)
  }

  /// What holds in the stage under way.
  var stage: TrainingConfiguration { configuration.stage(state.stage) }

  /// Whether the stage under way has come to its end.
  var isStageOver: Bool {
    state.stoppedEarly || state.epoch - state.stageStart.epoch >= stage.epochs
  }

  private static func parameters(
    _ method: any Method, _ configuration: TrainingConfiguration, stage: Int, from network: Network
  ) throws -> TrainedParameters {
    try TrainedParameters(
      network, freezing: method.freezing(inStage: stage),
      optimizer: configuration.stage(stage).optimizer, outputs: method.outputs(inStage: stage))
  }

  /// Goes on to the next stage from the parameters of a network, with a new optimizer.
  mutating func beginStage(from network: Network) throws {
    state.beginStage()
    parameters = try Loop.parameters(method, configuration, stage: state.stage, from: network)
    prepareReduction()
  }

  func learningRate(_ extent: LearningRateSchedule.Extent, step: Int) -> Double {
    stage.schedule.learningRate(
      base: stage.optimizer.learningRate, step: step - state.stageStart.step, extent: extent,
      plateau: state.plateau)
  }

  func isBetter(_ metric: Double) -> Bool {
    guard metric.isFinite else { return false }
    guard let best = state.best else { return true }
    return stage.monitorMode == .maximum ? metric > best : metric < best
  }

  func stateDocument() throws -> String {
    var state = state
    state.optimizerSteps = parameters.optimizer.stepCount
    return try state.document()
  }

  mutating func restore(from directory: RunDirectory) throws {
    let file = directory.path(of: .last)
    let checkpoint = try Checkpoint.read(file)
    guard checkpoint.network.graph == parameters.network.graph else {
      throw TrainingError.incompatibleState(
        file: file, reason: "it holds another network than the recipe describes")
    }
    guard let document = checkpoint.documents[RunDirectory.stateDocument] else {
      throw TrainingError.incompatibleState(file: file, reason: "it holds no training state")
    }
    func failure(_ error: any Error) -> TrainingError {
      .incompatibleState(file: file, reason: DecodingFlaw.words(error))
    }
    do { state = try TrainingState(document: document) } catch { throw failure(error) }
    guard (0..<configuration.stageCount).contains(state.stage) else {
      throw TrainingError.incompatibleState(
        file: file,
        reason: "it is in stage \(state.stage + 1), the recipe has \(configuration.stageCount)")
    }
    parameters = try Loop.parameters(
      method, configuration, stage: state.stage, from: parameters.network)
    let prefix = Trainer.methodPrefix
    do {
      try parameters.optimizer.restore(
        checkpoint.tensors.filter { !$0.key.hasPrefix(prefix) }, stepCount: state.optimizerSteps)
      if let document = checkpoint.documents[Trainer.methodDocument] {
        let own = checkpoint.tensors.filter { $0.key.hasPrefix(prefix) }.map {
          (String($0.key.dropFirst(prefix.count)), $0.value)
        }
        try method.restore(
          MethodState(
            tensors: Dictionary(uniqueKeysWithValues: own), document: document))
      }
    } catch { throw failure(error) }
    parameters.restore(checkpoint.network)
    prepareReduction()
  }
}
