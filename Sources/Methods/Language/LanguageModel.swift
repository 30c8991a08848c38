internal import Autodiff
internal import Codecs
internal import Datasets
internal import Glibc
internal import Metrics
public import Networks
internal import Splitting
public import Tensors
public import Training

/// Trains a network that predicts each character of a text from those before it, and measures what
/// decoding it across a cut sends, one token at a time.
///
/// A causal network computes a token's features from itself and what came before: with both sides
/// keeping what they had, a step of decoding sends the features of the newest token and no more.
public struct LanguageModel: Method {
  /// `language`.
  public static let name = "language"

  /// What the method does, in one sentence.
  public static let summary =
    "train a network to predict each character of a text, and measure what decoding sends"

  /// The network as training begins.
  public let network: Network

  /// Nothing is frozen.
  public let freezing: Freezing

  /// The numbers of characters stay as they are, unless a checkpoint says otherwise.
  public let inputTransform: InputTransform

  /// The checkpoint files the recipe builds on.
  public let parents: [String]

  private let configuration: LanguageConfiguration
  private let setting: MethodSetting

  /// Builds or reads the network.
  ///
  /// - Throws: what keeps it from being read, or from fitting the text.
  public init(_ configuration: LanguageConfiguration, _ setting: MethodSetting) throws {
    let loaded = try setting.loadNetwork(answers: .positions)
    let test = try setting.data.test()
    if try setting.data.isRenumbered() {
      // Characters are what the network reads, too, and those of the text are as they are.
      throw SetupError.characters(
        network: loaded.classes?.owner ?? loaded.network.name, dataset: test.name)
    }
    guard loaded.network.outputShape.rank == 2,
      loaded.network.outputShape[0] == test.imageShape.elementCount
    else {
      throw LanguageError.notEveryPosition(loaded.network.outputShape)
    }
    network = loaded.network
    inputTransform = loaded.inputTransform
    freezing = .none(loaded.network)
    parents = setting.network.files
    self.configuration = configuration
    self.setting = setting
  }

  /// Windows of the text.
  public func trainingBatches() throws -> any BatchSource {
    let train = try setting.data.train()
    return ImageBatchSource(
      try BatchLoader(
        dataset: train, plan: setting.trainingPlan(sampleCount: train.count),
        transform: inputTransform))
  }

  /// For every position of every window, the character after it.
  static func targets(_ inputs: Tensor<Float>, _ labels: [Int32]) -> [Int32] {
    let length = inputs.count / max(labels.count, 1)
    let characters = inputs.scalars.map { Int32($0) }
    return labels.enumerated().flatMap { window, label in
      characters[window * length + 1..<(window + 1) * length] + [label]
    }
  }

