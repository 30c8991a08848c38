public import Configurations

extension LearningRateSchedule: Codable {
  package enum CodingKeys: String, CodingKey {
    case name
    case stepSize = "step_size"
    case gamma, milestones, minimum, power, decay, mode, factor, patience, threshold
    case thresholdMode = "threshold_mode"
    case cooldown
    case warmUpEpochs = "warmup_epochs"
    case warmUpSteps = "warmup_steps"
    case warmUpStart = "warmup_start"

    /// Every key, for asking whether one is there.
    package static let all: [CodingKeys] = [
      .name, .stepSize, .gamma, .milestones, .minimum, .power, .decay, .mode, .factor, .patience,
      .threshold, .thresholdMode, .cooldown, .warmUpEpochs, .warmUpSteps, .warmUpStart,
    ]
  }

  /// The names of the curves in a recipe.
  enum Name: String, Codable, CaseIterable {
    case constant, step
    case multiStep = "multi_step"
    case cosine, polynomial
    case inverseTime = "inverse_time"
    case plateau
  }

  /// Reads the keys of the named curve and those of warm-up, and no others.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name: Name
    if let known = try container.decodeIfPresent(Name.self, forKey: .name) {
      name = known
    } else {
      // Which keys belong is unknown, so none may be reported as unknown.
      CodingKeys.all.forEach { _ = container.contains($0) }
      name = try container.decode(Name.self, forKey: .name)
    }
    let curve = try Curve(name, container)
    let epochs = try container.decodeIfPresent(Double.self, forKey: .warmUpEpochs)
    let steps = try container.decodeIfPresent(Int.self, forKey: .warmUpSteps)
    if epochs != nil, steps != nil {
      throw DecodingError.dataCorruptedError(
        forKey: .warmUpSteps, in: container,
        debugDescription: "give either 'warmup_epochs' or 'warmup_steps', not both")
    }
    self.init(
      curve, warmUp: epochs.map { .epochs($0) } ?? steps.map { .steps($0) },
      warmUpStart: try container.decodeIfPresent(Double.self, forKey: .warmUpStart) ?? 0.01)
  }

  /// Writes every key of the curve, and of warm-up if there is one.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try curve.encode(to: &container)
    switch warmUp {
    case nil: return
    case .epochs(let epochs): try container.encode(epochs, forKey: .warmUpEpochs)
    case .steps(let steps): try container.encode(steps, forKey: .warmUpSteps)
    }
    try container.encode(warmUpStart, forKey: .warmUpStart)
  }
}

extension LearningRateSchedule.Curve {
  fileprivate typealias Keys = LearningRateSchedule.CodingKeys
  fileprivate typealias Name = LearningRateSchedule.Name

  fileprivate init(_ name: Name, _ container: KeyedDecodingContainer<Keys>) throws {
    switch name {
    case .constant: self = .constant
    case .step:
      self = .step(
        stepSize: try container.decode(Int.self, forKey: .stepSize),
        gamma: try container.decodeIfPresent(Double.self, forKey: .gamma) ?? 0.1)
    case .multiStep:
      self = .multiStep(
        milestones: try container.decode([Int].self, forKey: .milestones),
        gamma: try container.decodeIfPresent(Double.self, forKey: .gamma) ?? 0.1)
    case .cosine:
      self = .cosine(minimum: try container.decodeIfPresent(Double.self, forKey: .minimum) ?? 0)
    case .polynomial:
      self = .polynomial(power: try container.decodeIfPresent(Double.self, forKey: .power) ?? 1)
    case .inverseTime:
      self = .inverseTime(decay: try container.decode(Double.self, forKey: .decay))
    case .plateau: self = .plateau(try PlateauDecay(container))
    }
  }

