internal import Autodiff
internal import Codecs
internal import Datasets
internal import Files
internal import Foundation
public import Networks
internal import Splitting
public import Tensors
public import Training

/// Early exits: classifiers on values inside a network, of which the first that is sure enough gives the
/// answer, so that the rest of the network is not run and nothing is sent.
///
/// Exits go on any network at any value. Source: FDL 2024, https://arxiv.org/abs/2407.11763, which has
/// one exit behind the device's part of a network with predefined sparsity, and says neither how it is
/// trained nor when it answers; both are the toolkit's own: cross-entropy, and a threshold on how sure
/// an exit is, chosen on validation images.
public struct EarlyExit: Method {
  /// `early_exit`.
  public static let name = "early_exit"

  /// What the method does, in one sentence.
  public static let summary = "train exits inside a network that answer what they are sure of"

  /// `accuracy`, the mean of all answers that are trained, their joint `loss`, and `final`, the
  /// accuracy of the network itself.
  public static let monitors = ["accuracy", "loss", "final"]

  /// The network with its exits: its own logits, then those of each exit, and what a learned unit says.
  public let network: Network

  /// What of it stays as it is.
  public let freezing: Freezing

  /// What pixels go through first.
  public let inputTransform: InputTransform

  /// The checkpoint files the recipe builds on.
  public var parents: [String] { setting.network.files }

  /// The exits as they are deployed.
  public private(set) var exits: [ExitDecision]

  private let configuration: EarlyExitConfiguration
  private let setting: MethodSetting
  private let cut: String

  /// Puts the exits of a recipe on its network.
  ///
  /// - Throws: what keeps the network from being read or cut, ``EarlyExitError``, or
  ///   `SparsityError`.
  public init(_ configuration: EarlyExitConfiguration, _ setting: MethodSetting) throws {
    let loaded = try setting.loadNetwork()
    let base = loaded.network
    let edges = try configuration.exits.map { try base.resolve($0.at) }
    let places = edges.map { edge in base.nodes.firstIndex { $0.name == edge } ?? 0 }
    for (index, edge) in edges.enumerated() {
      if base.outputs.contains(edge) { throw EarlyExitError.atTheEnd(edge: edge) }
      if index > 0, places[index] < places[index - 1] {
        throw EarlyExitError.order(first: edges[index - 1], second: edge)
      }
    }
    let cut = try base.resolve(setting.network.cut ?? edges.last ?? "")
    let onDevice = Set(try base.cut(at: cut).head.nodes.map(\.name))
    guard edges.contains(where: onDevice.contains) else {
      throw EarlyExitError.noneOnDevice(cut: cut, edges: edges)
    }
    var network = base
    var exits: [ExitDecision] = []
    for (index, exit) in configuration.exits.enumerated() {
      let prefix = "exits.\(index + 1)"
      var random = RandomSource(seed: setting.seed, purpose: prefix)
      var branch = try ExitNetworks.network(
        exit, edge: base.shapes[edges[index]] ?? [], classes: base.outputShape[-1],
        learns: configuration.rule == .learned, seed: random.next())
      branch.initializeParameters(seed: random.next())
      network = try network.attaching(branch, prefix: prefix, at: [edges[index]])
      exits.append(
        ExitDecision(
          edge: edges[index], output: "\(prefix).\(ExitNetworks.logits)",
          gate: configuration.rule == .learned ? "\(prefix).\(ExitNetworks.gate)" : nil,
          place: onDevice.contains(edges[index]) ? .device : .server,
          rule: configuration.rule))
    }
    self.network = network
    freezing = try Freezing(
      configuration.training == .postHoc
        ? base.nodes.map(\.name) : configuration.freeze, of: network)
    inputTransform = loaded.inputTransform
    self.exits = exits
    self.configuration = configuration
    self.setting = setting
    self.cut = cut
  }

  // MARK: - Training

  /// The exits alone if nothing else is trained, so that what lies behind the last is not run.
  public func outputs(inStage stage: Int) -> [String]? {
    configuration.training == .postHoc ? exits.flatMap(\.values) : nil
  }

  /// Transformed and augmented training images.
  public func trainingBatches() throws -> any BatchSource {
    try setting.trainingImages(through: inputTransform)
  }