  /// Mean cross-entropy of all positions.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    let loss = Variable.apply(
      CrossEntropy(labels: LanguageModel.targets(batch.inputs, batch.labels)),
      [pass(batch.inputs)[0]])
    loss.backward()
    return Double(loss.value.item)
  }

  /// `accuracy` and `loss` (in nats) of all positions of the validation windows.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    let head = Head(network)
    var loss = RunningMean()
    var counts = ClassificationCounts(classCount: network.outputShape[1])
    let dataset = try setting.data.validation()
    let plan = try BatchPlan(
      sampleCount: dataset.count, batchSize: 64, seed: 0, shuffles: false)
    let stream = try BatchLoader(dataset: dataset, plan: plan, transform: inputTransform)
      .batches(epoch: 0)
    while let batch = try stream.next() {
      let targets = LanguageModel.targets(batch.images, batch.labels)
      let logits = head(batch.images).reshaped(to: [targets.count, network.outputShape[1]])
      loss.add(meanCrossEntropy(logits, targets), weight: Double(targets.count))
      counts.accumulate(logits: logits, labels: targets)
    }
    return ["accuracy": counts.accuracy, "loss": loss.mean]
  }

  /// A way to send a token's features.
  private struct Contender {
    let name: String
    let codec: any LatentCodec
    var loss = RunningMean()
    var bytes: [Int] = []
  }

  /// Accuracy of the character after each test window, and for each codec the bytes of a decoding
  /// step and the bits per character over all positions, at the recipe's cut.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    let dataset = try setting.data.test()
    let classes = network.outputShape[1]
    let length = network.outputShape[0]
    let (device, server) = try parts(network)
    let head = Head(device)
    let tail = Head(server ?? device)
    let width = head.latentShape[-1]
    guard head.latentShape == [length, width] else {
      throw LanguageError.notEveryPosition(head.latentShape)
    }
    var contenders = contenders()
    let evaluation = ClassifierEvaluation(
      dataset: dataset, inputTransform: inputTransform, classCount: classes, userClasses: nil)
    let counts = try evaluation.run(
      classifiers: contenders.count, observer: setting.observer
    ) { batch in
      let targets = LanguageModel.targets(batch.images, batch.labels)
      let latents = head(batch.images)
      return try contenders.indices.map { index in
        let (received, sizes) = try contenders[index].codec.transmitted(
          latents.reshaped(to: [targets.count, width]))
        contenders[index].bytes += sizes
        let logits = tail(received.reshaped(to: latents.shape))
        contenders[index].loss.add(
          meanCrossEntropy(logits.reshaped(to: [targets.count, classes]), targets),
          weight: Double(targets.count))
        return Variable(logits).sliced(axis: 1, length - 1..<length).value
          .reshaped(to: [batch.count, classes])
      }
    }
    var report = evaluation.report(
      method: LanguageModel.name, network: network.cost, counts[0])
    report.codecs = zip(contenders, counts).compactMap { contender, counts in
      var row = EvaluationReport.CodecComparison(
        name: contender.name, accuracy: counts.plain.accuracy,
        stream: EvaluationReport.StreamBytes(of: contender.bytes.map(Double.init)),
        latentBytes: width * MemoryLayout<Float>.stride)
      row?.bitsPerSymbol = contender.loss.mean.map { $0 / M_LN2 }
      return row
    }
    return report
  }

  /// The split network with the features of every token as they are.
  ///
  /// - Throws: as ``parts(_:)``, and ``LanguageError/notEveryPosition(_:)``.
  public func systems(_ network: Network) throws -> [any SplitSystem] {
    let (device, server) = try parts(network)
    return [
      try TokenSystem(
        name: LanguageModel.name, device: device, server: server ?? network,
        inputTransform: inputTransform, codec: IdentityCodec())
    ]
  }

  /// The uncompressed features come first.
  private func contenders() -> [Contender] {
    var contenders = [
      Contender(name: IdentityCodec.name, codec: IdentityCodec()),
      Contender(name: HalfPrecisionCodec.name, codec: HalfPrecisionCodec()),
      Contender(name: "packed, 4 bits", codec: PackedCodec(bits: 4)),
      Contender(name: "rans, 4 bits", codec: RANSCodec(bits: 4)),
    ]
    for keep in configuration.keep {
      for blocks in configuration.blocks {
        for tolerance in configuration.tolerance {
          contenders.append(
            Contender(
              name: "slicer, keep \(keep), \(blocks) \(blocks == 1 ? "block" : "blocks"), "
                + "tolerance \(tolerance)",
              codec: SLICERCodec(
                keep: keep, blocks: blocks, tolerance: Float(tolerance),
                bound: configuration.bound)))
        }
      }
    }
    return contenders
  }

  /// The network cut where the recipe says.
  ///
  /// - Throws: `SetupError.cutNeeded` without a cut, or `NetworkError` if it is not valid.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    guard let cut = setting.network.cut else { throw SetupError.cutNeeded }
    let (head, tail) = try network.cut(at: cut)
    return (head, tail)
  }
}

/// Why a network is no language model.
public enum LanguageError: Error, Equatable, CustomStringConvertible {
  /// Something does not have a row for each character.
  case notEveryPosition(Shape)

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .notEveryPosition(let shape):
      "expected a network and a cut with a row for each character of a window, found \(shape)"
    }
  }
}