  fileprivate func encode(to container: inout KeyedEncodingContainer<Keys>) throws {
    switch self {
    case .constant: try container.encode(Name.constant, forKey: .name)
    case .step(let stepSize, let gamma):
      try container.encode(Name.step, forKey: .name)
      try container.encode(stepSize, forKey: .stepSize)
      try container.encode(gamma, forKey: .gamma)
    case .multiStep(let milestones, let gamma):
      try container.encode(Name.multiStep, forKey: .name)
      try container.encode(milestones, forKey: .milestones)
      try container.encode(gamma, forKey: .gamma)
    case .cosine(let minimum):
      try container.encode(Name.cosine, forKey: .name)
      try container.encode(minimum, forKey: .minimum)
    case .polynomial(let power):
      try container.encode(Name.polynomial, forKey: .name)
      try container.encode(power, forKey: .power)
    case .inverseTime(let decay):
      try container.encode(Name.inverseTime, forKey: .name)
      try container.encode(decay, forKey: .decay)
    case .plateau(let decay):
      try container.encode(Name.plateau, forKey: .name)
      try decay.encode(to: &container)
    }
  }
}

extension PlateauDecay {
  fileprivate typealias Keys = LearningRateSchedule.CodingKeys

  fileprivate init(_ container: KeyedDecodingContainer<Keys>) throws {
    let defaults = PlateauDecay()
    self.init(
      mode: try container.decodeIfPresent(ImprovementMode.self, forKey: .mode),
      factor: try container.decodeIfPresent(Double.self, forKey: .factor) ?? defaults.factor,
      patience: try container.decodeIfPresent(Int.self, forKey: .patience) ?? defaults.patience,
      threshold: try container.decodeIfPresent(Double.self, forKey: .threshold)
        ?? defaults.threshold,
      thresholdMode: try container.decodeIfPresent(ThresholdMode.self, forKey: .thresholdMode)
        ?? defaults.thresholdMode,
      cooldown: try container.decodeIfPresent(Int.self, forKey: .cooldown) ?? defaults.cooldown,
      minimum: try container.decodeIfPresent(Double.self, forKey: .minimum) ?? defaults.minimum)
  }

  fileprivate func encode(to container: inout KeyedEncodingContainer<Keys>) throws {
    try container.encodeIfPresent(mode, forKey: .mode)
    try container.encode(factor, forKey: .factor)
    try container.encode(patience, forKey: .patience)
    try container.encode(threshold, forKey: .threshold)
    try container.encode(thresholdMode, forKey: .thresholdMode)
    try container.encode(cooldown, forKey: .cooldown)
    try container.encode(minimum, forKey: .minimum)
  }
}

extension LearningRateSchedule: Validatable {
  /// Reports numbers out of range and milestones that do not rise.
  public func validate(_ report: inout ValidationReport) {
    switch curve {
    case .constant: break
    case .step(let stepSize, let gamma):
      report.require(stepSize, isAtLeast: 1, at: "step_size")
      report.require(gamma, isAbove: 0, at: "gamma")
    case .multiStep(let milestones, let gamma):
      let rises = zip(milestones, milestones.dropFirst()).allSatisfy { $0 < $1 }
      if milestones.isEmpty || !rises || milestones.contains(where: { $0 < 1 }) {
        report.add(
          "expected rising epochs of at least 1, found \(milestones)", at: "milestones")
      }
      report.require(gamma, isAbove: 0, at: "gamma")
    case .cosine(let minimum): report.require(minimum, isAtLeast: 0, at: "minimum")
    case .polynomial(let power): report.require(power, isAbove: 0, at: "power")
    case .inverseTime(let decay): report.require(decay, isAtLeast: 0, at: "decay")
    case .plateau(let decay): decay.validate(&report)
    }
    switch warmUp {
    case nil: break
    case .epochs(let epochs): report.require(epochs, isAtLeast: 0, at: "warmup_epochs")
    case .steps(let steps): report.require(steps, isAtLeast: 0, at: "warmup_steps")
    }
    if !(warmUpStart > 0 && warmUpStart <= 1) {
      report.add(
        "expected a number above 0 and at most 1, found \(warmUpStart)", at: "warmup_start")
    }
  }
}
