internal import Autodiff
internal import Datasets
public import Networks
internal import Tensors
public import Training

/// A learned bottleneck trained with the task alone, from the beginning and all at once.
///
/// The loss is cross-entropy and β a bit. With `pretrained` the layers after the bottleneck begin
/// with the checkpoint's weights, which is a control and no published method. Source: Singh and others 2020,
/// https://arxiv.org/abs/2007.11797, with the bottleneck of the SC2 benchmark,
/// https://arxiv.org/abs/2203.08875.
public struct EndToEnd: BottleneckMethod {
  /// `end_to_end`.
  public static let name = "end_to_end"

  /// What the method does, in one sentence.
  public static let summary =
    "train a network around a bottleneck with a learned prior from scratch"

  /// The teacher and the student.
  public let student: BottleneckStudent

  /// Builds the student of the recipe's network.
  ///
  /// - Throws: what keeps the network from being read or cut, or ``BottleneckError``.
  public init(_ configuration: BottleneckConfiguration, _ setting: MethodSetting) throws {
    student = try BottleneckStudent(
      .factorizedPrior, configuration, setting, keepsTail: configuration.pretrained)
  }

  /// Nothing.
  public var freezing: Freezing { .none(student.network) }

  /// Cross-entropy, and β for each bit.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    let logits = pass(batch.inputs)[0]
    let loss = student.taskLoss(logits, bits: pass.bits, labels: batch.labels)
    loss.backward()
    return Double(loss.value.item)
  }

  /// `accuracy`, `loss` and `bytes` on the validation images.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    try student.validate(network) { outputs, bits, batch in
      student.taskLoss(outputs[0], bits: bits, labels: batch.labels)
    }
  }
}
