internal import ArchitectureSearch
internal import Autodiff
internal import Codecs
internal import Datasets
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

  private let configuration: NASCConfiguration
  private let setting: MethodSetting
  private let inputTransform: InputTransform
  private let classCount: Int
  private let imageShape: Shape
  private let search: AlternatingSearch

  private var measured: LatencyTable?
  private var networks: [BlockNetwork: (built: BlockNetwork.Built, executor: NetworkExecutor)] = [:]
  private var sums: LatencySums?
  private var streamBytes: [Shape: Int] = [:]
  private var validationBatches: [(images: Tensor<Float>, labels: [Int32])]?

  /// Computes one candidate of several at a time, so that what comes out does not depend on how many
  /// there are.
  private let single = ThreadPool(threadCount: 1)

  /// Networks that are kept; the space may have far more.
  private static let mostNetworks = 4096

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

  /// The network of a description, and what runs it.
  func network(
    _ blocks: BlockNetwork
  ) throws(NetworkError) -> (built: BlockNetwork.Built, executor: NetworkExecutor) {
    if let known = networks[blocks] { return known }
    let built = try blocks.built(classes: classCount, inputShape: imageShape)
    if networks.count >= Self.mostNetworks { networks.removeAll(keepingCapacity: true) }
    let made = (built, NetworkExecutor(built.network))
    networks[blocks] = made
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

  /// What crosses a split: the name of the value, its bytes, and how many parts are before it.
  func crossing(
    _ built: BlockNetwork.Built, at split: BlockSpace.Split
  ) throws -> (cut: String?, bytes: Int, deviceParts: Int) {
    switch split {
    case .none: return (nil, 0, built.parts.count)
    case .input: return (nil, try bytes(of: imageShape), 0)
    case .block(let block):
      let part = built.cuts[block]
      let value = built.parts[part].value
      return (value, try bytes(of: built.network.shapes[value] ?? []), part + 1)
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
    let places = space.places(of: choice)
    return try latencySums().latency(
      operations: places.operations, shares: places.shares, split: split)
  }

  /// What the limit is of: the latency of the split network, or the time of all of it on the device.
  private func limited(_ choice: Choice) throws -> Latency {
    try latency(choice, space.split(of: choice) ?? .none)
  }

  /// By how much a point exceeds the limit, as a ratio of it.
  func violation(_ choice: Choice) throws -> Double {
    Candidate.violation(
      of: try limited(choice).total.seconds, limit: configuration.latencyLimit.seconds)
  }

  /// Where a network is fastest.
  func bestSplit(of choice: Choice) throws -> BlockSpace.Split {
    var best: (split: BlockSpace.Split, seconds: Double)?
    for split in space.splits {
      let seconds = try latency(choice, split).total.seconds
      if best.map({ seconds < $0.seconds }) ?? true { best = (split, seconds) }
    }
    return best?.split ?? .none
  }

  // MARK: - Steps

  /// A step of the shared weights and, unless candidates come at random, one of the distribution.
  ///
  /// - Returns: the loss of the training batch.
  func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    var loss = 0.0
    func train(_ choices: [Choice]) throws {
      for choice in choices {
        let executor = try network(space.blocks(of: choice)).executor
        let logits = executor.run(
          [Variable(batch.inputs)], parameters: pass.variables(of: executor),
          mode: .training(seed: pass.seed, frozenNodes: [])
        ).outputs[0]
        let mean = logits.crossEntropy(batch.labels) / Double(choices.count)
        mean.backward()
        loss += Double(mean.value.item)
      }
    }
    // Latency is a matter of the table: what is too slow is drawn again.
    _ = try latencySums()
    let excess: (Choice) -> Double = { (try? self.violation($0)) ?? .infinity }
    if configuration.strategy == .random {
      var random = RandomSource(seed: pass.seed, purpose: "random architecture")
      var choice = space.space.uniformChoice(using: &random)
      for _ in 1..<AlternatingSearch.mostDraws where excess(choice) > 0 {
        choice = space.space.uniformChoice(using: &random)
      }
      try train([choice])
      stepCount += 1
      return loss
    }
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
    try zip(choices, qualities).map { choice, quality in
      let latency = try limited(choice)
      return Candidate(
        choice: choice, objective: objective(quality), violation: try violation(choice),
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
    let executors = try networks.map { try network($0).executor }
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
    let batches = try (0..<count).map { batch in
      let indices = Array(batch * size..<(batch + 1) * size)
      return (try inputTransform(validation.pixels(at: indices)), validation.labels(at: indices))
    }
    validationBatches = batches
    return batches
  }

  /// Evaluates points on the validation images, several at a time, and keeps the outcomes.
  private func evaluate(
    _ choices: [Choice], with network: Network, as origin: SearchOrigin, task: String
  ) throws -> [SearchRecord] {
    let batches = try allValidation()
    let count = 8
    var records: [SearchRecord] = []
    for begin in stride(from: 0, to: choices.count, by: count) {
      let part = Array(choices[begin..<min(begin + count, choices.count)])
      let clock = ContinuousClock()
      let start = clock.now
      let qualities = try measure(part.map(space.blocks), on: batches) { network.parameters[$0] }
      let seconds = (clock.now - start) / .seconds(1) / Double(part.count)
      for candidate in try candidates(part, qualities, objective: \.accuracy) {
        let record = SearchRecord(
          step: records.count + 1, candidate: candidate, seconds: seconds, origin: origin)
        history.append(record)
        records.append(record)
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
    // The closure of the search cannot throw; the table is there by now.
    _ = try table()
    do {
      return try search.finalChoice(of: state) { choice in
        (try? self.violation(choice)) ?? .infinity
      }
    } catch {
      throw NASCError.nothingFeasible(
        limit: configuration.latencyLimit, fastest: try fastest(), device: isDeviceLimited)
    }
  }

  private var isDeviceLimited: Bool { configuration.strategy == .splitUnaware }

  /// The least latency of the networks that have one operation everywhere, for a message.
  private func fastest() throws -> TimeSpan {
    var best = Double.infinity
    let sums = try latencySums()
    let splits = isDeviceLimited ? [BlockSpace.Split.none] : space.splits
    for operation in space.operations.indices {
      for share in space.bottlenecks.indices {
        for split in splits {
          let latency = sums.latency(
            operations: space.outline.stages.flatMap { $0.operations.map { _ in operation } },
            shares: space.outline.stages.map { _ in share }, split: split)
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

  /// As many feasible points as have the images of the adaptive search.
  private func randomProposals() throws -> [Choice] {
    let batches = try allValidation()
    let perCandidate = batches.reduce(0) { $0 + $1.labels.count }
    let inSearch =
      setting.training.totalEpochs * stepsPerEpoch * configuration.samples
      * setting.training.batchSize
    let budget = configuration.shortlist + 1 + inSearch / max(1, perCandidate)
    var random = RandomSource(seed: setting.seed, purpose: "random search")
    var found: [Choice] = []
    var seen: Set<Choice> = []
    // Latency is a matter of the table, so that drawing again costs no image.
    for _ in 0..<budget * 1000 where found.count < budget {
      let choice = space.space.uniformChoice(using: &random)
      if seen.insert(choice).inserted, try violation(choice) == 0 { found.append(choice) }
    }
    guard !found.isEmpty else {
      throw NASCError.nothingFeasible(
        limit: configuration.latencyLimit, fastest: try fastest(), device: false)
    }
    return found
  }

  private var stepsPerEpoch: Int {
    let count = (try? setting.data.train().count) ?? 0
    return (count + setting.training.batchSize - 1) / setting.training.batchSize
  }

  /// Evaluates every network once, at its fastest split, and finds the most accurate within the limit.
  private func exhaust(with network: Network) throws -> (choice: Choice, accuracy: Double)? {
    let total = space.networkCount ?? .max
    guard total <= NASCConfiguration.exhaustiveLimit else {
      throw NASCError.tooManyNetworks(total, most: NASCConfiguration.exhaustiveLimit)
    }
    var fastest: [BlockNetwork: (choice: Choice, seconds: Double)] = [:]
    var order: [BlockNetwork] = []
    for index in 0..<(space.space.count ?? 0) {
      let choice = space.space.point(at: index)
      let blocks = space.blocks(of: choice)
      let seconds = try limited(choice).total.seconds
      if let known = fastest[blocks] {
        if seconds < known.seconds { fastest[blocks] = (choice, seconds) }
      } else {
        order.append(blocks)
        fastest[blocks] = (choice, seconds)
      }
    }
    let records = try evaluate(
      order.compactMap { fastest[$0]?.choice }, with: network, as: .baseline,
      task: "evaluating every network")
    let best = records.filter(\.candidate.isFeasible).max { $0.objective < $1.objective }
    return best.map { ($0.choice, $0.objective) }
  }

  // MARK: - Saving

  private struct Saved: Codable {
    var state: AlternatingSearch.State
    var history: SearchHistory
    var stepCount: Int
    var table: LatencyTable?
  }

  /// Everything that the search goes on from.
  func saved() throws -> MethodState {
    let document = try JSONEncoder().encode(
      Saved(state: state, history: history, stepCount: stepCount, table: measured))
    return MethodState(tensors: [:], document: String(decoding: document, as: UTF8.self))
  }

  func restore(_ saved: MethodState) throws {
    let read = try JSONDecoder().decode(Saved.self, from: Data(saved.document.utf8))
    guard read.state.asng.space == space.space, read.state.seed == setting.seed else {
      throw NASCError.otherSearch
    }
    state = read.state
    history = read.history
    stepCount = read.stepCount
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
