internal import Autodiff
internal import Codecs
internal import Datasets
internal import Metrics
internal import Networks
internal import Splitting
internal import Tensors
internal import Training

/// A teacher cut in two, and a student that has a bottleneck in place of the teacher's head: what
/// the methods that train bottlenecks share.
public struct BottleneckStudent {
  /// How the latent becomes bytes.
  enum Kind {
    /// A learned distribution.
    case factorizedPrior
    /// Quantised after training, each latent from its smallest to its largest value.
    case channelReduction
  }

  let kind: Kind
  let configuration: BottleneckConfiguration
  let setting: MethodSetting
  let inputTransform: InputTransform

  /// Encoder, bottleneck, decoder and the teacher's tail; its outputs are the logits and the values
  /// of `matched`.
  let network: Network
  /// The student's nodes that are held to the teacher's.
  let matched: [String]
  /// What stays as it is while features are imitated: the teacher's own layers.
  let distillation: Freezing
  /// The same as patterns, for a network that has more than the student.
  let distillationPatterns: [String]
  /// What stays as it is in fine-tuning: encoder and prior, unless the recipe trains them too.
  let fineTuning: Freezing
  /// The same as patterns.
  let fineTuningPatterns: [String]

  /// The teacher with its logits alone.
  let teacherNetwork: Network
  /// The classes of the teacher's outputs, if a checkpoint brings it.
  let classes: ClassList?

  private let teacher: NetworkExecutor
  private let teacherParameters: [Variable<Float>]

  /// Builds the student of a recipe's network.
  ///
  /// - Parameters:
  ///   - keepsTail: whether the student's tail begins as the teacher's.
  ///   - answers: what the teacher has to give.
  /// - Throws: what keeps the teacher from being read or cut, or ``BottleneckError``.
  init(
    _ kind: Kind, _ configuration: BottleneckConfiguration, _ setting: MethodSetting,
    keepsTail: Bool, answers: NetworkAnswers = .classes
  ) throws {
    let loaded = try setting.loadNetwork(answers: answers)
    classes = loaded.classes
    guard let cut = setting.network.cut else { throw SetupError.cutNeeded }
    let teacher = loaded.network
    let (head, tail) = try teacher.cut(at: cut)
    let image = head.inputs[0].shape
    var front =
      switch kind {
      case .factorizedPrior:
        try BottleneckNetworks.factorizedPrior(
          image: image, target: head.outputShape, channels: configuration.channels,
          downsampling: configuration.downsampling)
      case .channelReduction:
        try BottleneckNetworks.channelReduction(
          image: image, target: head.outputShape, channels: configuration.channels,
          downsampling: configuration.downsampling)
      }
    front.initializeParameters(seed: setting.seed)
    if case .factorizedPrior = kind {
      try BottleneckNetworks.initializeConvolutions(&front, seed: setting.seed)
    }
    var student = try front.followed(by: tail, name: "\(teacher.name).student")
    if !keepsTail {
      student.initializeParameters(seed: setting.seed)
      try student.setParameters(front.parameters)
    }

    let later =
      try configuration.matched.map { names in
        try names.map { try teacher.resolve($0) }
      } ?? BottleneckStudent.modules(of: teacher, from: head.outputs[0])
    // What crosses the cut comes out of the decoder in the student.
    matched = later.map { $0 == head.outputs[0] ? BottleneckNetworks.decoded : $0 }
    if let unknown = zip(later, matched).first(where: { student.node(named: $0.1) == nil }) {
      throw SetupError.contradiction(
        "\(unknown.0) lies before the cut, where the student has no such layer to match")
    }
    let network = try student.with(outputs: [student.outputs[0]] + matched)
    self.network = network
    distillationPatterns = BottleneckStudent.tailPatterns(of: network)
    distillation = try Freezing(distillationPatterns, of: network)
    fineTuningPatterns =
      configuration.freezesEncoder ? ["encoder", BottleneckNetworks.bottleneck] : []
    fineTuning = try Freezing(fineTuningPatterns, of: network)
    teacherNetwork = try teacher.with(outputs: [teacher.outputs[0]])
    let frozen = try teacher.with(outputs: [teacher.outputs[0]] + later).folded()
    self.teacher = NetworkExecutor(frozen, isFrozen: true)
    teacherParameters = frozen.constants(Float.self)
    self.kind = kind
    self.configuration = configuration
    self.setting = setting
    inputTransform = loaded.inputTransform
  }

