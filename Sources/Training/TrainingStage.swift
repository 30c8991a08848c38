public import Configurations

/// What a stage of training has of its own: an entry of `train.stages`.
///
/// What is missing is as in the `train` section. A stage begins with the best parameters of the one
/// before, a new optimizer and a schedule that starts anew.
///
/// ```yaml
/// train:
///   batch_size: 128
///   stages:
///     - {epochs: 10, monitor: loss, optimizer: {name: adam, learning_rate: 1e-3}}
///     - {epochs: 10, monitor: accuracy, optimizer: {name: sgd, learning_rate: 1e-3}}
/// ```
public struct TrainingStage: Hashable, Codable, Sendable {
  /// The most passes over the training data.
  public var epochs: Int?
  /// How parameters follow gradients.
  public var optimizer: OptimizerConfiguration?
  /// How the learning rate changes.
  public var schedule: LearningRateSchedule?
  /// The largest norm of a step's gradient.
  public var clipNorm: Double?
  /// When to stop before the last epoch of the stage.
  public var earlyStopping: EarlyStopping?
  /// The validation metric that chooses the best epoch of the stage.
  public var monitor: String?

  /// Creates a stage.
  public init(
    epochs: Int? = nil, optimizer: OptimizerConfiguration? = nil,
    schedule: LearningRateSchedule? = nil, clipNorm: Double? = nil,
    earlyStopping: EarlyStopping? = nil, monitor: String? = nil
  ) {
    self.epochs = epochs
    self.optimizer = optimizer
    self.schedule = schedule
    self.clipNorm = clipNorm
    self.earlyStopping = earlyStopping
    self.monitor = monitor
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case epochs, optimizer, schedule
    case clipNorm = "clip_norm"
    case earlyStopping = "early_stopping"
    case monitor
  }

  /// The figures on the validation images that some method can be judged by.
  static let monitors = ["accuracy", "final", "loss", "quality", "steps"]

  /// Reports what is out of range in a stage or in the section they stand in.
  static func validate(
    epochs: Int?, clipNorm: Double?, monitor: String?, _ report: inout ValidationReport
  ) {
    if let epochs, epochs < 0 {
      report.add("expected 0 or more epochs, found \(epochs)", at: "epochs")
    }
    if let clipNorm, !(clipNorm > 0 && clipNorm.isFinite) {
      report.add("expected a positive number, found \(clipNorm)", at: "clip_norm")
    }
    let known = TrainingStage.monitors
    if let monitor, !known.contains(monitor) {
      report.add(
        "expected one of \(known.joined(separator: ", ")), found '\(monitor)'", at: "monitor")
    }
  }
}

extension TrainingStage: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    TrainingStage.validate(epochs: epochs, clipNorm: clipNorm, monitor: monitor, &report)
  }
}
