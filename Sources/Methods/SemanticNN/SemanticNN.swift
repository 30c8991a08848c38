internal import Autodiff
internal import Codecs
internal import Datasets
internal import Metrics
public import Networks
internal import Splitting
public import Tensors
public import Training

/// SemanticNN: a codec between a frozen head and a closed tail that is trained with the bit errors of its
/// link, so that nothing has to be sent again.
///
/// Stage 1, `denoising`, learns to give back the head's features through the noisy channel; stage 2,
/// `task`, learns by the tail's answers. Of the tail, this code uses the two calls of `Tail` and nothing
/// else. Source: https://arxiv.org/abs/2511.11038.
///
/// Deviation: the share of each centre is the mean of soft assignments, which has a gradient. With
/// `fidelity`, the features themselves keep their part in stage 2, as few images are soon learned by heart.
public struct SemanticNN: Method {
  /// `semanticnn`.
  public static let name = "semanticnn"

  /// What the method does, in one sentence.
  public static let summary =
    "train a codec of few indices that survives bit errors, before a closed tail"

  /// `denoising` and `task`.
  public static let stages = ["denoising", "task"]

  /// Encoder, quantiser and decoder: from features, and a signal-to-noise ratio, to features.
  public let network: Network

  /// Nothing.
  public let freezing: Freezing

  /// What pixels go through before the head.
  public var inputTransform: InputTransform { setup.inputTransform }

  /// The checkpoint files the recipe builds on.
  public let parents: [String]

  private let configuration: SemanticNNConfiguration
  private let setting: MethodSetting
  private let setup: SplitSetup
  private let head: Head
  private let range: ClosedRange<Float>
  private let validationFeatures: CachedFeatures
  /// From what arrives, and the channel's state if it is told, to features.
  private let decoder: NetworkExecutor
  private let decoderIsAware: Bool

  /// How many training images tell the range of features.
  private static let rangeImages = 512

  /// Opens head and tail and builds the codec between them.
  ///
  /// - Throws: what keeps the parts from being read, or ``SemanticNNError``.
  public init(_ configuration: SemanticNNConfiguration, _ setting: MethodSetting) throws {
    try self.init(configuration, setting, setup: try setting.openSplit())
  }

  /// Builds the codec between a head and a tail that are already open.
  ///
  /// - Throws: ``SemanticNNError``, or what keeps training images from being read.
  public init(
    _ configuration: SemanticNNConfiguration, _ setting: MethodSetting, setup: SplitSetup
  ) throws {
    guard setting.link.loss == 0, setting.link.noise == 0 else { throw SemanticNNError.lossyLink }
    self.configuration = configuration
    self.setting = setting
    self.setup = setup
    parents = setting.network.files
    head = Head(setup.head)
    let images = try setting.data.sample(
      SemanticNN.rangeImages, of: setting.data.train(), for: "range of features")
    let features = head(
      try setup.inputTransform(images.pixels(at: Array(0..<images.count))))
    let values = features.scalars
    range = min(values.min() ?? 0, 0)...max(values.max() ?? 1, 0)
    network = try SemanticNetworks.network(
      features: setup.tail.latentShape, range: range,
      means: features.reduced(.sum, axes: Array(0..<features.shape.rank - 1)).scalars.map {
        $0 / Float(max(1, features.count / features.shape[-1]))
      }, configuration, seed: setting.seed)
    freezing = .none(network)
    let part = try SemanticCodec(network, configuration).decoder
    decoder = NetworkExecutor(part)
    decoderIsAware = part.inputs.count > 1
    let latent = network.shapes[SemanticNetworks.latent] ?? []
    guard latent.elementCount <= IndexFrame.mostIndices else {
      throw SemanticNNError.tooManyValues(latent.elementCount, most: IndexFrame.mostIndices)
    }
    validationFeatures = CachedFeatures()
  }

  // MARK: - Training

  /// What is decoded and what is quantised; with attributions also what the decoder is given.
  public func outputs(inStage stage: Int) -> [String]? {
    stage > 0 && configuration.attribution > 0
      ? network.outputs + [SemanticNetworks.quantizer] : nil
  }

  /// The features of the training images.
  public func trainingBatches() throws -> any BatchSource {
    try setting.latents(
      of: head, through: inputTransform, memoryLimit: configuration.cacheMemory.bytes,
      setBy: SemanticNN.memoryKey)
  }

