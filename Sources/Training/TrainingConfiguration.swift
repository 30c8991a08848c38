public import Configurations
internal import Metrics
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
  /// Whether batch norms take the statistics of the whole batch where several processes share it.
  public var synchronizesBatchNorm = false
  /// What differs from stage to stage, for a method that trains in several; `nil` for one stage.
  public var stages: [TrainingStage]?

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

  /// The most epochs of all stages.
  public var totalEpochs: Int { (0..<stageCount).reduce(0) { $0 + stage($1).epochs } }

  /// How many stages there are.
  public var stageCount: Int { stages?.count ?? 1 }

  /// What holds in a stage, counted from 0.
  ///
  /// - Precondition: there is such a stage.
  public func stage(_ index: Int) -> TrainingConfiguration {
    precondition((0..<stageCount).contains(index), "TrainingConfiguration: stage \(index)")
    guard let stage = stages?[index] else { return self }
    var configuration = self
    configuration.stages = nil
    configuration.epochs = stage.epochs ?? epochs
    configuration.optimizer = stage.optimizer ?? optimizer
    configuration.schedule = stage.schedule ?? schedule
    configuration.clipNorm = stage.clipNorm ?? clipNorm
    configuration.earlyStopping = stage.earlyStopping ?? earlyStopping
    configuration.monitor = stage.monitor ?? monitor
    return configuration
  }

  /// Which direction of the monitored metric is better.
  public var monitorMode: ImprovementMode {
    MetricScale(named: monitor).isHigherBetter ?? true ? .maximum : .minimum
  }
}

extension TrainingConfiguration: Codable {
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case epochs
    case batchSize = "batch_size"
    case optimizer
    case schedule
    case clipNorm = "clip_norm"
    case earlyStopping = "early_stopping"
    case monitor
    case saveEvery = "save_every"
    case synchronizesBatchNorm = "synchronize_batch_norm"
    case stages
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
    synchronizesBatchNorm =
      try container.decodeIfPresent(Bool.self, forKey: .synchronizesBatchNorm) ?? false
    stages = try container.decodeIfPresent([TrainingStage].self, forKey: .stages)
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
    if synchronizesBatchNorm { try container.encode(true, forKey: .synchronizesBatchNorm) }
    try container.encodeIfPresent(stages, forKey: .stages)
  }
}

extension TrainingConfiguration: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    if batchSize < 1 {
      report.add("expected 1 or more samples in a batch, found \(batchSize)", at: "batch_size")
    }
    if stages?.isEmpty ?? false { report.add("expected at least one stage", at: "stages") }
    TrainingStage.validate(
      epochs: epochs, clipNorm: clipNorm, monitor: monitor, &report)
  }
}
