internal import Foundation

/// How the learning rate changes during training: the `schedule` node of a recipe.
///
/// ```yaml
/// schedule: {name: constant}
/// schedule: {name: step, step_size: 30, gamma: 0.1}
/// schedule: {name: multi_step, milestones: [100, 150], gamma: 0.1}
/// schedule: {name: cosine, minimum: 1e-5, warmup_epochs: 5}
/// schedule: {name: polynomial, power: 0.9, warmup_steps: 500}
/// schedule: {name: inverse_time, decay: 1e-5}
/// schedule: {name: plateau, mode: max, factor: 0.5, patience: 3}
/// ```
///
/// The rate is a function of the step, so that a resumed run needs no state except for `plateau`.
/// `step` and `multi_step` change it at the beginning of epochs, `plateau` after the validation of
/// an epoch; `cosine` and `polynomial` change it at every step and reach their end with the last
/// step of training; `inverse_time` changes it at every step, counted from the beginning. At the beginning of each epoch all equal PyTorch's closed forms.
///
/// Warm-up raises the rate linearly at every step. `step`, `multi_step` and `plateau` multiply with
/// it and count their epochs from the beginning of training (PyTorch's `ChainedScheduler`);
/// `cosine` and `polynomial` begin where it ends (PyTorch's `SequentialLR`).
public struct LearningRateSchedule: Hashable, Sendable {
  /// The course of the rate after warm-up.
  public enum Curve: Hashable, Sendable {
    /// The same rate always.
    case constant
    /// The rate times `gamma` after every `stepSize` epochs.
    case step(stepSize: Int, gamma: Double)
    /// The rate times `gamma` at the beginning of each of the epochs, counted from 0.
    case multiStep(milestones: [Int], gamma: Double)
    /// Half a cosine from the rate to a minimum.
    case cosine(minimum: Double)
    /// The rate times a power of the share of training that remains.
    case polynomial(power: Double)
    /// The rate divided by one and a share of the steps taken: Keras's `decay`.
    case inverseTime(decay: Double)
    /// Lowered whenever a metric has stopped improving.
    case plateau(PlateauDecay)
  }

  /// How long the rate rises at first.
  public enum WarmUp: Hashable, Sendable {
    /// A number of epochs, which may be a fraction.
    case epochs(Double)
    /// A number of steps.
    case steps(Int)
  }

  /// The extent of a training run, which schedules refer to.
  public struct Extent: Hashable, Sendable {
    /// The steps in an epoch, at least 1.
    public var stepsPerEpoch: Int

    /// The steps in all.
    public var totalSteps: Int

    /// Creates the extent of whole epochs.
    public init(stepsPerEpoch: Int, epochs: Int) {
      self.init(stepsPerEpoch: stepsPerEpoch, totalSteps: stepsPerEpoch * epochs)
    }

    /// Creates an extent.
    ///
    /// - Precondition: at least one step an epoch.
    public init(stepsPerEpoch: Int, totalSteps: Int) {
      precondition(stepsPerEpoch >= 1, "LearningRateSchedule: \(stepsPerEpoch) steps an epoch")
      self.stepsPerEpoch = stepsPerEpoch
      self.totalSteps = totalSteps
    }
  }

  /// The course of the rate after warm-up.
  public var curve: Curve

  /// How long the rate rises at first; nil for not at all.
  public var warmUp: WarmUp?

  /// The share of the rate that warm-up begins with, above 0 and at most 1.
  public var warmUpStart: Double

  /// Creates a schedule.
  public init(_ curve: Curve = .constant, warmUp: WarmUp? = nil, warmUpStart: Double = 0.01) {
    self.curve = curve
    self.warmUp = warmUp
    self.warmUpStart = warmUpStart
  }

  /// The learning rate of a step.
  ///
  /// - Parameters:
  ///   - base: the learning rate of the optimizer's configuration.
  ///   - step: the step from the beginning of training, counted from 0.
  ///   - extent: the extent of training.
  ///   - plateau: what a `plateau` schedule has seen; ignored by the others.
  public func learningRate(
    base: Double, step: Int, extent: Extent, plateau: PlateauDecay.State = PlateauDecay.State()
  ) -> Double {
    let warmUpSteps = warmUpSteps(extent)
    var warmth = 1.0
    if Double(step) < warmUpSteps {
      warmth = warmUpStart + (1 - warmUpStart) * (Double(step) / warmUpSteps)
    }
    let epoch = step / extent.stepsPerEpoch
    switch curve {
    case .constant: return base * warmth
    case .step(let stepSize, let gamma): return base * pow(gamma, Double(epoch / stepSize)) * warmth
    case .multiStep(let milestones, let gamma):
      return base * pow(gamma, Double(milestones.count { $0 <= epoch })) * warmth
    case .inverseTime(let decay): return base / (1 + decay * Double(step)) * warmth
    case .plateau: return (plateau.learningRate ?? base) * warmth
    case .cosine(let minimum):
      if warmth < 1 { return base * warmth }
      let done = share(of: step, after: warmUpSteps, extent)
      return minimum + (base - minimum) * (1 + cos(Double.pi * done)) / 2
    case .polynomial(let power):
      if warmth < 1 { return base * warmth }
      return base * pow(1 - share(of: step, after: warmUpSteps, extent), power)
    }
  }

  /// The number of steps that warm-up takes.
  private func warmUpSteps(_ extent: Extent) -> Double {
    switch warmUp {
    case nil: 0
    case .steps(let steps): Double(steps)
    case .epochs(let epochs): epochs * Double(extent.stepsPerEpoch)
    }
  }

  /// How much of the steps after warm-up lies behind, from 0 to 1.
  private func share(of step: Int, after warmUpSteps: Double, _ extent: Extent) -> Double {
    let length = Double(extent.totalSteps) - warmUpSteps
    guard length > 0 else { return 0 }
    return min(max((Double(step) - warmUpSteps) / length, 0), 1)
  }

  /// Takes the monitored metric of one more epoch into account; only `plateau` heeds it.
  ///
  /// - Parameters:
  ///   - metric: the value after an epoch.
  ///   - base: the learning rate of the optimizer's configuration.
  ///   - naturalMode: which direction is better where the schedule does not say.
  /// - Returns: whether the learning rate was lowered.
  @discardableResult
  public func observe(
    _ metric: Double, base: Double, naturalMode: ImprovementMode,
    state: inout PlateauDecay.State
  ) -> Bool {
    guard case .plateau(let decay) = curve else { return false }
    return decay.observe(metric, base: base, naturalMode: naturalMode, state: &state)
  }
}
