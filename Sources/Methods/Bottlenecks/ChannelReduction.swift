internal import Autodiff
internal import Datasets
public import Networks
internal import Tensors
public import Training

/// Channel reduction with quantisation (CR+BQ): a narrow layer that imitates a teacher's features,
/// its latents quantised after training.
///
/// The teacher's own layers are frozen; the loss sums squared differences of features at the cut
/// and after each later module: generalised head network distillation. Source: Matsubara and
/// Levorato 2021, https://arxiv.org/abs/2007.15818.
public struct ChannelReduction: BottleneckMethod {
  /// `cr_bq`.
  public static let name = "cr_bq"

  /// What the method does, in one sentence.
  public static let summary = "train a narrow bottleneck to imitate a teacher's features"

  /// The teacher and the student.
  public let student: BottleneckStudent

  /// Builds the student of the recipe's network.
  ///
  /// - Throws: what keeps the network from being read or cut, or ``BottleneckError``.
  public init(_ configuration: BottleneckConfiguration, _ setting: MethodSetting) throws {
    student = try BottleneckStudent(
      .channelReduction, configuration, setting, keepsTail: true)
  }

  /// `distillation`.
  public static let stages = ["distillation"]

  /// Everything but encoder and decoder.
  public var freezing: Freezing { student.distillation }

  /// Distils features.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    let loss = student.distillationLoss(pass(batch.inputs), bits: nil, batch.inputs)
    loss.backward()
    return Double(loss.value.item)
  }

  /// `accuracy` and `loss` on the validation images.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    try student.validate(network) { outputs, _, batch in
      student.distillationLoss(outputs, bits: nil, batch.images)
    }
  }
}
