internal import ArchitectureSearch
internal import Autodiff
internal import Codecs
internal import Datasets
internal import Files
internal import Foundation
internal import Metrics
internal import Networks
internal import Splitting
internal import Tensors
internal import Training

/// A search under way: the distribution, what has been evaluated, and the table.
final class NASCSession {
  let space: BlockSpace

  private(set) var state: AlternatingSearch.State
  private(set) var history = SearchHistory()
  /// Steps of the shared weights.
  private(set) var stepCount = 0
  /// Those of them that were not of the warm-up.
  private var searchStepCount = 0

  private let configuration: NASCConfiguration
  private let setting: MethodSetting
  private let inputTransform: InputTransform
  private let classCount: Int
  private let imageShape: Shape
  private let search: AlternatingSearch

  private var measured: LatencyTable? { didSet { sums = nil } }
  private var sums: LatencySums?
  /// What runs a network; the networks themselves are not kept, as their parameters would be.
  private var executors: [BlockNetwork: NetworkExecutor] = [:]
  private var streamBytes: [Shape: Int] = [:]
  private var validationBatches: [(images: Tensor<Float>, labels: [Int32])]?

  /// Computes one candidate of several at a time, so that what comes out does not depend on how many
  /// there are.
  private let single = ThreadPool(threadCount: 1)

  private var pool: [Choice]?

  /// Points that are drawn at random for the weights to learn with, at most.
  private static let poolSize = 512

  /// Executors that are kept; the space may have far more networks.
  private static let mostExecutors = 4096

  init(
    _ space: BlockSpace, _ configuration: NASCConfiguration, _ setting: MethodSetting,
    inputTransform: InputTransform, classCount: Int, imageShape: Shape
  ) {
    self.space = space
    self.configuration = configuration
    self.setting = setting
    self.inputTransform = inputTransform
    self.classCount = classCount
    self.imageShape = imageShape
    search = AlternatingSearch(
      space: space.space, settings: ASNG.Settings(sampleCount: configuration.samples),
      steps: .max, trainingSampleCount: 1, seed: setting.seed)
    state = search.start
  }

  // MARK: - Networks

  /// The network of a description, its parameters zero.
  func built(_ blocks: BlockNetwork) throws(NetworkError) -> BlockNetwork.Built {
    try blocks.built(classes: classCount, inputShape: imageShape)
  }

  /// What runs the network of a description.
  private func executor(_ blocks: BlockNetwork) throws(NetworkError) -> NetworkExecutor {
    if let known = executors[blocks] { return known }
    if executors.count >= Self.mostExecutors { executors.removeAll(keepingCapacity: true) }
    let made = NetworkExecutor(try built(blocks).network)
    executors[blocks] = made
    return made
  }

  // MARK: - Latency

  /// The table, measured when it is first needed and never again.
  func table() throws -> LatencyTable {
    if let measured { return measured }
    let table = try LatencyTable.measure(space, classes: classCount, imageShape: imageShape) {
      setting.observer.progressed("measuring blocks", unit: "rounds", done: $0, of: $1)
    }
    measured = table
    return table
  }

  /// Takes up a table that was measured before.
  func adopt(_ table: LatencyTable) { measured = table }

  /// The bytes of a latent of a shape, as it is sent.
  private func bytes(of shape: Shape) throws -> Int {
    if let known = streamBytes[shape] { return known }
    let count = try configuration.codec.stream(Tensor(shape, repeating: 0)).count
    streamBytes[shape] = count
    return count
  }

  /// What crosses a split: the name of the value, and its bytes.
  func crossing(
    _ built: BlockNetwork.Built, at split: BlockSpace.Split
  ) throws -> (cut: String?, bytes: Int) {
    switch split {
    case .none: return (nil, 0)
    // The image as it is, a byte a value, as the report has it.
    case .input: return (nil, imageShape.elementCount)
    case .block(let block):
      let value = built.parts[built.cuts[block]].value
      return (value, try bytes(of: built.network.shapes[value] ?? []))
    }
  }

  private func latencySums() throws -> LatencySums {
    if let sums { return sums }
    let made = try LatencySums(
      table(), space, classes: classCount, imageShape: imageShape, link: setting.link,
      byteCount: bytes)
    sums = made
    return made
  }

  /// The latency of a point whose network is split somewhere, by the table.
  func latency(_ choice: Choice, _ split: BlockSpace.Split) throws -> Latency {
    latency(choice, split, try latencySums())
  }