  /// Sends features through the codec and its channel, and holds what arrives to what was sent or to the
  /// tail's answers.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    var random = RandomSource(seed: pass.seed, purpose: "channel")
    let state = configuration.decibels.map { decibels in
      Tensor<Float>(
        [batch.count, 1],
        repeating: Float(
          decibels.least + random.index(below: decibels.most - decibels.least + 1)))
    }
    let outputs = state.map { pass(batch.inputs, $0) } ?? pass(batch.inputs)
    let (decoded, latent) = (outputs[0], outputs[1])
    guard pass.stage > 0 else {
      let loss = Variable.apply(MeanSquaredError(), [decoded, Variable(batch.inputs)])
      loss.backward()
      return Double(loss.value.item)
    }
    let answer = try setup.tail.backward(decoded.value, labels: batch.labels)
    pass.watch("cut/gradient", answer.latent)
    var loss = Double(answer.loss)
    // A product with the gradient has that gradient, so that one pass back serves all terms.
    var surrogate = (decoded * Variable(answer.latent)).sum()
    if configuration.usage > 0, let centers = pass.variable(at: SemanticNetworks.centers) {
      let usage = usageLoss(latent, centers) * configuration.usage
      surrogate = surrogate + usage
      loss += Double(usage.value.item)
    }
    if configuration.attribution > 0, outputs.count > 2 {
      let found = try asymmetry(
        of: outputs[2].value, state: decoderIsAware ? state : nil, decodedGradient: answer.latent,
        labels: batch.labels, pass)
      surrogate =
        surrogate + (outputs[2] * Variable(found.gradient)).sum() * configuration.attribution
      loss += configuration.attribution * found.penalty
    }
    if configuration.fidelity > 0 {
      let error =
        Variable.apply(MeanSquaredError(), [decoded, Variable(batch.inputs)])
        * configuration.fidelity
      surrogate = surrogate + error
      loss += Double(error.value.item)
    }
    surrogate.backward()
    return loss
  }

  /// How far the shares of the centres are from even: the mean square of their differences.
  private func usageLoss(
    _ latent: Variable<Float>, _ centers: Variable<Float>
  ) -> Variable<Float> {
    let shares = Variable.apply(
      SoftAssignment(sharpness: configuration.sharpness), [latent, centers]
    ).mean(axes: Array(0..<latent.shape.rank))
    return (shares - 1 / Double(configuration.levels)).power(2).mean()
  }

  /// The asymmetry of the attributions of what the decoder was given.
  ///
  /// - Parameters:
  ///   - latent: the quantised latent as it arrived.
  ///   - state: of the channel, `[batch, 1]`; nil for a decoder that is not told.
  ///   - decodedGradient: of the mean loss for what was decoded of it.
  private func asymmetry(
    of latent: Tensor<Float>, state: Tensor<Float>?, decodedGradient: Tensor<Float>,
    labels: [Int32], _ pass: TrainingPass
  ) throws -> AttributionAsymmetry {
    let parameters = pass.variables(of: decoder).map { Variable($0.value) }
    func gradient(
      at point: Tensor<Float>, _ answer: (Tensor<Float>) throws -> Tensor<Float>
    ) rethrows -> Tensor<Float> {
      let input = Variable(point, requiresGradient: true)
      let decoded = decoder.run(
        [input] + (state.map { [Variable($0)] } ?? []), parameters: parameters
      ).outputs[0]
      decoded.backward(from: try answer(decoded.value))
      return input.gradient ?? Tensor(point.shape, repeating: 0)
    }
    return AttributionAsymmetry(
      of: latent,
      gradients: (
        own: gradient(at: latent) { _ in decodedGradient },
        atZero: try gradient(at: Tensor(latent.shape, repeating: 0)) {
          try setup.tail.backward($0, labels: labels).latent
        }
      ))
  }

  // MARK: - Validation

  /// `accuracy` and the tail's `loss` on the validation images, over the channel of training.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    try validate(network, inStage: 1)
  }

  /// `accuracy`, and as `loss` the mean squared error in the first stage and the tail's in the second.
  public func validate(_ network: Network, inStage stage: Int) throws -> ValidationMetrics {
    let codec = try SemanticCodec(network, configuration)
    let dataset = try setting.data.validation()
    let store = try validationFeatures.store { try features(of: dataset, "validation") }
    var counts = ClassificationCounts(classCount: setup.tail.classCount)
    var loss = RunningMean()
    for (index, samples) in BitErrorStudy.batches(of: dataset.count).enumerated() {
      var random = RandomSource(seed: setting.seed, purpose: "validation channel", index: index)
      let sent = try store.latents(of: samples)
      let labels = dataset.labels(at: samples)
      var rate = 0.0
      if let decibels = configuration.decibels {
        let ratio = decibels.least + random.index(below: decibels.most - decibels.least + 1)
        rate = BitErrors.rate(atDecibels: Double(ratio))
      }
      let channel = BitErrors(rate: rate, burstLength: configuration.burstLength)
      let received = try codec.transmit(sent, over: channel, using: &random)
      let logits = try setup.tail.forward(received)
      counts.accumulate(logits: logits, labels: labels)
      loss.add(
        stage == 0
          ? Double(
            Variable.apply(MeanSquaredError(), [Variable(received), Variable(sent)]).value.item)
          : meanCrossEntropy(logits, labels), weight: Double(samples.count))
    }
    return ["accuracy": counts.accuracy, "loss": loss.mean]
  }

  private func features(of dataset: ImageDataset, _ part: String) throws -> FeatureStore {
    try setting.features(
      of: dataset, head, through: inputTransform,
      memoryLimit: configuration.cacheMemory.bytes, setBy: SemanticNN.memoryKey, as: part)
  }

  private static let memoryKey = "semanticnn.cache_memory"

  // MARK: - Evaluation

  /// Accuracy on the test images over the range of bit error rates, beside the features themselves in as
  /// many bits a value, untrained, and beside the same indices entropy-coded with a checksum.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    let codec = try SemanticCodec(network, configuration)
    let dataset = try setting.data.test()
    let store = try features(of: dataset, "test")
    let study = BitErrorStudy(
      store: store, labels: dataset.labels, userClasses: try setting.data.userClasses(),
      tail: setup.tail, rates: configuration.rates,
      draws: configuration.draws, burstLength: configuration.burstLength, seed: setting.seed,
      observer: setting.observer)
    let control = CenterQuantizer(
      evenly: range.lowerBound...max(range.upperBound, range.lowerBound + 1e-6),
      levels: configuration.levels, mapping: configuration.mapping)
    let values = head.latentShape.elementCount
    let counted = try setting.data.sample(
      SemanticNN.countedImages, of: setting.data.train(), for: "frequencies of indices")
    let coder = try IndexEntropyCoder(
      codec, head(try inputTransform(counted.pixels(at: Array(0..<counted.count)))),
      channels: configuration.channels)
    let streams = try study.streamBytes(codec, coder)
    let logits = try study.logits(codec)
    func row(
      _ system: String, bytes: Double, _ points: [BitErrorReport.Point]
    ) -> BitErrorReport {
      BitErrorReport(
        system: system, bytes: bytes,
        ratio: Double(values * MemoryLayout<Float>.stride) / bytes, points: points)
    }

    let evaluation = try setting.evaluation(
      through: inputTransform, classCount: setup.tail.classCount)
    let system = try system(network)
    let deployed = try evaluation.run([system], observer: setting.observer)[0]
    let device = try parts(network).device
    let serverCost = setup.serverCost ?? Cost()
    var report = evaluation.report(
      method: SemanticNN.name,
      network: Cost(
        macs: device.cost.macs + codec.decoder.cost.macs + serverCost.macs,
        parameters: device.cost.parameters + codec.decoder.cost.parameters
          + serverCost.parameters),
      deployed.counts)
    report.bitErrors = [
      row(
        SemanticNN.name + (codec.code == .none ? "" : ", \(codec.code.rawValue)"),
        bytes: Double(codec.byteCount), try study.points(codec)),
      row(
        "features in \(control.bits) bits, untrained",
        bytes: Double(IndexFrame.byteCount(indices: values, bits: control.bits)),
        try study.points(control)),
      row(
        "\(SemanticNN.name) indices, rANS and checksum",
        bytes: Double(streams.reduce(0, +)) / Double(max(1, streams.count)),
        try study.points(checkedStreams: streams, logits: logits)),
    ]
    report.split = try setting.cost(of: system, deployed.traffic)
    return report
  }

  /// How many training images tell how often each index occurs.
  private static let countedImages = 2000

  /// Decoder and tail, told that the channel is at its best.
  private func server(_ codec: SemanticCodec) -> Server {
    let tail = setup.tail
    let macs = codec.decoder.cost.macs + (setup.serverCost?.macs ?? 0)
    return Server(answerBytes: tail.classCount * MemoryLayout<Float>.stride, macs: macs) {
      latents in
      [
        try tail.forward(
          codec.features(
            codec.quantizer.codes(of: latents), count: latents.shape[0], rate: 0))
      ]
    }
  }

  // MARK: - Deployment

  /// The head with the encoder, and nil.
  ///
  /// What stands before the tail, which is its owner's, is the decoder of ``indexCoding(_:)``.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    let codec = try SemanticCodec(network, configuration)
    return (try setup.head.followed(by: codec.encoder, name: setup.head.name + "+encoder"), nil)
  }

  /// The learned centres, and the decoder with what it is told of the channel.
  public func indexCoding(_ network: Network) throws -> IndexCoding? {
    let codec = try SemanticCodec(network, configuration)
    let ratios = configuration.decibels ?? SemanticNNConfiguration.Decibels(0, 0)
    return IndexCoding(
      quantizer: codec.quantizer, code: codec.code, decoder: codec.decoder,
      sideInputs: codec.decoder.inputs.dropFirst().map {
        ($0.name, Float(ratios.least)...Float(ratios.most))
      })
  }

  /// The head and the tail as they were before.
  public func uncut(_ network: Network) -> UncutNetwork {
    UncutNetwork(head: head, tail: setup.tail, through: inputTransform)
  }

  /// The codec over a channel without errors.
  public func systems(_ network: Network) throws -> [any SplitSystem] { [try system(network)] }

  private func system(_ network: Network) throws -> SemanticSystem {
    let codec = try SemanticCodec(network, configuration)
    return SemanticSystem(
      name: SemanticNN.name, device: try parts(network).device, inputTransform: inputTransform,
      codec: codec, server: server(codec))
  }
}
