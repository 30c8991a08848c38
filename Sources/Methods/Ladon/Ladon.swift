internal import Autodiff
internal import Checkpoints
public import Codecs
internal import Datasets
public import Networks
internal import Splitting
public import Tasks
public import Tensors
public import Training

/// Ladon: one learned bottleneck on the device, and on the server a shared body with the layers of
/// several tasks.
///
/// The stages `distillation` and `fine_tuning` are Entropic Student's. In the third, `tasks`, the
/// layers of the tasks learn on the body, which stays as it is. Source: Matsubara and others, WACV
/// 2025, "A multi-task supervised compression model for split computing". Deviation: all tasks learn
/// in one pass over the body, which they share; while that is frozen, and with an optimizer that
/// moves every parameter by its own gradient, each learns as it would alone. `only` and `student`
/// train a task on its own. The option `body: joint` is the toolkit's.
public struct Ladon: Method {
  /// `ladon`.
  public static let name = "ladon"

  /// What the method does, in one sentence.
  public static let summary =
    "train one bottleneck with a learned prior, and the layers of several tasks behind it"

  /// `distillation`, `fine_tuning` and `tasks`.
  public static let stages = ["distillation", "fine_tuning", "tasks"]

  /// `accuracy` of the classifier in the first stages, in the last `quality`, the selection score of
  /// the tasks, and the `loss` of the stage.
  public static let monitors = ["accuracy", "loss", "quality"]

  /// Encoder, bottleneck, decoder, body and the tasks' layers.
  public let network: Network

  /// What the network answers.
  public var tasks: TaskSet? { taskSet }

  /// The checkpoint files the recipe builds on.
  public var parents: [String] {
    student.setting.network.files + [configuration.student].compactMap { $0 }
  }

  private let student: BottleneckStudent
  private let taskSet: TaskSet
  private let configuration: LadonConfiguration
  private let objective: TaskObjective
  /// What stays as it is in each stage.
  private let freezings: [Freezing]

  /// Puts the tasks of a recipe on the student of its network.
  ///
  /// - Throws: what keeps the network from being read or cut, `BottleneckError` or `TaskError`.
  public init(_ configuration: LadonConfiguration, _ setting: MethodSetting) throws {
    let student = try BottleneckStudent(
      .factorizedPrior, configuration.bottleneck, setting, keepsTail: true, answers: .anything)
    try setting.expect(student.classes, by: configuration.tasks)
    let train = try setting.data.train()
    var taskSet = try TaskSet(
      configuration.tasks.chosen(configuration.only), weighting: configuration.weighting,
      dataset: train)
    var network = try taskSet.attach(
      to: student.network, at: try Ladon.bodyEnd(of: student.network), seed: setting.seed,
      keepsOutputs: true)
    if let file = configuration.student {
      let earlier = try Checkpoint.read(file).network.parameters
      for path in student.network.parameterPaths {
        guard let value = earlier[path] else {
          throw SetupError.contradiction("\(file) has no \(path), which the student needs")
        }
        try network.setParameter(path, to: value)
      }
    }
    let constant =
      configuration.weighting == .uncertainty ? [TaskSet.constantPattern] : []
    let body = taskSet.backbonePatterns(of: network)
    freezings = [
      try Freezing(student.distillationPatterns, of: network),
      try Freezing(student.fineTuningPatterns, of: network),
      try Freezing(
        constant
          + (configuration.body == .frozen
            ? body : ["encoder", BottleneckNetworks.bottleneck]),
        of: network),
    ]
    objective = try TaskObjective(
      taskSet, on: network, dataset: train,
      augmentation: setting.data.configuration.augmentation(), seed: setting.seed)
    self.network = network
    self.student = student
    self.taskSet = taskSet
    self.configuration = configuration
  }

  /// The value that tasks read unless they say otherwise: what is left of the host's last features
  /// before it pools or flattens them.
  private static func bodyEnd(of network: Network) throws -> String {
    let maps = network.nodes.last { node in
      network.shapes[node.name].map { $0.rank == 3 && $0[0] > 1 } ?? false
    }
    guard let maps else {
      throw SetupError.contradiction("\(network.name) has no feature maps that tasks could read")
    }
    return maps.name
  }

  // MARK: - Training

