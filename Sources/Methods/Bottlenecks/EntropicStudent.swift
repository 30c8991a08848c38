public import Training

/// Entropic Student: a learned bottleneck that imitates a teacher's features for few bits, then its
/// answers.
///
/// Stage 1, `distillation`: the teacher's own layers are frozen; squared differences of features at
/// the cut and after each later module, summed, and β a bit. Stage 2, `fine_tuning`: encoder and
/// prior are frozen; latents are rounded, and the rest learns from labels and from the teacher's
/// answers. Source: Matsubara, Yang, Levorato and Mandt 2022, https://arxiv.org/abs/2108.11898,
/// section 3.
public struct EntropicStudent: DistilledBottleneckMethod {
  /// `entropic_student`.
  public static let name = "entropic_student"

  /// What the method does, in one sentence.
  public static let summary =
    "train a bottleneck with a learned prior to imitate a teacher for few bits"

  /// The teacher and the student.
  public let student: BottleneckStudent

  /// Builds the student of the recipe's network.
  ///
  /// - Throws: what keeps the network from being read or cut, or ``BottleneckError``.
  public init(_ configuration: BottleneckConfiguration, _ setting: MethodSetting) throws {
    student = try BottleneckStudent(
      .factorizedPrior, configuration, setting, keepsTail: true)
  }
}
