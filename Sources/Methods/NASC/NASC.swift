internal import ArchitectureSearch
internal import Autodiff
internal import Codecs
internal import Datasets
internal import Files
internal import Foundation
internal import Metrics
public import Networks
internal import Splitting
public import Tensors
public import Training

/// A search of a network's blocks, its bottlenecks and the place to split it, together, under a limit of
/// latency.
///
/// All networks of the space share their weights. A step trains those of one network on a training batch,
/// then compares λ networks on a validation batch and moves the distribution they are drawn from
/// (`ASNG`); those within the limit come before those that are not. Latencies come from a table that is
/// measured once. What is found is trained anew, which `cleave search` does. Source: NASC,
/// https://arxiv.org/abs/2208.13968.
///
/// Deviation: a network beyond the limit, which the table tells, ranks behind without being evaluated,
/// and another is drawn in its place; the final choice is among the most probable network and a short
/// list of the best of the search, all evaluated on the validation images with the weights of the end.
public struct NASC: Method {
  /// `nasc`.
  public static let name = "nasc"

  /// What the method does, in one sentence.
  public static let summary =
    "search blocks, bottlenecks and the split of a network under a limit of latency"

  /// `steps`: the weights that belong to the distribution are the last ones.
  public static let monitors = ["steps"]

  /// The network of all choices at once.
  public let network: Network

  /// Nothing.
  public let freezing: Freezing

  /// What pixels go through first.
  public let inputTransform: InputTransform

  /// None.
  public var parents: [String] { [] }

  private let configuration: NASCConfiguration
  private let setting: MethodSetting
  private let session: NASCSession
  private var chosen: Outcome?

  /// Builds the space of a recipe's blocks.
  ///
  /// - Throws: what keeps the data from being read, or a message on what the recipe lacks.
  public init(_ configuration: NASCConfiguration, _ setting: MethodSetting) throws {
    guard let outline = setting.network.blocks else { throw NASCError.blocksNeeded }
    guard setting.network.cut == nil else { throw NASCError.cutGiven }
    guard setting.link.loss == 0, setting.link.noise == 0 else { throw NASCError.lossyLink }
    guard setting.training.monitor == "steps" else {
      throw NASCError.monitor(setting.training.monitor)
    }
    let test = try setting.data.test()
    let classes = setting.network.classes ?? test.classNames.count
    let space = try BlockSpace(outline, configuration)
    if configuration.isExhaustive {
      let count = space.networks.count ?? .max
      if count > NASCConfiguration.exhaustiveLimit {
        throw NASCError.tooManyNetworks(count, most: NASCConfiguration.exhaustiveLimit)
      }
    }
    var network = try outline.union(
      of: space.operations, bottlenecks: space.bottlenecks, classes: classes,
      inputShape: test.imageShape)
    network.initializeParameters(seed: setting.seed)
    self.network = network
    freezing = .none(network)
    inputTransform = setting.network.input ?? .identity
    session = NASCSession(
      space, configuration, setting, inputTransform: inputTransform, classCount: classes,
      imageShape: test.imageShape)
    if let file = configuration.latencyTable {
      session.adopt(
        try LatencyTable(
          contentsOf: file, for: space, classes: classes, imageShape: test.imageShape))
    }
    self.configuration = configuration
    self.setting = setting
  }

  /// Training images whose statistics a batch norm of the found network takes: so many batches of so many.
  private static let statisticsBatch = 128
  private static let statisticsBatches = 50

  // MARK: - The search

  /// Transformed and augmented training images.
  public func trainingBatches() throws -> any BatchSource {
    _ = try session.table()
    return try setting.trainingImages(through: inputTransform)
  }