  private func latency(
    _ choice: Choice, _ split: BlockSpace.Split, _ sums: LatencySums
  ) -> Latency {
    let places = space.places(of: choice)
    return sums.latency(operations: places.operations, shares: places.shares, split: split)
  }

  /// What the limit is of: the latency of the split network, or the time of all of it on the device.
  private func limited(_ choice: Choice, _ sums: LatencySums) -> Latency {
    latency(choice, space.split(of: choice) ?? .none, sums)
  }

  /// By how much a latency exceeds the limit, as a ratio of it.
  private func violation(_ latency: Latency) -> Double {
    Candidate.violation(
      of: latency.total.seconds, limit: configuration.latencyLimit.seconds)
  }

  /// By how much a point exceeds the limit, as a ratio of it.
  private func excess() throws -> (Choice) -> Double {
    let sums = try latencySums()
    return { self.violation(self.limited($0, sums)) }
  }

  /// Whether a point is within the limit.
  func isFeasible(_ choice: Choice) throws -> Bool { try excess()(choice) == 0 }

  /// Where the network of a point is fastest.
  func bestSplit(of choice: Choice) throws -> BlockSpace.Split {
    let sums = try latencySums()
    return space.splits.min {
      latency(choice, $0, sums).total < latency(choice, $1, sums).total
    } ?? .none
  }

  // MARK: - Steps

