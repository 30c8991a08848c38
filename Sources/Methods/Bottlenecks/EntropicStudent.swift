internal import Autodiff
public import Codecs
internal import Datasets
public import Networks
public import Tensors
public import Training

/// Entropic Student: a learned bottleneck that imitates a teacher's features for few bits, then its
/// answers.
///
/// Stage 1, `distillation`: the teacher's own layers are frozen; squared differences of features at
/// the cut and after each later module, summed, and β a bit. Stage 2, `fine_tuning`: encoder and
/// prior are frozen; latents are rounded, and the rest learns from labels and from the teacher's
/// answers. Source: Matsubara, Yang, Levorato and Mandt 2022, https://arxiv.org/abs/2108.11898,
/// section 3.
public struct EntropicStudent: Method {
  /// `entropic_student`.
  public static let name = "entropic_student"

  /// What the method does, in one sentence.
  public static let summary =
    "train a bottleneck with a learned prior to imitate a teacher for few bits"

  /// `distillation` and `fine_tuning`.
  public static let stages = ["distillation", "fine_tuning"]

  /// The student as training begins.
  public var network: Network { student.network }

  /// Everything but encoder, prior and decoder, in the first stage.
  public let freezing: Freezing

  /// In the second stage encoder, prior, unless the recipe trains them too.
  public func freezing(inStage stage: Int) -> Freezing { stage == 0 ? freezing : fineTuning }

  /// What pixels go through first.
  public var inputTransform: InputTransform { student.inputTransform }

  /// The checkpoint files the recipe builds on.
  public var parents: [String] { student.setting.network.files }

  private let student: BottleneckStudent
  private let fineTuning: Freezing

  /// Builds the student of the recipe's network.
  ///
  /// - Throws: what keeps the network from being read or cut, or ``BottleneckError``.
  public init(_ configuration: BottleneckConfiguration, _ setting: MethodSetting) throws {
    student = try BottleneckStudent(
      .factorizedPrior, configuration, setting, keepsTail: true)
    freezing = try Freezing(student.tailPatterns, of: student.network)
    fineTuning =
      configuration.freezesEncoder
      ? try Freezing(["encoder", "bottleneck"], of: student.network) : .none(student.network)
  }

  /// Transformed and augmented training images.
  public func trainingBatches() throws -> any BatchSource { try student.trainingBatches() }

  /// Distils features, then answers.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    let outputs = pass(batch.inputs)
    let loss =
      pass.stage == 0
      ? student.distillationLoss(outputs, bits: pass.bits, batch.inputs)
      : student.answerLoss(outputs[0], labels: batch.labels, batch.inputs)
    loss.backward()
    return Double(loss.value.item)
  }

  /// `accuracy`, `loss` and `bytes` on the validation images.
  public func validate(_ network: Network) throws -> [String: Double] {
    try validate(network, inStage: 1)
  }

  /// `accuracy`, the stage's `loss` and `bytes` on the validation images.
  public func validate(_ network: Network, inStage stage: Int) throws -> [String: Double] {
    try student.validate(network) { outputs, bits, batch in
      stage == 0
        ? student.distillationLoss(outputs, bits: bits, batch.images)
        : student.answerLoss(outputs[0], labels: batch.labels, batch.images)
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

  /// The learned prior in integers.
  public func codecTables(_ network: Network) throws -> CodecTables { student.tables(network) }

  /// The deployed system with its codec.
  public func systems(_ network: Network) throws -> [any SplitSystem] {
    [try student.system(network, method: Self.name)]
  }
}
