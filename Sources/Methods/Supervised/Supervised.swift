internal import Autodiff
internal import Codecs
internal import Datasets
internal import Metrics
public import Networks
internal import Splitting
public import Tensors
public import Training

/// Trains a classifier, or the part of one that is not frozen, on labelled images: what makes the
/// networks that the other methods cut and adapt.
public struct Supervised: Method {
  /// `supervised`.
  public static let name = "supervised"

  /// What the method does, in one sentence.
  public static let summary = "train a classifier, whole or in part, on labelled images"

  /// The network as training begins, its first output the logits.
  public let network: Network

  /// What of it stays as it is.
  public let freezing: Freezing

  /// What pixels go through first.
  public let inputTransform: InputTransform

  /// The checkpoint files the recipe builds on.
  public let parents: [String]

  private let configuration: SupervisedConfiguration
  private let setting: MethodSetting

  /// Builds or reads the network.
  ///
  /// - Throws: what keeps it from being read, or from fitting the data set.
  public init(_ configuration: SupervisedConfiguration, _ setting: MethodSetting) throws {
    let loaded = try setting.loadNetwork()
    network = loaded.network
    inputTransform = loaded.inputTransform
    freezing = try Freezing(configuration.freeze, of: network)
    parents = setting.network.files
    self.configuration = configuration
    self.setting = setting
  }

  /// Transformed and augmented training images.
  public func trainingBatches() throws -> any BatchSource {
    try setting.trainingImages(through: inputTransform)
  }

  /// Cross-entropy of the logits.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    let loss = Variable.apply(
      CrossEntropy(labels: batch.labels, labelSmoothing: configuration.labelSmoothing),
      [pass(batch.inputs)[0]])
    loss.backward()
    return Double(loss.value.item)
  }

  /// `accuracy` and `loss` on the validation images.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    let head = Head(network)
    var loss = RunningMean()
    let dataset = try setting.data.validation()
    let evaluation = ClassifierEvaluation(
      dataset: dataset, inputTransform: inputTransform, classCount: network.outputShape[0],
      userClasses: nil)
    let counts = try evaluation.run(observer: nil) { batch in
      let logits = head(batch.images)
      loss.add(meanCrossEntropy(logits, batch.labels), weight: Double(batch.count))
      return [logits]
    }
    return ["accuracy": counts[0].plain.accuracy, "loss": loss.mean]
  }

  /// Accuracy on the test images, of the split network as it is deployed and with what it costs if the
  /// recipe has a cut.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    guard setting.network.cut != nil else {
      return try setting.report(
        of: network, through: inputTransform, method: Supervised.name, name: "trained")
    }
    return try coded(network).evaluate(
      method: Supervised.name, network: network.cost, setting, name: "trained")
  }

  /// The network cut where the recipe says, and what crosses in as many bits as it says.
  private func coded(_ network: Network) throws -> CodedClassifier {
    let (device, server) = try parts(network)
    let codec: any LatentCodec = configuration.bits.map { PackedCodec(bits: $0) } ?? IdentityCodec()
    return CodedClassifier(
      device: device, server: server ?? network, inputTransform: inputTransform, codec: codec,
      tables: .none)
  }

  /// The parts of the network, with what crosses as the recipe says.
  public func systems(_ network: Network) throws -> [any SplitSystem] {
    [try coded(network).system(name: Supervised.name)]
  }

  /// The network as it was trained.
  public func whole(_ network: Network) -> Network { network }

  /// The network cut where the recipe says.
  ///
  /// - Throws: `SetupError.cutNeeded` without a cut, or `NetworkError` if it is not valid.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    guard let cut = setting.network.cut else { throw SetupError.cutNeeded }
    let (head, tail) = try network.cut(at: cut)
    return (head, tail)
  }
}
