internal import Autodiff
internal import Codecs
internal import Datasets
public import Networks
internal import Splitting
public import Tasks
public import Tensors
public import Training

/// NaviSplit: a depth network whose narrow branches send different numbers of bytes, of which a gate
/// picks one a frame (see ``NaviSplitGate``).
///
/// Without branches, the network itself learns depth. With them, each begins with its parent's
/// parameters; in the stage `training` the blocks around its narrow value learn the depth and the
/// parent's answer, `MSE(d, d*) + β · MSE(d, d_parent)`, and in `fine_tuning` all that runs on the
/// server. The device's blocks before a branch and the parent never change. Source: WoWMoM 2024,
/// https://arxiv.org/abs/2406.13086.
public struct NaviSplit: Method {
  /// `navisplit`.
  public static let name = "navisplit"

  /// What the method does, in one sentence.
  public static let summary = "train a depth network and its narrow branches, which send few bytes"

  /// `training` and `fine_tuning`.
  public static let stages = ["training", "fine_tuning"]

  /// `quality`, the mean over what is trained of the share of pixels within a factor of 1.25, and
  /// `loss`.
  public static let monitors = ["quality", "loss"]

  /// The depth network, its answer first, and its branches.
  public let network: Network

  /// What pixels go through first.
  public let inputTransform: InputTransform

  /// The distance of every pixel.
  public var tasks: TaskSet? { taskSet }

  /// The checkpoint files the recipe builds on.
  public var parents: [String] { setting.network.files }

  private let configuration: NaviSplitConfiguration
  private let setting: MethodSetting
  private let taskSet: TaskSet
  private let annotations: TaskAnnotations
  private let augmentation: Augmentation
  private let freezings: [Freezing]

  /// Builds or reads the depth network and puts the recipe's branches on it.
  ///
  /// - Throws: what keeps the network from being read, `TaskError` for a data set without depth, or
  ///   `SetupError.contradiction` for a network that gives no depth.
  public init(_ configuration: NaviSplitConfiguration, _ setting: MethodSetting) throws {
    let train = try setting.data.train()
    let loaded = try setting.loadNetwork(answers: .anything)
    let expected: Shape = [train.imageShape[0], train.imageShape[1], 1]
    guard loaded.network.outputShape == expected else {
      throw SetupError.contradiction(
        "\(loaded.network.name) gives \(loaded.network.outputShape), expected a distance for every "
          + "pixel, \(expected)")
    }
    let parent = try loaded.network.with(outputs: [loaded.network.outputs[0]])
    let network = try DepthNetwork.attaching(
      configuration.branches, to: parent, seed: setting.seed)
    self.network = network
    if configuration.branches.isEmpty {
      freezings = Array(repeating: try Freezing([], of: network), count: 2)
    } else {
      let moving = [
        configuration.branches.flatMap(\.replaced), configuration.branches.map(\.all),
      ]
      freezings = try moving.map { moving in
        try Freezing(
          network.nodes.map(\.name).filter { name in
            !moving.contains { name.hasPrefix($0 + ".") }
          }, of: network)
      }
    }
    inputTransform = loaded.inputTransform
    taskSet = try TaskSet(
      [
        TaskConfiguration(
          name: configuration.annotation, kind: .depth, annotation: configuration.annotation)
      ], dataset: train)
    annotations = try taskSet.annotations(of: train)
    augmentation = try setting.data.configuration.augmentation()
    self.configuration = configuration
    self.setting = setting
  }

  // MARK: - Training

  /// The parent, and of a branch all but the blocks around its narrow value.
  public var freezing: Freezing { freezings[0] }

  /// In the second stage the parent alone, and what runs on the device before a branch.
  public func freezing(inStage stage: Int) -> Freezing { freezings[stage] }

  /// Transformed and augmented training images.
  public func trainingBatches() throws -> any BatchSource {
    try setting.trainingImages(through: inputTransform)
  }

