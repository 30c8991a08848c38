internal import Autodiff
internal import Codecs
internal import Datasets
public import Networks
internal import Splitting
public import Tasks
public import Tensors
public import Training

/// MTL-Split: one backbone on the device and one transmission serve several tasks, whose layers run
/// on the server.
///
/// The losses of the tasks, `Σ L_j(H_j(Z))`, train backbone and tasks together. Source: 2024,
/// https://arxiv.org/abs/2407.05982, section 3. Variants of the toolkit's own: a frozen backbone,
/// whose latents are computed once, and other weights of the losses. Deviation: the checkpoint is
/// chosen on validation images; the authors' code chooses on the test set.
public struct MTLSplit: Method {
  /// `mtl_split`.
  public static let name = "mtl_split"

  /// What the method does, in one sentence.
  public static let summary = "train the layers of several tasks behind one cut"

  /// `quality`, the selection score of the tasks, and the joint `loss`.
  public static let monitors = ["quality", "loss"]

  /// What is trained: the backbone with the tasks' layers, or these alone.
  public let network: Network

  /// What of it stays as it is.
  public let freezing: Freezing

  /// What pixels go through first.
  public let inputTransform: InputTransform

  /// What the network answers.
  public var tasks: TaskSet? { taskSet }

  /// The checkpoint files the recipe builds on.
  public var parents: [String] { setting.network.files }

  private let taskSet: TaskSet
  private let configuration: MTLSplitConfiguration
  private let setting: MethodSetting
  private let objective: TaskObjective
  private let cut: String
  /// The backbone up to the cut, if it is frozen.
  private let head: Network?

  /// Puts the tasks of a recipe on its network.
  ///
  /// - Throws: what keeps the network from being read or cut, or `TaskError`.
  public init(_ configuration: MTLSplitConfiguration, _ setting: MethodSetting) throws {
    let loaded = try setting.loadNetwork(answers: .anything)
    try setting.expect(loaded.classes, by: configuration.tasks)
    let train = try setting.data.train()
    guard let name = setting.network.cut else { throw SetupError.cutNeeded }
    cut = try loaded.network.resolve(name)
    var taskSet = try TaskSet(
      configuration.tasks.chosen(configuration.only), weighting: configuration.weighting,
      dataset: train)
    let whole = try taskSet.attach(to: loaded.network, at: cut, seed: setting.seed)
    let (head, tail) = try whole.cut(at: cut)
    let constant = configuration.weighting == .uncertainty ? [TaskSet.constantPattern] : []
    switch configuration.backbone {
    case .joint:
      network = whole
      self.head = nil
      freezing = try Freezing(constant, of: whole)
    case .frozen:
      network = tail
      self.head = head
      // What stands between the cut and the tasks belongs to the backbone.
      freezing = try Freezing(constant + taskSet.backbonePatterns(of: tail), of: tail)
    }
    inputTransform = loaded.inputTransform
    self.taskSet = taskSet
    self.configuration = configuration
    self.setting = setting
    objective = try TaskObjective(
      taskSet, on: network, dataset: train, augmentation: setting.data.configuration.augmentation(),
      seed: setting.seed)
  }

  // MARK: - Training

  /// Transformed and augmented images, or the latents of a frozen backbone: computed once where
  /// images do not change.
  public func trainingBatches() throws -> any BatchSource {
    guard let head else { return try setting.trainingImages(through: inputTransform) }
    return try setting.latents(
      of: Head(head), through: inputTransform, memoryLimit: configuration.cacheMemory.bytes,
      setBy: "mtl_split.cache_memory")
  }

  /// The joint loss of the tasks.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    guard
      let loss = objective.loss(pass(batch.inputs), samples: batch.samples, epoch: pass.epoch)
    else { return 0 }
    loss.backward()
    return Double(loss.value.item)
  }

  /// `quality`, the selection score of the tasks, the joint `loss`, and every metric of every task,
  /// such as `shape.accuracy`, on the validation images.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    let whole = try joined(network)
    let evaluation = TaskEvaluation(
      taskSet, dataset: try setting.data.validation(), inputTransform: inputTransform,
      sample: "validation image")
    let (results, loss) = try evaluation.validate(whole)
    return ValidationMetrics(results, loss: loss)
  }

  // MARK: - Evaluation

  /// How many validation images tell how tasks pull at what they share, at most.
  private static let conflictImages = 256

  /// Each task on the test images, how the tasks pull at what they share, and what the split costs
  /// with the latent sent in several ways.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    let dataset = try setting.data.test()
    let system = try system(network)
    var codecs: [(name: String, codec: any LatentCodec)] = [("fp32", IdentityCodec())]
    for bits in configuration.bits {
      codecs.append(("packed, \(bits) bits", PackedCodec(bits: bits)))
      codecs.append(("rans, \(bits) bits", RANSCodec(bits: bits)))
    }
    let coded = try TaskEvaluation(taskSet, dataset: dataset, inputTransform: inputTransform)
      .coded(
        system, codecs: codecs,
        latentBytes: parts(network).device.outputShape.elementCount * MemoryLayout<Float>.stride,
        observer: setting.observer)
    var report = EvaluationReport(
      method: MTLSplit.name, dataset: dataset, tasks: coded.first?.row.tasks ?? [],
      network: try taskSet.deployed(try joined(network)).cost)
    report.codecs = coded.map(\.row)
    let (front, back) = try joined(network).cut(at: cut)
    let head = Head(front)
    report.conflicts = try TaskEvaluation(
      taskSet,
      dataset: setting.data.sample(
        MTLSplit.conflictImages, of: setting.data.validation(), for: "conflicts of tasks"),
      inputTransform: inputTransform
    ).conflicts(head: { head($0) }, tail: back)
    report.split = try coded.first.map { try setting.cost(of: system, $0.traffic) }
    return report
  }

  /// The parts with every value sent as it is.
  public func systems(_ network: Network) throws -> [any SplitSystem] { [try system(network)] }

  private func system(_ network: Network) throws -> CodedSystem {
    let (device, server) = try parts(network)
    return CodedSystem(
      name: MTLSplit.name, family: MTLSplit.name, device: device, inputTransform: inputTransform,
      server: server ?? network, answerBytes: server.flatMap { taskSet.answerBytes(of: $0) })
  }

  /// The backbone with what was trained.
  private func joined(_ network: Network) throws -> Network {
    guard let head else { return network }
    return try head.followed(by: network, name: network.name)
  }

  /// The backbone up to the cut, and the layers of all tasks.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    let (head, tail) = try taskSet.deployed(try joined(network)).cut(at: cut)
    return (head, tail)
  }
}