  /// The cut, and the ends of the modules after it at which the network could be cut too.
  private static func modules(of network: Network, from cut: String) -> [String] {
    let cuts = network.cutPoints.map(\.name)
    let after = Set(cuts.drop { $0 != cut })
    var names: [String] = []
    for node in network.nodes where node.name.contains(".") {
      let module = node.name.prefix { $0 != "." }
      guard let end = try? network.resolve(String(module)), !names.contains(end) else { continue }
      names.append(end)
    }
    return [cut] + names.filter { $0 != cut && after.contains($0) }
  }

  /// Path patterns of the teacher's own layers.
  private static func tailPatterns(of network: Network) -> [String] {
    network.nodes.map(\.name).filter { name in
      name != BottleneckNetworks.bottleneck && !name.hasPrefix("encoder.")
        && !name.hasPrefix("decoder.")
    }
  }

  // MARK: - Losses

  /// The teacher's logits and features for a batch.
  func answer(_ images: Tensor<Float>) -> [Tensor<Float>] {
    teacher.run([Variable(images)], parameters: teacherParameters).outputs.map(\.value)
  }

  /// The squared differences of all matched features, summed over each and averaged over the
  /// batch.
  func featureLoss(_ student: [Variable<Float>], _ teacher: [Tensor<Float>]) -> Variable<Float> {
    var loss: Variable<Float>?
    for (own, other) in zip(student, teacher).dropFirst() {
      let difference = Variable.apply(MeanSquaredError(reduction: .sum), [own, Variable(other)])
      loss = loss.map { $0 + difference } ?? difference
    }
    let count = Double(student[0].shape[0])
    return (loss ?? Variable(Tensor(0))) / count
  }

  /// The loss of distillation: features, and β for each bit of a latent.
  func distillationLoss(
    _ outputs: [Variable<Float>], bits: Variable<Float>?, _ images: Tensor<Float>
  ) -> Variable<Float> {
    let features = featureLoss(outputs, answer(images))
    guard let bits else { return features }
    return features + bits.mean() * configuration.beta
  }

  /// The loss of the task alone: cross-entropy, and β for each bit of a latent.
  func taskLoss(
    _ logits: Variable<Float>, bits: Variable<Float>?, labels: [Int32]
  ) -> Variable<Float> {
    let task = logits.crossEntropy(labels)
    guard let bits else { return task }
    return task + bits.mean() * configuration.beta
  }

  /// The loss of fine-tuning: `α CE + (1 − α) τ² KL`, and β for each bit of a latent if the encoder is
  /// trained.
  func answerLoss(
    _ logits: Variable<Float>, bits: Variable<Float>?, labels: [Int32], _ images: Tensor<Float>
  ) -> Variable<Float> {
    let labelled = logits.crossEntropy(labels)
    let taught = Variable.apply(
      KLDivergence(temperature: configuration.temperature),
      [logits, Variable(answer(images)[0])])
    let answers = labelled * configuration.alpha + taught * (1 - configuration.alpha)
    guard !configuration.freezesEncoder, let bits else { return answers }
    return answers + bits.mean() * configuration.fineTuningBeta
  }

