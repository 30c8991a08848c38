public import Configurations

/// Lowers the learning rate when the monitored metric has stopped improving, as PyTorch's
/// `ReduceLROnPlateau`.
public struct PlateauDecay: Hashable, Sendable {
  /// How the threshold of an improvement is measured.
  public enum ThresholdMode: String, Codable, CaseIterable, Sendable {
    /// As a fraction of the best value, which should be positive.
    case relative
    /// In the unit of the metric.
    case absolute
  }

  /// Which direction is better; nil for the one that is natural to the metric.
  public var mode: ImprovementMode?

  /// What the learning rate is multiplied by, between 0 and 1.
  public var factor: Double

  /// How many epochs in a row without an improvement are tolerated, at least 0.
  public var patience: Int

  /// By how much the metric must get better to count.
  public var threshold: Double

  /// How ``threshold`` is measured.
  public var thresholdMode: ThresholdMode

  /// For how many epochs after a reduction none is counted as without improvement.
  public var cooldown: Int

  /// The learning rate below which it is not lowered.
  public var minimum: Double

  /// Creates a configuration; the defaults are PyTorch's.
  public init(
    mode: ImprovementMode? = nil, factor: Double = 0.1, patience: Int = 10,
    threshold: Double = 1e-4, thresholdMode: ThresholdMode = .relative, cooldown: Int = 0,
    minimum: Double = 0
  ) {
    self.mode = mode
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.thresholdMode = thresholdMode
    self.cooldown = cooldown
    self.minimum = minimum
  }

  /// What has been seen of the metric and done about it; belongs in a checkpoint.
  public struct State: Codable, Hashable, Sendable {
    /// The best value so far, nil before the first finite one.
    public fileprivate(set) var best: Double?

    /// The epochs since the best value or the last reduction.
    public fileprivate(set) var badEpochs = 0

    /// How many more epochs the cooldown lasts.
    public fileprivate(set) var cooldownEpochs = 0

    /// The learning rate since the last reduction, nil before the first.
    public fileprivate(set) var learningRate: Double?

    /// Creates the state before the first epoch.
    public init() {}
  }

  /// Takes the metric of one more epoch into account.
  ///
  /// - Parameters:
  ///   - metric: the value; one that is not finite is never an improvement.
  ///   - base: the learning rate before any reduction.
  ///   - naturalMode: which direction is better where ``mode`` does not say.
  /// - Returns: whether the learning rate was lowered.
  @discardableResult
  public func observe(
    _ metric: Double, base: Double, naturalMode: ImprovementMode, state: inout State
  ) -> Bool {
    if metric.isFinite, isImprovement(metric, over: state.best, mode: mode ?? naturalMode) {
      state.best = metric
      state.badEpochs = 0
    } else {
      state.badEpochs += 1
    }
    if state.cooldownEpochs > 0 {
      state.cooldownEpochs -= 1
      state.badEpochs = 0
    }
    guard state.badEpochs > patience else { return false }
    state.cooldownEpochs = cooldown
    state.badEpochs = 0
    let current = state.learningRate ?? base
    let lowered = max(current * factor, minimum)
    // PyTorch ignores a smaller change than this, its `eps`.
    guard current - lowered > 1e-8 else { return false }
    state.learningRate = lowered
    return true
  }

  private func isImprovement(
    _ metric: Double, over best: Double?, mode: ImprovementMode
  ) -> Bool {
    guard let best else { return true }
    switch (thresholdMode, mode) {
    case (.absolute, _): return mode.isBetter(metric, than: best, by: threshold)
    case (.relative, .minimum): return metric < best * (1 - threshold)
    case (.relative, .maximum): return metric > best * (1 + threshold)
    }
  }
}

extension PlateauDecay: Validatable {
  /// Reports numbers out of range.
  public func validate(_ report: inout ValidationReport) {
    if !(factor > 0 && factor < 1) {
      report.add("expected a number between 0 and 1, found \(factor)", at: "factor")
    }
    report.require(patience, isAtLeast: 0, at: "patience")
    report.require(threshold, isAtLeast: 0, at: "threshold")
    report.require(cooldown, isAtLeast: 0, at: "cooldown")
    report.require(minimum, isAtLeast: 0, at: "minimum")
  }
}
