internal import Autodiff
internal import Datasets
internal import Metrics
public import Networks
internal import Splitting
public import Tensors
public import Training

/// Split-adaptive lightweight tuning: adapts a frozen head and a closed tail to a user's data by a
/// small network between them, without changing what is transmitted.
///
/// Of the tail, this code uses the two calls of `Tail` and nothing else. Source:
/// https://arxiv.org/abs/2506.07355 and its extension https://arxiv.org/abs/2603.14958.
public struct SALT: Method {
  /// `salt`.
  public static let name = "salt"

  /// What the method does, in one sentence.
  public static let summary =
    "adapt a closed head and tail to a user's data by a small network on the client"

  /// What is trained: the adapter, or the head for the variants that train it.
  public let network: Network

  /// What of it stays as it is.
  public let freezing: Freezing

  /// What pixels go through before the head.
  public var inputTransform: InputTransform { setup.inputTransform }

  /// The checkpoint files the recipe builds on.
  public let parents: [String]

  private let configuration: SALTConfiguration
  private let setting: MethodSetting
  private let setup: SplitSetup
  private let head: Head
  private let validation: CachedFeatures

  /// Opens head and tail and builds what is trained between them.
  ///
  /// - Throws: what keeps the parts from being read or from fitting together.
  public init(_ configuration: SALTConfiguration, _ setting: MethodSetting) throws {
    try self.init(configuration, setting, setup: try setting.openSplit())
  }

  /// Builds what is trained between a head and a tail that are already open.
  ///
  /// - Throws: `SALTError` or `NetworkError` if the configuration does not fit them.
  public init(
    _ configuration: SALTConfiguration, _ setting: MethodSetting, setup: SplitSetup
  ) throws {
    self.configuration = configuration
    self.setting = setting
    self.setup = setup
    parents = setting.network.files
    head = Head(setup.head)
    validation = CachedFeatures()
    switch configuration.variant {
    case .residual, .insertion:
      network = try SALTAdapter.network(
        shape: setup.tail.latentShape, isResidual: configuration.variant == .residual,
        lastKernel: configuration.lastKernel,
        zeroInitialization: configuration.zeroInitialization, seed: setting.seed)
      freezing = .none(network)
    case .retrain:
      var trained = setup.head
      if configuration.retrainFrom == .random { trained.initializeParameters(seed: setting.seed) }
      network = trained
      freezing = .none(trained)
    case .fineTune:
      network = setup.head
      let trained = try Freezing(
        configuration.fineTune ?? SALT.lastModule(of: setup.head), of: setup.head)
      // What has no parameters, such as dropout, belongs to the frozen part unless it is named.
      let bare = setup.head.nodes.filter { $0.layer.parameters.isEmpty }.map(\.name)
      freezing = try Freezing(
        setup.head.parameterPaths.filter { !trained.parameters.contains($0) }
          + bare.filter { !trained.nodes.contains($0) }, of: setup.head)
    }
  }

  /// The last module of a head that owns parameters, such as `layer1`.
  private static func lastModule(of head: Network) -> [String] {
    guard let node = head.nodes.last(where: { !$0.layer.parameters.isEmpty }) else { return [] }
    return [String(node.name.prefix { $0 != "." })]
  }

  // MARK: - Training

  /// The latents of the training images, cached where possible, or the images themselves.
  public func trainingBatches() throws -> any BatchSource {
    let train = try setting.data.train()
    let augmentation = try setting.data.configuration.augmentation()
    let plan = try setting.trainingPlan(sampleCount: train.count)
    if try caches(under: augmentation) {
      let store = try latents(of: train, as: "training")
      return FeatureBatchSource(store, labels: train.labels, plan: plan)
    }
    let images = ImageBatchSource(
      try BatchLoader(
        dataset: train, plan: plan, augmentation: augmentation, transform: inputTransform))
    return configuration.hasAdapter ? LatentBatchSource(images, head) : images
  }

  private func caches(under augmentation: Augmentation) throws -> Bool {
    guard configuration.hasAdapter, configuration.cache != .off else { return false }
    guard augmentation != .none else { return true }
    guard configuration.cache != .on else { throw SALTError.cacheUnderAugmentation }
    setting.observer.noted(
      "features of the head are not cached, as the training images change in every epoch")
    return false
  }