  /// The loss of a stage: of distillation in the first, of fine-tuning in the second.
  func loss(
    inStage stage: Int, _ outputs: [Variable<Float>], bits: Variable<Float>?, labels: [Int32],
    _ images: Tensor<Float>
  ) -> Variable<Float> {
    stage == 0
      ? distillationLoss(outputs, bits: bits, images)
      : answerLoss(outputs[0], bits: bits, labels: labels, images)
  }

  // MARK: - Training and validation

  /// Transformed and augmented training images.
  func trainingBatches() throws -> any BatchSource {
    try setting.trainingImages(through: inputTransform)
  }

  /// Accuracy, loss and bits of a latent on the validation images, latents rounded.
  ///
  /// - Parameter loss: of the network's outputs, the bits, the images and the labels.
  func validate(
    _ network: Network,
    loss: ([Variable<Float>], Variable<Float>?, ImageBatch) -> Variable<Float>
  ) throws -> ValidationMetrics {
    let executor = NetworkExecutor(network)
    let parameters = network.constants(Float.self)
    var mean = RunningMean()
    var bits = RunningMean()
    let dataset = try setting.data.validation()
    let evaluation = ClassifierEvaluation(
      dataset: dataset, inputTransform: inputTransform, classCount: network.outputShape[0],
      userClasses: nil)
    let counts = try evaluation.run(observer: nil) { batch in
      let run = executor.run(
        [Variable(batch.images)], parameters: parameters, mode: .measuringBits)
      let weight = Double(batch.count)
      mean.add(Double(loss(run.outputs, run.bits, batch).value.item), weight: weight)
      if let found = run.bits { bits.add(Double(found.mean().value.item), weight: weight) }
      return [run.outputs[0].value]
    }
    var metrics: ValidationMetrics = [
      "accuracy": counts[0].plain.accuracy, "loss": mean.mean,
    ]
    if let bits = bits.mean { metrics["bytes"] = bits / 8 }
    return metrics
  }

  // MARK: - Deployment

  /// The encoder, up to what is written as bytes, and everything after the bottleneck.
  func parts(_ network: Network) throws -> (device: Network, server: Network) {
    try Self.parts(deployed: try network.with(outputs: [network.outputs[0]]))
  }

  /// The same of a network whose outputs are all deployed.
  static func parts(deployed network: Network) throws -> (device: Network, server: Network) {
    (
      try network.cut(at: BottleneckNetworks.encoded).head,
      try network.cut(at: BottleneckNetworks.bottleneck).tail
    )
  }

  /// What is deployed, its tables made of the trained distributions.
  func coded(_ network: Network) throws -> CodedClassifier {
    let (device, server) = try parts(network)
    let (codec, tables) = coding(network)
    return CodedClassifier(
      device: device, server: server, inputTransform: inputTransform, codec: codec,
      tables: tables)
  }

  /// The learned prior in integers.
  func tables(_ network: Network) -> CodecTables { coding(network).tables }

  /// What writes the latent, and the tables that reading it needs.
  func coding(_ network: Network) -> (codec: any LatentCodec, tables: CodecTables) {
    guard kind == .factorizedPrior else {
      return (PackedCodec(bits: configuration.bits), .none)
    }
    let tables = FactorizedTables(
      network.factorizedChannels(ofNode: BottleneckNetworks.bottleneck))
    return (FactorizedCodec(tables, tableNumber: 0), CodecTables([0: tables]))
  }
}

extension Network {
  /// The distributions of the channels of an entropy bottleneck.
  func factorizedChannels(ofNode name: String) -> [FactorizedTables.Channel] {
    let paths = node(named: name)?.parameterPaths ?? []
    let parameters = paths.compactMap { self.parameters[$0] }
    let prior = FactorizedPrior(Array(parameters.dropLast()))
    return parameters[parameters.count - 1].scalars.enumerated().map { channel, median in
      let table = prior.table(channel: channel, median: median)
      return FactorizedTables.Channel(
        median: median, lowest: table.lowest, probabilities: table.probabilities)
    }
  }
}
