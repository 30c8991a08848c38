public import Configurations
public import Splitting

/// The `train` section of a recipe: how long, in which steps, and when to stop.
public struct TrainingConfiguration: Hashable, Sendable {
  /// The most passes over the training data.
  public var epochs: Int
  /// Samples in a step.
  public var batchSize: Int
  /// How parameters follow gradients.
  public var optimizer: OptimizerConfiguration
  /// How the learning rate changes.
  public var schedule: LearningRateSchedule
  /// The largest norm of a step's gradient; `nil` for no limit.
  public var clipNorm: Double?
  /// When to stop before the last epoch; `nil` for never.
  public var earlyStopping: EarlyStopping?
  /// The validation metric that chooses the best epoch.
  public var monitor: String
  /// How often the state is saved within an epoch; at the end of each if `nil`.
  public var saveEvery: TimeSpan?

  /// Creates a section with its defaults.
  public init(
    epochs: Int = 10, batchSize: Int = 128,
    optimizer: OptimizerConfiguration = OptimizerConfiguration(
      .adam(betas: .init(), epsilon: 1e-8)),
    schedule: LearningRateSchedule = LearningRateSchedule()
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.schedule = schedule
    monitor = "accuracy"
  }

  /// Which direction of the monitored metric is better.
  public var monitorMode: ImprovementMode { monitor.hasSuffix("loss") ? .minimum : .maximum }
}

extension TrainingConfiguration: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case epochs
    case batchSize = "batch_size"
    case optimizer
    case schedule
    case clipNorm = "clip_norm"
    case earlyStopping = "early_stopping"
    case monitor
    case saveEvery = "save_every"
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = TrainingConfiguration()
    epochs = try container.decodeIfPresent(Int.self, forKey: .epochs) ?? defaults.epochs
    batchSize = try container.decodeIfPresent(Int.self, forKey: .batchSize) ?? defaults.batchSize
    optimizer =
      try container.decodeIfPresent(OptimizerConfiguration.self, forKey: .optimizer)
      ?? defaults.optimizer
    schedule =
      try container.decodeIfPresent(LearningRateSchedule.self, forKey: .schedule)
      ?? defaults.schedule
    clipNorm = try container.decodeIfPresent(Double.self, forKey: .clipNorm)
    earlyStopping = try container.decodeIfPresent(EarlyStopping.self, forKey: .earlyStopping)
    monitor = try container.decodeIfPresent(String.self, forKey: .monitor) ?? defaults.monitor
    saveEvery = try container.decodeIfPresent(TimeSpan.self, forKey: .saveEvery)
  }

  /// Writes the section.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(epochs, forKey: .epochs)
    try container.encode(batchSize, forKey: .batchSize)
    try container.encode(optimizer, forKey: .optimizer)
    try container.encode(schedule, forKey: .schedule)
    try container.encodeIfPresent(clipNorm, forKey: .clipNorm)
    try container.encodeIfPresent(earlyStopping, forKey: .earlyStopping)
    try container.encode(monitor, forKey: .monitor)
    try container.encodeIfPresent(saveEvery, forKey: .saveEvery)
  }
}

extension TrainingConfiguration: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    if epochs < 0 { report.add("expected 0 or more epochs, found \(epochs)", at: "epochs") }
    if batchSize < 1 {
      report.add("expected 1 or more samples in a batch, found \(batchSize)", at: "batch_size")
    }
    if let clipNorm, !(clipNorm > 0 && clipNorm.isFinite) {
      report.add("expected a positive number, found \(clipNorm)", at: "clip_norm")
    }
    let known = ["accuracy", "loss"]
    if !known.contains(monitor) {
      report.add(
        "expected one of \(known.joined(separator: ", ")), found '\(monitor)'", at: "monitor")
    }
  }
}
