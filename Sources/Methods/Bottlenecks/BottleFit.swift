public import Training

/// BottleFit: a narrow layer that imitates a teacher's features, then its answers.
///
/// Stage 1, `distillation`, is that of ``ChannelReduction``. Stage 2, `fine_tuning`, learns from
/// labels and from the teacher's answers, with the encoder frozen unless the recipe says otherwise.
/// Latents are quantised after training. Source: Matsubara and others 2022,
/// https://arxiv.org/abs/2201.02693, section 4.
public struct BottleFit: DistilledBottleneckMethod {
  /// `bottlefit`.
  public static let name = "bottlefit"

  /// What the method does, in one sentence.
  public static let summary =
    "train a narrow bottleneck to imitate a teacher's features, then its answers"

  /// The teacher and the student.
  public let student: BottleneckStudent

  /// Builds the student of the recipe's network.
  ///
  /// - Throws: what keeps the network from being read or cut, or ``BottleneckError``.
  public init(_ configuration: BottleneckConfiguration, _ setting: MethodSetting) throws {
    student = try BottleneckStudent(
      .channelReduction, configuration, setting, keepsTail: true)
  }
}