  /// Squared error of the depth over the largest there is; of branches also from their parent's.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    let outputs = pass(batch.inputs)
    let draws =
      augmentation == .none
      ? nil
      : batch.samples.map {
        augmentation.draw(seed: setting.seed, epoch: pass.epoch, sample: $0)
      }
    let targets = annotations.targets(samples: batch.samples, draws: draws)
    guard let loss = loss(outputs, targets) else { return 0 }
    loss.backward()
    return Double(loss.value.item)
  }

  /// Nil if no distance is known.
  private func loss(_ outputs: [Variable<Float>], _ targets: [TaskTargets]) -> Variable<Float>? {
    let limit = Float(configuration.farLimit)
    let truths = DepthTask.truths(targets[0])
    let mask = truths.map { $0 > 0 ? 1 : 0 as Float }
    let known = mask.reduce(0) { $0 + Double($1) }
    guard known > 0 else { return nil }
    let shape = outputs[0].shape
    let isKnown = Variable(Tensor(shape, mask))
    let target = Variable(Tensor(shape, truths.map { min($0 / limit, 1) }))
    func error(_ answer: Variable<Float>) -> Variable<Float> {
      Variable.apply(MeanSquaredError(reduction: .sum), [answer * isKnown, target]) / known
    }
    guard outputs.count > 1 else { return error(outputs[0]) }
    let parent = Variable(outputs[0].value)
    return outputs.dropFirst().reduce(nil) { (sum: Variable<Float>?, answer) in
      var term = error(answer)
      if configuration.beta > 0 {
        term =
          term
          + Variable.apply(MeanSquaredError(), [answer, parent]) * configuration.beta
      }
      return sum.map { $0 + term } ?? term
    }
  }

  /// `quality` and `loss` on the validation images, and the figures of each branch.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    let answers = Server(network)
    let limit = Float(configuration.farLimit)
    let dataset = try setting.data.validation()
    let annotations = try taskSet.annotations(of: dataset)
    var loss = RunningMean()
    let evaluation = TaskEvaluation(
      taskSet, dataset: dataset, inputTransform: inputTransform, sample: "validation image",
      batchSize: 16)
    let results = try evaluation.run(systems: network.outputs.count, observer: nil) { batch in
      let outputs = try answers(batch.images)
      if let found = self.loss(
        outputs.map { Variable($0) }, annotations.targets(samples: batch.samples))
      {
        loss.add(Double(found.value.item), weight: Double(batch.count))
      }
      return outputs.map { [NaviSplit.metres($0, limit)] }
    }
    var metrics: ValidationMetrics = ["loss": loss.mean]
    let names = ["parent"] + configuration.branches.map(\.name)
    for (name, result) in zip(names, results) {
      for metric in result[0].metrics where ["abs_rel", "r2"].contains(metric.name) {
        metrics["\(name).\(metric.name)"] = metric.value
      }
    }
    let trained = results.count > 1 ? Array(results.dropFirst()) : results
    metrics["quality"] = trained.flatMap { $0 }.quality
    metrics.reasons["quality"] = trained.first?.first?.judged?.reason
    return metrics
  }

  private static func metres(_ answer: Tensor<Float>, _ limit: Float) -> Tensor<Float> {
    Tensor(answer.shape, answer.scalars.map { $0 * limit })
  }

  // MARK: - Parts

  /// A network with its answer in metres.
  private func inMetres(_ network: Network) throws -> Network {
    let node = Node(
      "metres", ScaleShiftLayer(scale: configuration.farLimit), inputs: network.outputs)
    return try Network(
      name: network.name, inputs: network.inputs, nodes: network.nodes + [node],
      outputs: [node.name], parameters: network.parameters)
  }

  /// The parent alone, to distances in metres.
  public func whole(_ network: Network) throws -> Network {
    try inMetres(network.with(outputs: [network.outputs[0]]))
  }

  /// The parts of every branch, or of the parent where the recipe cuts it if there are none.
  private func splits(
    _ network: Network
  ) throws -> [(name: String, device: Network, server: Network)] {
    guard !configuration.branches.isEmpty else {
      let parent = try network.with(outputs: [network.outputs[0]])
      let parts = try parent.cut(at: setting.network.cut ?? "block3")
      return [("parent", parts.head, try inMetres(parts.tail))]
    }
    return try configuration.branches.map { branch in
      let parts = try DepthNetwork.parts(of: branch, in: network)
      return (branch.name, parts.device, try inMetres(parts.server))
    }
  }

  /// The parts of the first branch.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    let first = try splits(network)[0]
    return (first.device, first.server)
  }

  /// The branches, none of which is picked by anything yet.
  public func decisions(_ network: Network) throws -> DeviceDecisions {
    guard !configuration.branches.isEmpty else { return DeviceDecisions() }
    return DeviceDecisions(
      branches: try splits(network).map {
        DeviceDecisions.Branch(
          name: $0.name, device: $0.device, server: $0.server,
          quantizer: configuration.quantizer.steps)
      })
  }

  /// Each branch, or the parent if there are none, latents in 8 bits.
  public func systems(_ network: Network) throws -> [any SplitSystem] {
    try splits(network).map(system)
  }

  private func system(
    of part: (name: String, device: Network, server: Network)
  ) -> CodedSystem {
    CodedSystem(
      name: "\(NaviSplit.name) \(part.name)", family: NaviSplit.name, device: part.device,
      inputTransform: inputTransform, codec: PackedCodec(configuration.quantizer.steps),
      server: part.server)
  }

  // MARK: - Evaluation

  /// The depth of the first branch on the test images as it is deployed and what it costs, beside every
  /// branch with latents in 8 bits and as they are, and the parent on the server alone.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    let dataset = try setting.data.test()
    let evaluation = TaskEvaluation(
      taskSet, dataset: dataset, inputTransform: inputTransform, batchSize: 16)
    let parts = try splits(network)
    var rows: [(row: EvaluationReport.CodecComparison, traffic: Traffic)] = []
    for part in parts {
      rows += try evaluation.coded(
        system(of: part),
        codecs: [
          ("\(part.name), 8 bits", PackedCodec(configuration.quantizer.steps)),
          ("\(part.name), 8 bits, rans", RANSCodec(bits: 8)),
          ("\(part.name), fp32", IdentityCodec()),
        ], latentBytes: part.device.outputShape.elementCount * MemoryLayout<Float>.stride,
        observer: setting.observer)
    }
    let whole = try whole(network)
    let remote = try InputSystem(
      name: "parent, pixels", family: NaviSplit.name, format: .raw, network: whole,
      inputTransform: inputTransform)
    let parent = try evaluation.run([remote], observer: setting.observer)[0]
    var last = EvaluationReport.CodecComparison(
      name: remote.name, accuracy: parent.results.accuracy, stream: parent.traffic.stream,
      latentBytes: dataset.imageShape.elementCount * MemoryLayout<Float>.stride)
    last?.tasks = parent.results
    var report = EvaluationReport(
      method: NaviSplit.name, dataset: dataset, tasks: rows.first?.row.tasks ?? [],
      network: whole.cost)
    report.codecs = rows.map(\.row) + [last].compactMap(\.self)
    report.split = try rows.first.map { first in
      try setting.cost(of: system(of: parts[0]), first.traffic)
    }
    return report
  }
}