  /// Cross-entropy of the exits, `L_final + λ Σ L_exit` in joint training, and of whether an exit is
  /// right where a unit learns that.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    let loss = loss(pass(batch.inputs), labels: batch.labels)
    loss.backward()
    return Double(loss.value.item)
  }

  private func loss(_ outputs: [Variable<Float>], labels: [Int32]) -> Variable<Float> {
    var values = outputs[...]
    var loss: Variable<Float>?
    func add(_ term: Variable<Float>) { loss = loss.map { $0 + term } ?? term }
    if configuration.training == .joint, let own = values.popFirst() {
      add(Variable.apply(CrossEntropy(labels: labels), [own]))
    }
    let weight = configuration.training == .joint ? Float(configuration.weight) : 1
    for exit in exits {
      guard let logits = values.popFirst() else { break }
      add(
        Variable.apply(
          ScaleShift(scale: Double(weight), shift: 0),
          [Variable.apply(CrossEntropy(labels: labels), [logits])]))
      guard exit.gate != nil, let gate = values.popFirst() else { continue }
      let isRight = zip(EarlyExit.rows(logits.value), labels).map {
        EarlyExit.isRight($0, $1) ? Float(1) : 0
      }
      add(
        Variable.apply(
          BinaryCrossEntropy(), [gate, Variable(Tensor([labels.count, 1], isRight))]))
    }
    return loss ?? Variable(Tensor(0))
  }

  /// `accuracy`, the mean of all answers that are trained, their joint `loss`, the accuracy of each exit
  /// as `exit1` and on, and in joint training `final`.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    let isJoint = configuration.training == .joint
    let answers = try trainedAnswers(network, includesFinal: isJoint)
    var metrics: ValidationMetrics = ["loss": answers.loss]
    var accuracies = RunningMean()
    func add(_ name: String, _ logits: [[Float]]) {
      let accuracy = EarlyExit.accuracy(logits, answers.labels)
      metrics[name] = accuracy
      if let accuracy { accuracies.add(accuracy) }
    }
    for (index, logits) in answers.exits.enumerated() { add("exit\(index + 1)", logits) }
    if isJoint { add("final", answers.final) }
    metrics["accuracy"] = accuracies.mean
    return metrics
  }

  /// Answers of the network and its exits to images.
  private struct Answers {
    var final: [[Float]] = []
    var exits: [[[Float]]]
    var gates: [[Float]]
    var labels: [Int32] = []
    /// Bytes of each image's message; none as long as nothing is sent.
    var bytes: [Int] = []
    var loss: Double?

    init(exitCount: Int) {
      exits = Array(repeating: [], count: exitCount)
      gates = Array(repeating: [], count: exitCount)
    }

    /// Answers to the images of some classes; all unless given.
    func only(_ classes: [Int]?) -> Answers {
      guard let classes else { return self }
      let kept = labels.indices.filter { classes.contains(Int(labels[$0])) }
      var part = self
      part.final = kept.map { final[$0] }
      part.exits = exits.map { exit in kept.map { exit[$0] } }
      part.gates = gates.map { gate in gate.isEmpty ? [] : kept.map { gate[$0] } }
      part.labels = kept.map { labels[$0] }
      part.bytes = bytes.isEmpty ? [] : kept.map { bytes[$0] }
      return part
    }

    /// How sure an exit is of a row.
    func confidence(_ exit: ExitDecision, _ index: Int, _ row: Int) -> Double {
      exits[index][row].withUnsafeBufferPointer {
        exit.confidence($0, gate: exit.gate == nil ? nil : gates[index][row])
      }
    }
  }

  private static func accuracy(_ logits: [[Float]], _ labels: [Int32]) -> Double? {
    labels.isEmpty
      ? nil : Double(zip(logits, labels).count(where: isRight)) / Double(labels.count)
  }

  /// Whether the class with the highest logit, the lower one among equals, is the label.
  private static func isRight(_ logits: [Float], _ label: Int32) -> Bool {
    logits.firstIndex(of: logits.max() ?? 0) == Int(label)
  }

  /// The rows of a batch `[batch, classes]`.
  private static func rows(_ tensor: Tensor<Float>) -> [[Float]] {
    let length = tensor.shape[-1]
    let scalars = tensor.scalars
    return (0..<tensor.shape[0]).map { Array(scalars[$0 * length..<($0 + 1) * length]) }
  }

  /// Answers of the network in one piece to the validation images, and the loss.
  ///
  /// - Parameter includesFinal: whether the network is asked, and not its exits alone.
  private func trainedAnswers(_ network: Network, includesFinal: Bool) throws -> Answers {
    let dataset = try setting.data.validation()
    let run = Server(
      try network.with(
        outputs: includesFinal ? network.outputs : exits.flatMap(\.values)))
    var result = Answers(exitCount: exits.count)
    let plan = try BatchPlan(
      sampleCount: dataset.count, batchSize: 256, seed: 0, shuffles: false)
    let stream = try BatchLoader(dataset: dataset, plan: plan, transform: inputTransform)
      .batches(epoch: 0)
    var loss = RunningMean()
    while let batch = try stream.next() {
      var outputs = try run(batch.images)[...]
      loss.add(
        Double(self.loss(outputs.map { Variable($0) }, labels: batch.labels).value.item),
        weight: Double(batch.count))
      if includesFinal, let final = outputs.popFirst() { result.final += EarlyExit.rows(final) }
      for (index, exit) in exits.enumerated() {
        if let logits = outputs.popFirst() { result.exits[index] += EarlyExit.rows(logits) }
        if exit.gate != nil, let gate = outputs.popFirst() { result.gates[index] += gate.scalars }
      }
      result.labels += batch.labels
    }
    result.loss = loss.mean
    return result
  }

  /// Answers of the network and its exits to images as deployed: every latent is sent and read
  /// again, and the server's answers are to what was read.
  private func deployedAnswers(
    _ network: Network, of dataset: ImageDataset, task: String
  ) throws -> Answers {
    // Nothing leaves, so that every exit is asked about every image.
    let open = try system(
      network,
      exits: exits.map { exit in
        var exit = exit
        exit.threshold = ExitDecision.never
        return exit
      })
    var result = Answers(exitCount: exits.count)
    let traffic = try SystemRun(dataset)(
      [open], task: task, observer: setting.observer
    ) { _, batch in
      guard let decoded = batch.decoded else { return }
      let remote = try open.serverValues(decoded)
      for (row, computed) in batch.computed.enumerated() {
        result.final.append(remote[row].final)
        let said = open.deviceExitValues(computed) + remote[row].exits
        // Exits are listed in the order of the network, those on the device first.
        for index in exits.indices {
          result.exits[index].append(said[index].logits)
          if let gate = said[index].gate { result.gates[index].append(gate) }
        }
      }
      result.labels += dataset.labels(at: batch.samples)
    }
    result.bytes = traffic[0].bytes
    return result
  }

  // MARK: - Choosing

  /// What a run keeps.
  private struct Choice: Codable {
    var exits: [ExitDecision]
  }

  /// Fits the temperatures of the exits on the validation images as they are answered in deployment, and
  /// chooses the threshold by the recipe's target.
  public mutating func choose(for network: Network) throws -> String? {
    let answers = try deployedAnswers(
      network, of: setting.data.validation(), task: "asking the exits")
    if configuration.calibrates, configuration.rule != .learned {
      for index in exits.indices {
        exits[index].temperature = TemperatureScaling.temperature(
          logits: answers.exits[index], labels: answers.labels)
      }
    }
    let samples = samples(answers)
    let costs = try costs(network)
    let threshold = threshold(samples, costs)
    for index in exits.indices { exits[index].threshold = threshold }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(Choice(exits: exits)), as: UTF8.self) + "\n"
  }

  /// Takes up what a run has chosen.
  ///
  /// - Throws: ``EarlyExitError/damagedChoice(_:)``.
  public mutating func adopt(_ choice: String) throws {
    do {
      let found = try JSONDecoder().decode(Choice.self, from: Data(choice.utf8)).exits
      let isSame =
        found.map(\.output) == exits.map(\.output) && found.map(\.gate) == exits.map(\.gate)
        && found.map(\.place) == exits.map(\.place)
        && found.map(\.edge) == exits.map(\.edge) && found.map(\.rule) == exits.map(\.rule)
      guard isSame, found.allSatisfy({ $0.temperature > 0 && $0.threshold.isFinite }) else {
        throw EarlyExitError.damagedChoice("it is about other exits than the recipe's")
      }
      exits = found
    } catch let error as EarlyExitError {
      throw error
    } catch {
      throw EarlyExitError.damagedChoice(DecodingFlaw.words(error))
    }
  }

  private func samples(_ answers: Answers, exits: [ExitDecision]? = nil) -> ExitSamples {
    let exits = exits ?? self.exits
    var samples = ExitSamples(
      exitCount: exits.count, deviceExitCount: exits.count { $0.place == .device })
    for (row, label) in answers.labels.enumerated() {
      samples.add(
        exits: exits.indices.map { index in
          (
            answers.confidence(exits[index], index, row),
            EarlyExit.isRight(answers.exits[index][row], label)
          )
        }, last: EarlyExit.isRight(answers.final[row], label), bytes: answers.bytes[row])
    }
    return samples
  }

  private func threshold(_ samples: ExitSamples, _ costs: PathCosts) -> Double {
    let thresholds = samples.thresholds()
    let found = Array(zip(thresholds, samples.outcomes(thresholds: thresholds)))
    let own = samples.outcome(threshold: ExitDecision.never).accuracy
    let target = configuration.target
    if let rate = target.exitRate {
      return found.min { abs(1 - $0.1.remaining - rate) < abs(1 - $1.1.remaining - rate) }?.0
        ?? ExitDecision.never
    }
    if let latency = target.latency {
      let fitting = found.filter { costs.mean($0.1).latency.total.seconds <= latency.seconds }
      guard let best = fitting.max(by: { $0.1.accuracy < $1.1.accuracy }) else {
        setting.observer.noted(
          "no threshold has a mean latency of at most \(latency); everything leaves at the first exit"
        )
        return 0
      }
      return best.0
    }
    let least = target.accuracy ?? own - (target.accuracyDrop ?? 0)
    let fitting = found.filter { $0.1.accuracy >= least }
    guard let best = fitting.min(by: { $0.1.remaining < $1.1.remaining }) else {
      setting.observer.noted(
        "no threshold is right \(least) of the time on the validation images; nothing leaves early")
      return ExitDecision.never
    }
    return best.0
  }

  // MARK: - Parts

  /// The network without its exits.
  public func whole(_ network: Network) throws -> Network {
    try network.with(outputs: [network.outputs[0]])
  }

  /// What gives the latent and what the exits before the cut say; and from the latent the network's own
  /// answer and what the other exits say.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    let device = exits.filter { $0.place == .device }.flatMap(\.values)
    let server = exits.filter { $0.place == .server }.flatMap(\.values)
    return (
      try network.with(outputs: [cut] + device),
      try network.with(outputs: [network.outputs[0]] + server).cut(at: cut).tail
    )
  }

  /// The exits with the threshold that was chosen.
  public func decisions(_ network: Network) throws -> DeviceDecisions {
    DeviceDecisions(exits: exits)
  }

  private var codec: any LatentCodec {
    configuration.bits.map { RANSCodec(bits: $0) } ?? IdentityCodec()
  }

  /// The network with its exits under the threshold that was chosen.
  public func systems(_ network: Network) throws -> [any SplitSystem] {
    [try system(network, exits: exits)]
  }

  private func system(_ network: Network, exits: [ExitDecision]) throws -> EarlyExitSystem {
    let (device, server) = try parts(network)
    guard let server else { throw SetupError.cutNeeded }
    return try EarlyExitSystem(
      name: EarlyExit.name, family: EarlyExit.name, device: device, server: server, exits: exits,
      inputTransform: inputTransform, codec: codec)
  }

  // MARK: - Evaluation

  /// Accuracy on the test images under the threshold that was chosen and what an image costs then, and
  /// both over all thresholds, beside the network without exits and the first exit alone.
  ///
  /// Latents are sent as in deployment, and the server's answers are to what was read.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    let dataset = try setting.data.test()
    let answers = try deployedAnswers(network, of: dataset, task: "evaluating")
    // Shares, bytes and times are of the images that the accuracy is of.
    let judged = answers.only(try setting.data.userClasses())
    let samples = samples(judged)
    let before = self.samples(
      judged,
      exits: exits.map { exit in
        var exit = exit
        exit.temperature = 1
        return exit
      })
    let costs = try costs(network)
    let evaluation = ClassifierEvaluation(
      dataset: dataset, inputTransform: inputTransform, classCount: network.outputShape[-1],
      userClasses: try setting.data.userClasses())
    var report = evaluation.report(
      method: EarlyExit.name, network: network.cost,
      try evaluation.counts(of: deployed(answers), labels: answers.labels))
    report.exits = ExitReport(
      rule: configuration.rule,
      exits: try exits.enumerated().map { index, exit in
        let cost = try exitCost(network, exit)
        return ExitReport.Exit(
          edge: exit.edge, place: exit.place, temperature: exit.temperature,
          accuracy: samples.accuracy(ofExit: index),
          calibrationErrorBefore: before.calibrationError(ofExit: index),
          calibrationError: samples.calibrationError(ofExit: index), macs: cost.macs,
          bytes: cost.parameterBytes)
      },
      named: [
        costs.points("local", [0], samples)[0],
        costs.remote(samples.outcome(threshold: ExitDecision.never)),
        costs.points("chosen", [exits[0].threshold], samples)[0],
      ],
      curve: costs.points("threshold", samples.thresholds(most: 101), samples))
    report.split = try split(network, samples, costs)
    return report
  }

  /// Cost of an image, on average, under the threshold that was chosen.
  private func split(
    _ network: Network, _ samples: ExitSamples, _ costs: PathCosts
  ) throws -> EvaluationReport.SplitCost {
    let system = try system(network, exits: exits)
    let outcome = samples.outcome(threshold: exits[0].threshold)
    let mean = costs.mean(outcome)
    return EvaluationReport.SplitCost(
      encoderBytes: system.encoderBytes, encoderParameters: system.encoderParameters,
      uplinkBytes: Int(outcome.bytes.rounded()),
      stream: EvaluationReport.StreamBytes(
        of: samples.sentBytes(threshold: exits[0].threshold).map(Double.init)),
      sentShare: outcome.sentShare,
      downlinkBytes: Int((outcome.sentShare * Double(system.answerBytes)).rounded()),
      deviceMACs: Int(mean.deviceMACs.rounded()), serverMACs: Int(mean.serverMACs.rounded()),
      deviceTime: mean.deviceTime, serverTime: mean.serverTime, latency: mean.latency,
      deviceEnergy: mean.energy)
  }

  /// The logits of the first exit that is sure enough of each image, or the network's own.
  private func deployed(_ answers: Answers) -> Tensor<Float> {
    let logits = answers.labels.indices.flatMap { row in
      let exit = exits.indices.first {
        answers.confidence(exits[$0], $0, row) >= exits[$0].threshold
      }
      return exit.map { answers.exits[$0][row] } ?? answers.final[row]
    }
    return Tensor([answers.labels.count, network.outputShape[-1]], logits)
  }

  /// What the layers of an exit cost by themselves.
  private func exitCost(_ network: Network, _ exit: ExitDecision) throws -> Cost {
    let prefix = exit.output.dropLast(ExitNetworks.logits.count)
    return network.nodes.filter { $0.name.hasPrefix(prefix) }.reduce(into: Cost()) { sum, node in
      let cost = network.cost(of: node)
      sum.macs += cost.macs
      sum.parameters += cost.parameters
      sum.structureBytes += cost.structureBytes
    }
  }

  /// Measures what an image costs that leaves at each exit, and one that goes all the way.
  private func costs(_ network: Network) throws -> PathCosts {
    let dataset = try setting.data.validation()
    let sample = try inputTransform(dataset.pixels(at: [0]))
    let device = exits.filter { $0.place == .device }
    let server = exits.filter { $0.place == .server }
    let plain = try network.with(outputs: [network.outputs[0]]).cut(at: cut)
    let head = Head(plain.head)
    let latent = head(sample)
    let single = latent.reshaped(to: head.latentShape)
    let stream = try codec.stream(single)
    let encoding = try PartTiming.median { _ = try codec.stream(single) }
    let decoding = try PartTiming.median { _ = try LatentStream(stream).latent() }
    func time(_ part: Network, _ input: Tensor<Float>) throws -> TimeSpan {
      let run = Server(part)
      return try PartTiming.median { _ = try run(input) }
    }
    var paths: [PathCosts.Path] = []
    for index in device.indices {
      let part = try network.with(outputs: device[...index].flatMap(\.values))
      paths.append(
        PathCosts.Path(
          deviceMACs: part.folded().cost.macs, serverMACs: 0, deviceTime: try time(part, sample),
          serverTime: nil))
    }
    let (whole, back) = try parts(network)
    let coding = codec.multiplyAccumulates(head.latentShape)
    let deviceTime = try time(whole, sample) + encoding
    let deviceMACs = whole.folded().cost.macs + coding
    for index in server.indices {
      let part = try network.with(outputs: server[...index].flatMap(\.values)).cut(at: cut).tail
      paths.append(
        PathCosts.Path(
          deviceMACs: deviceMACs, serverMACs: part.folded().cost.macs, deviceTime: deviceTime,
          serverTime: try time(part, latent) + decoding))
    }
    let last = back ?? plain.tail
    paths.append(
      PathCosts.Path(
        deviceMACs: deviceMACs, serverMACs: last.folded().cost.macs, deviceTime: deviceTime,
        serverTime: try time(last, latent) + decoding))
    let remote = PathCosts.Path(
      deviceMACs: plain.head.folded().cost.macs + coding,
      serverMACs: plain.tail.folded().cost.macs,
      deviceTime: try time(plain.head, sample) + encoding,
      serverTime: try time(plain.tail, latent) + decoding)
    return PathCosts(
      paths: paths, remote: remote,
      answerBytes: network.outputShape[-1] * MemoryLayout<Float>.stride, link: setting.link,
      energy: setting.energy)
  }
}

extension ExitDecision {
  /// The values of the network that the exit gives.
  var values: [String] { [output] + (gate.map { [$0] } ?? []) }
}