  private func latents(of dataset: ImageDataset, as part: String) throws -> FeatureStore {
    try setting.features(
      of: dataset, head, through: inputTransform,
      memoryLimit: configuration.cacheMemory.bytes, setBy: "salt.cache_memory", as: part)
  }

  /// Sends what was trained through the channel and lets the tail answer with the gradient.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    var random = RandomSource(seed: pass.seed, purpose: "channel")
    let channel = try trainingChannel(&random)
    let input =
      configuration.hasAdapter ? channel.beforeAdapter(batch.inputs, using: &random) : batch.inputs
    let sent = pass(input)[0]
    let received = channel.transmit(sent.value, using: &random)
    let answer = try setup.tail.backward(received.latent, labels: batch.labels)
    pass.watch("cut/gradient", answer.latent)
    sent.backward(from: received.sentGradient(answer.latent))
    return Double(answer.loss)
  }

  private func trainingChannel(_ random: inout RandomSource) throws -> ChannelNoise {
    guard let losses = configuration.trainLoss else { return ChannelNoise(setting.link) }
    let index = Int(random.uniform() * Double(losses.count))
    return ChannelNoise(try setting.link.with(loss: losses[min(index, losses.count - 1)]))
  }

  // MARK: - Evaluation

  /// `accuracy` and `loss` on the user's validation images, through the link.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    let dataset = try setting.data.validation()
    let trained = Head(network)
    var counts = ClassificationCounts(classCount: setup.tail.classCount)
    var loss = RunningMean()
    let channel = ChannelNoise(setting.link)
    func take(_ input: Tensor<Float>, _ labels: [Int32], batch: Int) throws {
      var random = RandomSource(seed: setting.seed, purpose: "validation channel", index: batch)
      let sent = trained(
        configuration.hasAdapter ? channel.beforeAdapter(input, using: &random) : input)
      let logits = try setup.tail.forward(channel.transmit(sent, using: &random).latent)
      counts.accumulate(logits: logits, labels: labels)
      loss.add(meanCrossEntropy(logits, labels), weight: Double(labels.count))
    }
    let plan = try BatchPlan(
      sampleCount: dataset.count, batchSize: 256, seed: 0, shuffles: false)
    if configuration.hasAdapter, configuration.cache != .off {
      let store = try validation.store {
        try latents(of: dataset, as: "validation")
      }
      for batch in 0..<plan.batchesPerEpoch {
        let samples = plan.indices(epoch: 0, batch: batch)
        try take(store.latents(of: samples), dataset.labels(at: samples), batch: batch)
      }
    } else {
      let stream = try BatchLoader(dataset: dataset, plan: plan, transform: inputTransform)
        .batches(epoch: 0)
      while let batch = try stream.next() {
        try take(
          configuration.hasAdapter ? head(batch.images) : batch.images, batch.labels,
          batch: batch.index)
      }
    }
    return ["accuracy": counts.accuracy, "loss": loss.mean]
  }

  /// True: values are disturbed or lost, each image alike for all systems.
  public static var meetsNoise: Bool { true }

  /// The accuracy on the user's classes and on the others, beside the original system's and both
  /// masked to the user's classes, and what the system costs.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    try adapted(network).evaluate(
      method: "\(SALT.name), \(configuration.variant.rawValue)", setting)
  }

  /// The trained network in its place between head and tail.
  private func adapted(_ network: Network) -> AdaptedClassifier {
    AdaptedClassifier(
      setup, configuration.hasAdapter ? .adapter(network) : .head(network),
      name: configuration.variant.rawValue)
  }

  /// The head with what was trained; the tail is its owner's.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    (try adapted(network).device(), nil)
  }

  /// The head and the tail as they were before.
  public func uncut(_ network: Network) -> UncutNetwork {
    UncutNetwork(head: head, tail: setup.tail, through: inputTransform)
  }

  /// The head with what was trained, before the closed tail; every value is sent as it is, over a link
  /// without noise.
  public func systems(_ network: Network) throws -> [any SplitSystem] {
    [
      try adapted(network).system(
        name: "\(SALT.name), \(configuration.variant.rawValue)", family: SALT.name)
    ]
  }
}