  /// What pixels go through first.
  public var inputTransform: InputTransform { student.inputTransform }

  /// Everything but encoder, prior and decoder, in the first stage.
  public var freezing: Freezing { freezings[0] }

  /// In the second stage encoder and prior, in the third the body too, unless the recipe trains it.
  public func freezing(inStage stage: Int) -> Freezing { freezings[stage] }

  /// The student's outputs while it imitates, the tasks' afterwards.
  public func outputs(inStage stage: Int) -> [String]? {
    stage < 2
      ? student.network.outputs
      : Array(network.outputs.dropLast(student.network.outputs.count))
  }

  /// Transformed and augmented training images.
  public func trainingBatches() throws -> any BatchSource { try student.trainingBatches() }

  /// Distils features, then answers, then trains the tasks.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    let outputs = pass(batch.inputs)
    let loss: Variable<Float>?
    if pass.stage == 2 {
      loss = objective.loss(outputs, samples: batch.samples, epoch: pass.epoch)
    } else {
      loss = student.loss(
        inStage: pass.stage, outputs, bits: pass.bits, labels: batch.labels, batch.inputs)
    }
    guard let loss else { return 0 }
    loss.backward()
    return Double(loss.value.item)
  }

  /// As in the last stage.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    try validate(network, inStage: 2)
  }

  /// `accuracy`, `loss` and `bytes` of the student; in the last stage `quality`, `loss` and every
  /// figure of every task.
  public func validate(_ network: Network, inStage stage: Int) throws -> ValidationMetrics {
    guard stage == 2 else {
      return try student.validate(try network.with(outputs: student.network.outputs)) {
        outputs, bits, batch in
        student.loss(
          inStage: stage, outputs, bits: bits, labels: batch.labels, batch.images)
      }
    }
    let evaluation = TaskEvaluation(
      taskSet, dataset: try student.setting.data.validation(), inputTransform: inputTransform,
      sample: "validation image")
    let (results, loss) = try evaluation.validate(try answering(network))
    return ValidationMetrics(results, loss: loss)
  }

  /// The trained network with the tasks' outputs alone.
  private func answering(_ network: Network) throws -> Network {
    try network.with(outputs: outputs(inStage: 2) ?? [])
  }

  // MARK: - Evaluation

  /// Each task on the test images, every latent written as bytes and read again, and what the split
  /// costs.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    let setting = student.setting
    let dataset = try setting.data.test()
    let system = try system(network)
    let (codec, tables) = student.coding(network)
    let coded = try TaskEvaluation(taskSet, dataset: dataset, inputTransform: inputTransform)
      .coded(
        system, codecs: [(Ladon.name, codec)], tables: tables,
        latentBytes: pieces(network).device.outputShape.elementCount
          * MemoryLayout<Float>.stride, observer: setting.observer)
    var report = EvaluationReport(
      method: Ladon.name, dataset: dataset, tasks: coded.first?.row.tasks ?? [],
      network: try whole(network).cost)
    report.codecs = coded.map(\.row)
    report.split = try coded.first.map { try setting.cost(of: system, $0.traffic) }
    return report
  }

  /// The encoder up to what is written as bytes, and everything after the bottleneck.
  private func pieces(_ network: Network) throws -> (device: Network, server: Network) {
    try BottleneckStudent.parts(deployed: try whole(network))
  }

  /// The encoder, and decoder, body and tasks.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    let (device, server) = try pieces(network)
    return (device, server)
  }

  /// The network in one piece, latents rounded.
  public func whole(_ network: Network) throws -> Network {
    try taskSet.deployed(try answering(network))
  }

  /// The learned prior in integers.
  public func codecTables(_ network: Network) throws -> CodecTables { student.tables(network) }

  /// The deployed system with its codec.
  public func systems(_ network: Network) throws -> [any SplitSystem] { [try system(network)] }

  private func system(_ network: Network) throws -> CodedSystem {
    let (device, server) = try pieces(network)
    let (codec, tables) = student.coding(network)
    return CodedSystem(
      name: Ladon.name, family: Ladon.name, device: device, inputTransform: inputTransform,
      codec: codec, tables: tables, server: server,
      answerBytes: taskSet.answerBytes(of: server))
  }
}
