internal import Autodiff
internal import Datasets
public import Networks
public import Tensors
public import Training

/// Channel reduction with quantisation (CR+BQ): a narrow layer that imitates a teacher's features,
/// its latents quantised after training.
///
/// The teacher's own layers are frozen; the loss sums squared differences of features at the cut
/// and after each later module: generalised head network distillation. Source: Matsubara and
/// Levorato 2021, https://arxiv.org/abs/2007.15818. Deviation: a latent is quantised from its
/// smallest to its largest value with an offset in single precision instead of a zero point of
/// whole steps.
public struct ChannelReduction: Method {
  /// `cr_bq`.
  public static let name = "cr_bq"

  /// What the method does, in one sentence.
  public static let summary = "train a narrow bottleneck to imitate a teacher's features"

  /// `distillation`.
  public static let stages = ["distillation"]

  /// The student as training begins.
  public var network: Network { student.network }

  /// Everything but encoder and decoder.
  public let freezing: Freezing

  /// What pixels go through first.
  public var inputTransform: InputTransform { student.inputTransform }

  /// The checkpoint files the recipe builds on.
  public var parents: [String] { student.setting.network.files }

  private let student: BottleneckStudent

  /// Builds the student of the recipe's network.
  ///
  /// - Throws: what keeps the network from being read or cut, or ``BottleneckError``.
  public init(_ configuration: BottleneckConfiguration, _ setting: MethodSetting) throws {
    student = try BottleneckStudent(
      .channelReduction, configuration, setting, keepsTail: true)
    freezing = try Freezing(student.tailPatterns, of: student.network)
  }

  /// Transformed and augmented training images.
  public func trainingBatches() throws -> any BatchSource { try student.trainingBatches() }

  /// Distils features.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    let loss = student.distillationLoss(pass(batch.inputs), bits: nil, batch.inputs)
    loss.backward()
    return Double(loss.value.item)
  }

  /// `accuracy` and `loss` on the validation images.
  public func validate(_ network: Network) throws -> [String: Double] {
    try student.validate(network) { outputs, _, batch in
      student.distillationLoss(outputs, bits: nil, batch.images)
    }
  }

  /// Accuracy on the test images with every latent written as bytes, and what the split costs.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    try student.evaluate(network, method: Self.name)
  }

  /// The encoder, and decoder and tail.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    let (device, server) = try student.parts(network)
    return (device, server)
  }

  /// The deployed system with its codec.
  public func systems(_ network: Network) throws -> [any SplitSystem] {
    [try student.system(network, method: Self.name)]
  }
}