  /// Trains the weights of a network that is drawn, and moves the distribution.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    try session.step(batch, pass)
  }

  /// The best candidate so far and the share of the last ones within the limit.
  public var stepFields: [StepProgress.Field] {
    let progress = session.progress
    var fields: [StepProgress.Field] = []
    if let best = progress.best, let accuracy = best.figures["accuracy"] {
      fields.append(
        StepProgress.Field(
          best.isFeasible ? "best" : "best (too slow)",
          "\(Int((100 * accuracy).rounded())) % in "
            + "\(TimeSpan.milliseconds(best.figures["latency_ms"] ?? 0))"))
    }
    if let share = progress.feasibleShare {
      fields.append(StepProgress.Field("within the limit", "\(Int((100 * share).rounded())) %"))
    }
    return fields
  }

  /// The steps done, and `accuracy` and `loss` of the most probable network within the limit on the
  /// validation images, its latency in ms, the share of the last candidates within the limit, and the
  /// bits of the distribution in a dimension.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    let mode = try session.modeQuality(with: network)
    var metrics: ValidationMetrics = [
      "steps": Double(session.stepCount), "accuracy": mode.quality.accuracy,
      "loss": mode.quality.loss,
    ]
    // Candidates that come at random tell nothing before the end.
    if configuration.strategy == .random { return metrics }
    metrics["latency_ms"] =
      try session.latency(mode.choice, session.space.split(of: mode.choice) ?? .none)
      .total.milliseconds
    let progress = session.progress
    metrics["feasible"] = progress.feasibleShare
    metrics["entropy_bits"] = progress.entropyBits
    return metrics
  }

  /// What the search has lived through.
  public func savedState() throws -> MethodState? { try session.saved() }

  /// Takes up what the search has lived through.
  public func restore(_ state: MethodState) throws { try session.restore(state) }

  // MARK: - The choice

  /// What was chosen, as the run keeps it.
  private struct Outcome: Codable {
    var report: ArchitectureSearchReport
    var table: LatencyTable
  }

  /// Compares the best on the validation images.
  public mutating func choose(for network: Network) throws -> String? {
    let chosen = try session.choose(with: network)
    let table = try session.table()
    let space = session.space
    func describe(
      _ choice: Choice, accuracy: Double?
    ) throws -> ArchitectureSearchReport.Architecture {
      let split = try space.split(of: choice) ?? session.bestSplit(of: choice)
      return try self.describe(
        choice, split, isFeasible: try session.isFeasible(choice), accuracy: accuracy)
    }
    let found = try describe(chosen.choice, accuracy: chosen.accuracy)
    let unsplit = try [BlockSpace.Split.none, .input].map { split in
      let total = try session.latency(chosen.choice, split).total
      return try self.describe(
        chosen.choice, split, isFeasible: total <= configuration.latencyLimit,
        accuracy: chosen.accuracy)
    }
    let searched = session.history.records.filter { $0.origin == .search }
    let evaluated = session.history.records.filter { $0.origin != .search }
    let compared = searched.isEmpty ? evaluated : searched
    let front = Set(
      SearchHistory(evaluated).paretoFront(minimizing: "latency_ms", maximizing: "accuracy")
        .map(\.choice))
    let report = ArchitectureSearchReport(
      strategy: configuration.strategy.rawValue, points: space.space.count,
      evaluations: session.history.records.count,
      feasibleShare: Double(compared.count { $0.candidate.isFeasible })
        / Double(max(1, compared.count)),
      limit: configuration.latencyLimit,
      limited: configuration.strategy == .splitUnaware ? "device" : "split",
      bits: configuration.bits, tableHash: table.hash, machine: table.machine, date: table.date,
      found: found,
      origin: chosen.origin, unsplit: unsplit, checks: [],
      optimum: try chosen.optimum.map { try describe($0.choice, accuracy: $0.accuracy) },
      candidates: evaluated.map { point($0, isOnFront: front.contains($0.choice)) },
      latest: searched.suffix(searched.count / 4).suffix(NASC.mostLatest).map {
        point($0, isOnFront: false)
      })
    let kept = Outcome(report: report, table: table)
    self.chosen = kept
    return try NASC.json(kept)
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }

  /// How many candidates of the search a report shows.
  private static let mostLatest = 500

  private func point(
    _ record: SearchRecord, isOnFront: Bool
  ) -> ArchitectureSearchReport.Point {
    ArchitectureSearchReport.Point(
      latency: .milliseconds(record.figures["latency_ms"] ?? 0),
      accuracy: record.figures["accuracy"] ?? 0, isOnFront: isOnFront)
  }

  private func describe(
    _ choice: Choice, _ split: BlockSpace.Split, isFeasible: Bool, accuracy: Double?
  ) throws -> ArchitectureSearchReport.Architecture {
    let blocks = session.space.blocks(of: choice)
    let built = try session.built(blocks)
    let crossing = try session.crossing(built, at: split)
    var macs = (device: 0, server: 0)
    switch split {
    case .none: macs.device = built.network.cost.macs
    case .input: macs.server = built.network.cost.macs
    case .block:
      let parts = try built.network.cut(at: crossing.cut ?? "")
      macs = (parts.head.cost.macs, parts.tail.cost.macs)
    }
    return ArchitectureSearchReport.Architecture(
      blocks: blocks, cut: crossing.cut, split: split.description, uplinkBytes: crossing.bytes,
      deviceMACs: macs.device, serverMACs: macs.server,
      latency: try session.latency(choice, split), isFeasible: isFeasible,
      sharedAccuracy: accuracy)
  }

  /// Takes up what an earlier search has found.
  public mutating func adopt(_ choice: String) throws {
    let read: Outcome
    do { read = try JSONDecoder().decode(Outcome.self, from: Data(choice.utf8)) } catch {
      throw NASCError.damaged("choice.json", reason: DecodingFlaw.words(error))
    }
    session.adopt(read.table)
    chosen = read
  }

  /// Every candidate that was evaluated, a line of JSON each; the dimensions their numbers refer to; and
  /// the table of latencies.
  public func documents() throws -> [String: String] {
    guard let chosen else { return [:] }
    return [
      "candidates.jsonl": try session.records(), "space.json": try NASC.json(session.space.space),
      "latency_table.json": try NASC.json(chosen.table),
    ]
  }

  // MARK: - What was found

  private func found() throws -> ArchitectureSearchReport.Architecture {
    guard let chosen else { throw NASCError.notSearched }
    return chosen.report.found
  }

  /// The found network with the shared weights, and statistics of batch norms that are its own.
  ///
  /// Batch norms take the statistics of training images anew, as those of the shared weights are of other
  /// networks.
  private func foundNetwork(_ network: Network) throws -> Network {
    var result = try session.built(try found().blocks).network
    for path in result.parameterPaths {
      guard let value = network.parameters[path] else { continue }
      try result.setParameter(path, to: value)
    }
    let executor = NetworkExecutor(result)
    var parameters = result.constants(Float.self)
    let train = try setting.data.train()
    let size = min(NASC.statisticsBatch, train.count)
    // Of all classes, as sorted images would give each batch those of one; and as often as running averages
    // need to come away from where they begin, however few images there are.
    let images = try setting.data.sample(
      NASC.statisticsBatches * size, of: train, for: "statistics of batch norms")
    let perPass = images.count / size
    var order: [Int] = []
    for batch in 0..<NASC.statisticsBatches {
      if batch.isMultiple(of: perPass) {
        var random = RandomSource(
          seed: setting.seed, purpose: "statistics of batch norms", index: batch / perPass)
        order = random.permutation(images.count)
      }
      let first = batch % perPass * size
      let images = try inputTransform(images.pixels(at: Array(order[first..<first + size])))
      let run = executor.run(
        [Variable(images)], parameters: parameters, mode: .training(seed: 0, frozenNodes: []))
      for (parameter, value) in run.statistics { parameters[parameter] = Variable(value) }
    }
    for (path, value) in zip(executor.parameterPaths, parameters) {
      try result.setParameter(path, to: value.value)
    }
    return result
  }

  /// The found network, whole.
  public func whole(_ network: Network) throws -> Network { try foundNetwork(network) }

  /// The found network, split where it was found best.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    let found = try found()
    guard let cut = found.cut else {
      throw NASCError.notSplit(found.split == "none" ? "on the device" : "on the server")
    }
    let parts = try foundNetwork(network).cut(at: cut)
    return (parts.head, parts.tail)
  }

  private func coded(_ network: Network) throws -> CodedClassifier {
    let (device, server) = try parts(network)
    return CodedClassifier(
      device: device, server: server ?? device, inputTransform: inputTransform,
      codec: configuration.codec, tables: .none)
  }

  /// The found system with the shared weights: split, or in one piece where it was found best.
  public func systems(_ network: Network) throws -> [any SplitSystem] {
    let found = try found()
    if found.cut != nil { return [try coded(network).system(name: NASC.name)] }
    let whole = try whole(network)
    guard found.split == "none" else {
      return [
        try InputSystem(
          name: NASC.name, family: NASC.name, format: .raw, network: whole,
          inputTransform: inputTransform)
      ]
    }
    return [DeviceSystem(name: NASC.name, network: whole, inputTransform: inputTransform)]
  }

  /// Accuracy of the found network on the test images, with the shared weights: less than it has once
  /// it is trained by itself.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    guard let chosen else { throw NASCError.notSearched }
    let cut = chosen.report.found.cut
    var report: EvaluationReport
    var search = chosen.report
    if cut != nil {
      let coded = try coded(network)
      let built = try session.built(search.found.blocks)
      report = try coded.evaluate(method: NASC.name, network: built.network.cost, setting)
      if let split = report.split {
        let parts = built.parts
        let count = 1 + (parts.firstIndex { $0.value == cut } ?? 0)
        search.checks = [
          .init(
            side: "device", table: chosen.table.time(of: parts[..<count]),
            measured: .seconds(split.deviceTime.seconds - (split.encodeTime?.seconds ?? 0))),
          .init(
            side: "server", table: chosen.table.time(of: parts[count...]),
            measured: .seconds(split.serverTime.seconds - (split.decodeTime?.seconds ?? 0))),
        ]
      }
    } else {
      let built = try session.built(search.found.blocks)
      report = try setting.report(
        of: systems(network)[0], method: NASC.name, network: built.network.cost,
        classCount: built.network.outputShape[-1])
    }
    report.search = search
    return report
  }
}

extension NASCConfiguration {
  /// Writes what crosses.
  var codec: PackedCodec { PackedCodec(bits: bits) }
}