  /// A step of the shared weights and, unless candidates come at random or this is the warm-up, one of the
  /// distribution.
  ///
  /// - Returns: the loss of the training batch.
  func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    var loss = 0.0
    func train(_ choices: [Choice]) throws {
      for choice in choices {
        let executor = try executor(space.blocks(of: choice))
        let logits = executor.run(
          [Variable(batch.inputs)], parameters: pass.variables(of: executor),
          mode: .training(seed: pass.seed, frozenNodes: [])
        ).outputs[0]
        let mean = logits.crossEntropy(batch.labels) / Double(choices.count)
        mean.backward()
        loss += Double(mean.value.item)
      }
    }
    let isWarmup = pass.epoch < configuration.warmup
    if configuration.strategy == .random || isWarmup {
      let pool = try randomPool()
      var random = RandomSource(seed: pass.seed, purpose: "random architecture")
      try train([pool[random.index(below: pool.count)]])
      stepCount += 1
      if !isWarmup { searchStepCount += 1 }
      return loss
    }
    // Latency is a matter of the table: what is too slow is drawn again.
    let excess = try excess()
    let validation = try setting.data.validation()
    var random = RandomSource(seed: pass.seed, purpose: "validation batch")
    let indices = (0..<min(batch.count, validation.count)).map { _ in
      random.index(below: validation.count)
    }
    let images = try inputTransform(validation.pixels(at: indices))
    let labels = validation.labels(at: indices)
    try search.advance(state: &state, history: &history, excess: excess, train: train) { choices in
      let found = try self.measure(
        choices.map(space.blocks), on: [(images, labels)]
      ) { pass.variable(at: $0)?.value }
      return try self.candidates(choices, found, objective: { -$0.loss })
    }
    stepCount += 1
    searchStepCount += 1
    return loss
  }

  /// The best evaluation so far and the share of the last ones that was within the limit.
  var progress: (best: Candidate?, feasibleShare: Double?, entropyBits: Double?) {
    let progress = search.progress(of: state, history: history)
    return (progress.best, progress.feasibleShare, progress.meanEntropyBits)
  }

  // MARK: - Evaluation

  /// Accuracy and loss of a network.
  struct Quality {
    var accuracy: Double
    var loss: Double
  }

  private func candidates(
    _ choices: [Choice], _ qualities: [Quality], objective: (Quality) -> Double
  ) throws -> [Candidate] {
    let sums = try latencySums()
    return zip(choices, qualities).map { choice, quality in
      let latency = limited(choice, sums)
      return Candidate(
        choice: choice, objective: objective(quality), violation: violation(latency),
        figures: [
          "accuracy": quality.accuracy, "loss": quality.loss,
          "latency_ms": latency.total.milliseconds,
        ])
    }
  }

  /// Runs networks over batches, each on one thread and several at a time, batch norms with the
  /// statistics of the batch: those that are running belong to no network in particular.
  private func measure(
    _ networks: [BlockNetwork], on batches: [(images: Tensor<Float>, labels: [Int32])],
    parameter: (String) -> Tensor<Float>?
  ) throws -> [Quality] {
    let executors = try networks.map(executor)
    let parameters = executors.map { $0.parameterPaths.compactMap { parameter($0) } }
    var qualities = networks.map { _ in Quality(accuracy: 0, loss: 0) }
    let single = single
    let classCount = classCount
    qualities.withUnsafeMutableBufferPointer { target in
      // Each index is written by one thread.
      nonisolated(unsafe) let target = target
      ThreadPool.current.forEach(networks.count) { index in
        ThreadPool.$current.withValue(single) {
          var counts = ClassificationCounts(classCount: classCount)
          var loss = RunningMean()
          for batch in batches {
            let logits = executors[index].run(
              [Variable(batch.images)], parameters: parameters[index].map { Variable($0) },
              mode: .training(seed: 0, frozenNodes: [])
            ).outputs[0].value
            counts.accumulate(logits: logits, labels: batch.labels)
            loss.add(meanCrossEntropy(logits, batch.labels), weight: Double(batch.labels.count))
          }
          target[index] = Quality(accuracy: counts.accuracy ?? 0, loss: loss.mean ?? .nan)
        }
      }
    }
    return qualities
  }

  /// The validation images in whole batches, as many as the section allows.
  private func allValidation() throws -> [(images: Tensor<Float>, labels: [Int32])] {
    if let validationBatches { return validationBatches }
    let validation = try setting.data.validation()
    let size = min(256, validation.count)
    let count = max(1, min(configuration.images, validation.count) / size)
    let images = try setting.data.sample(count * size, of: validation, for: "nasc.images")
    // Batch norms take the statistics of a batch, which must not be of one class.
    var random = RandomSource(seed: setting.seed, purpose: "order of validation images")
    let order = random.permutation(images.count)
    let batches = try (0..<count).map { batch in
      let indices = order[batch * size..<(batch + 1) * size].map { $0 }
      return (try inputTransform(images.pixels(at: indices)), images.labels(at: indices))
    }
    validationBatches = batches
    return batches
  }

  /// Evaluates points on the validation images, several at a time, and keeps the outcomes.
  private func evaluate(
    _ choices: [Choice], with network: Network, as origin: SearchOrigin, task: String
  ) throws -> [SearchRecord] {
    let batches = try allValidation()
    let atOnce = 8
    var records: [SearchRecord] = []
    for begin in stride(from: 0, to: choices.count, by: atOnce) {
      let part = Array(choices[begin..<min(begin + atOnce, choices.count)])
      records += try history.evaluate(part, first: begin + 1, origin: origin) { part in
        let qualities = try measure(part.map(space.blocks), on: batches) { network.parameters[$0] }
        return try candidates(part, qualities, objective: \.accuracy)
      }
      setting.observer.progressed(
        task, unit: "networks", done: records.count, of: choices.count)
    }
    return records
  }

  /// The quality of the most probable point that is within the limit, on the validation images.
  func modeQuality(with network: Network) throws -> (choice: Choice, quality: Quality) {
    let choice = try finalMode().choice
    let quality = try measure([space.blocks(of: choice)], on: allValidation()) {
      network.parameters[$0]
    }[0]
    return (choice, quality)
  }

  private func finalMode() throws -> FinalChoice {
    let excess = try excess()
    do throws(ArchitectureSearchError) {
      return try search.finalChoice(of: state, constraint: excess)
    } catch {
      throw try nothingFeasible()
    }
  }

  private func nothingFeasible() throws -> NASCError {
    .nothingFeasible(
      limit: configuration.latencyLimit, fastest: try fastest(), device: isDeviceLimited)
  }

  private var isDeviceLimited: Bool { configuration.strategy == .splitUnaware }

  /// The least latency of the networks that have one operation everywhere, for a message.
  private func fastest() throws -> TimeSpan {
    var best = Double.infinity
    let sums = try latencySums()
    let splits = isDeviceLimited ? [BlockSpace.Split.none] : space.splits
    for operation in space.operations.indices {
      for share in space.bottlenecks.indices {
        let places = space.everywhere(operation: operation, share: share)
        for split in splits {
          let latency = sums.latency(
            operations: places.operations, shares: places.shares, split: split)
          best = min(best, latency.total.seconds)
        }
      }
    }
    return .seconds(best)
  }

  // MARK: - The choice

  /// What was chosen, and what chose it.
  struct Chosen {
    let choice: Choice
    let origin: String
    let accuracy: Double
    /// The best of all networks, if all were evaluated.
    var optimum: (choice: Choice, accuracy: Double)?
  }

  /// Chooses among the most probable point and the best ones of the search, or among points drawn at
  /// random, by their accuracy on the validation images.
  func choose(with network: Network) throws -> Chosen {
    // Of other weights, if this is not the first time.
    for origin in [SearchOrigin.final, .baseline] { history.remove(origin) }
    var proposals: [(choice: Choice, origin: String)] = []
    if configuration.strategy == .random {
      proposals = try randomProposals().map { ($0, "random") }
    } else {
      let mode = try finalMode()
      proposals = [(mode.choice, mode.origin.rawValue)]
      for record in history.shortlist(configuration.shortlist, from: .search)
      where record.candidate.isFeasible && record.choice != mode.choice {
        proposals.append((record.choice, "shortlist"))
      }
    }
    let records = try evaluate(
      proposals.map(\.choice), with: network, as: .final, task: "comparing the best")
    var best = 0
    for index in records.indices
    where CandidateOrder.isBetter(records[index].candidate, than: records[best].candidate) {
      best = index
    }
    var chosen = Chosen(
      choice: records[best].choice, origin: proposals[best].origin,
      accuracy: records[best].objective)
    if configuration.isExhaustive {
      chosen.optimum = try exhaust(with: network)
    }
    return chosen
  }

  /// Points within the limit that the weights learn with where no distribution draws them.
  ///
  /// Few points of a space may be within a limit, so that drawing each when it is needed could take
  /// longer than its training step.
  private func randomPool() throws -> [Choice] {
    if let pool { return pool }
    var random = RandomSource(seed: setting.seed, purpose: "random architectures")
    let drawn = RandomSearch(space: space.space, budget: Self.poolSize)
      .choices(using: &random, excess: try excess())
    guard !drawn.isEmpty else { throw try nothingFeasible() }
    pool = drawn
    return drawn
  }

  /// As many feasible points as have the images of the adaptive search.
  private func randomProposals() throws -> [Choice] {
    let perCandidate = try allValidation().reduce(0) { $0 + $1.labels.count }
    let inSearch = searchStepCount * configuration.samples * setting.training.batchSize
    var random = RandomSource(seed: setting.seed, purpose: "random search")
    let found = RandomSearch(
      space: space.space, budget: configuration.shortlist + 1 + inSearch / max(1, perCandidate)
    ).choices(using: &random, excess: try excess())
    guard !found.isEmpty else { throw try nothingFeasible() }
    return found
  }

  /// Evaluates every network once, at its fastest split, and finds the most accurate within the limit.
  private func exhaust(with network: Network) throws -> (choice: Choice, accuracy: Double)? {
    let choices = try (0..<(space.networks.count ?? 0)).map { index in
      let network = space.networks.point(at: index)
      return space.point(network, try bestSplit(of: network))
    }
    let records = try evaluate(
      choices, with: network, as: .baseline, task: "evaluating every network")
    let best = records.filter(\.candidate.isFeasible).max { $0.objective < $1.objective }
    return best.map { ($0.choice, $0.objective) }
  }

  // MARK: - Saving

  private struct Saved: Codable {
    var state: AlternatingSearch.State
    var history: SearchHistory
    var stepCount: Int
    var searchStepCount: Int
    var table: LatencyTable?
  }

  /// Everything that the search goes on from.
  func saved() throws -> MethodState {
    let document = try JSONEncoder().encode(
      Saved(
        state: state, history: history, stepCount: stepCount, searchStepCount: searchStepCount,
        table: measured))
    return MethodState(tensors: [:], document: String(decoding: document, as: UTF8.self))
  }

  func restore(_ saved: MethodState) throws {
    let read: Saved
    do { read = try JSONDecoder().decode(Saved.self, from: Data(saved.document.utf8)) } catch {
      throw NASCError.damaged("the saved state", reason: DecodingFlaw.words(error))
    }
    guard read.state.asng.space == space.space, read.state.seed == setting.seed else {
      throw NASCError.otherSearch
    }
    state = read.state
    history = read.history
    stepCount = read.stepCount
    searchStepCount = read.searchStepCount
    measured = read.table
  }

  /// A line of JSON for every evaluation.
  func records() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try history.records.map {
      String(decoding: try encoder.encode($0), as: UTF8.self) + "\n"
    }.joined()
  }
}
