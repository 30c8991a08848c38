internal import RealModule
public import Tensors

/// Adaptive stochastic natural gradient over a ``CategoricalDistribution``: the step of θ follows
/// the natural gradient of the expected utility, and its length the signal in past steps.
///
/// Source: Akimoto et al., "Adaptive stochastic natural gradient method for one-shot neural
/// architecture search", ICML 2019, https://arxiv.org/abs/1905.08537. The letters in this file
/// are those of the paper:
///
/// - θ_ij: the probability of option j of dimension i; C_i options, d dimensions, N = Σ(C_i − 1)
/// - g: the natural gradient; h: the same times the root of the Fisher information, N entries
/// - δ = δ₀/Δ: the length of the step in the Fisher metric; Δ its adaptation
/// - s: the path of past h/‖h‖ with decay β = δ/√N; γ: the part of s that has been filled
/// - λ: samples in a step; α: how much larger than random ‖s‖² must be for δ to grow
public struct ASNG: Hashable, Sendable {
  /// What does not change during a search.
  public struct Settings: Hashable, Sendable {
    /// The threshold α of the signal, above 0.
    public var alpha: Double

    /// The initial step length δ₀ in the Fisher metric, above 0.
    public var initialStepLength: Double

    /// The samples λ of a step, at least 2.
    public var sampleCount: Int

    /// Creates settings; the defaults are those of the paper.
    public init(alpha: Double = 1.5, initialStepLength: Double = 1, sampleCount: Int = 2) {
      self.alpha = alpha
      self.initialStepLength = initialStepLength
      self.sampleCount = sampleCount
    }

    /// Whether every setting is in its range.
    public var isValid: Bool {
      alpha > 0 && alpha.isFinite && initialStepLength > 0 && initialStepLength.isFinite
        && sampleCount >= 2
    }
  }

  /// What does not change during the search.
  public let settings: Settings

  /// The distribution θ.
  public private(set) var distribution: CategoricalDistribution

  /// The adaptation Δ of the step length.
  public private(set) var adaptation: Double

  /// The path s of past directions, the first C_i − 1 entries of every dimension in order.
  public private(set) var path: [Double]

  /// The part γ of the path that has been filled, from 0 to 1.
  public private(set) var pathWeight: Double

  /// How many times ``tell(_:utilities:)`` was called.
  public private(set) var step: Int

  /// Creates the search before its first step: θ uniform, Δ = 1, s = 0, γ = 0.
  ///
  /// - Precondition: the settings are in their ranges.
  public init(space: ChoiceSpace, settings: Settings = Settings()) {
    precondition(settings.isValid, "\(settings) is out of range")
    self.settings = settings
    distribution = CategoricalDistribution(uniform: space)
    adaptation = max(1, ASNG.leastAdaptation(settings: settings, space: space))
    path = Array(repeating: 0, count: space.degreesOfFreedom)
    pathWeight = 0
    step = 0
  }

  /// The space searched.
  public var space: ChoiceSpace { distribution.space }

  /// The length δ = δ₀/Δ of the next step in the Fisher metric.
  public var stepLength: Double { settings.initialStepLength / adaptation }

  /// The λ points to evaluate next, drawn from θ.
  public func ask(using random: inout RandomSource) -> [Choice] {
    (0..<settings.sampleCount).map { _ in distribution.sample(using: &random) }
  }

  /// Takes evaluated points in, ordered by ``CandidateOrder``.
  public mutating func tell(_ candidates: [Candidate]) {
    tell(candidates.map(\.choice), ranks: CandidateOrder.ranks(of: candidates))
  }

  /// Takes points in by their ranks, a lower one being better; see ``RankUtilities``.
  public mutating func tell(_ choices: [Choice], ranks: [Double]) {
    tell(choices, utilities: RankUtilities.utilities(ranks: ranks))
  }

  /// Takes points in by their utilities, a higher one being better.
  ///
  /// Where the utilities say nothing, because all points tie or are the same, only ``step``
  /// changes: a direction that is rounding error must not be scaled to a whole step.
  ///
  /// - Precondition: there are as many utilities as choices, at least 1, the utilities are finite
  ///   and the choices of the space.
  public mutating func tell(_ choices: [Choice], utilities: [Double]) {
    precondition(
      !choices.isEmpty && choices.count == utilities.count && utilities.allSatisfy(\.isFinite),
      "\(choices.count) choices need as many finite utilities, found \(utilities)")
    precondition(choices.allSatisfy(space.contains), "a choice is not of this space")
    step += 1
    let gradient = gradient(choices, utilities: utilities)
    let scale = utilities.reduce(0) { max($0, abs($1)) }
    let largest = gradient.joined().reduce(0) { max($0, abs($1)) }
    guard largest > 1e-12 * scale else { return }
    var direction = fisherRoot(gradient)
    let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard norm > 0, norm.isFinite else { return }
    for index in direction.indices { direction[index] /= norm }

    // Everything below uses the δ and β from before this step.
    let length = stepLength
    let decay = length / Double(path.count).squareRoot()
    for (dimension, row) in gradient.enumerated() {
      let moved = zip(distribution.probabilities[dimension], row).map { $0 + length * $1 / norm }
      distribution.setProbabilities(
        of: dimension, to: moved,
        atLeast: ASNG.leastProbability(of: dimension, in: space))
    }
    adapt(to: direction, decay: decay)
  }

  /// The natural gradient g_ij = mean over the samples of u·(onehot_ij − θ_ij).
  private func gradient(_ choices: [Choice], utilities: [Double]) -> [[Double]] {
    var gradient = distribution.probabilities
    let mean = utilities.reduce(0, +) / Double(choices.count)
    for (dimension, row) in gradient.enumerated() {
      gradient[dimension] = row.map { -mean * $0 }
      for (choice, utility) in zip(choices, utilities) {
        gradient[dimension][choice[dimension]] += utility / Double(choices.count)
      }
    }
    return gradient
  }

  /// h_ij = g_ij/√θ_ij + √θ_ij·Σ_j g_ij/(θ_iC + √θ_iC), sums and j over the first C_i − 1 options.
  private func fisherRoot(_ gradient: [[Double]]) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(path.count)
    for (row, theta) in zip(gradient, distribution.probabilities) {
      let last = theta[theta.count - 1]
      let shared = row.dropLast().reduce(0, +) / (last + last.squareRoot())
      for (value, probability) in zip(row, theta).dropLast() {
        let root = probability.squareRoot()
        result.append(value / root + root * shared)
      }
    }
    return result
  }

  /// s ← (1−β)s + √(β(2−β))·h/‖h‖, γ ← (1−β)²γ + β(2−β), Δ ← Δ·exp(β(γ − ‖s‖²/α)).
  ///
  /// Deviation: Δ stays at least δ₀/√N, so that β ≤ 1. A long agreement of steps with a small β can
  /// otherwise raise β above 2 within a few steps, where the root is of a negative number.
  private mutating func adapt(to direction: [Double], decay: Double) {
    let filled = decay * (2 - decay)
    for index in path.indices {
      path[index] = (1 - decay) * path[index] + filled.squareRoot() * direction[index]
    }
    pathWeight = (1 - decay) * (1 - decay) * pathWeight + filled
    let signal = path.reduce(0) { $0 + $1 * $1 }
    adaptation *= Double.exp(decay * (pathWeight - signal / settings.alpha))
    adaptation = max(adaptation, ASNG.leastAdaptation(settings: settings, space: space))
  }

  /// The Δ at which β = 1.
  private static func leastAdaptation(settings: Settings, space: ChoiceSpace) -> Double {
    settings.initialStepLength / Double(space.degreesOfFreedom).squareRoot()
  }

  /// The least probability of an option of a dimension, 1/(d(C_i − 1)): at the bound a sample has
  /// one dimension off the mode in the mean.
  ///
  /// Deviation: where that leaves no room to learn, as 1/(d(C_i − 1)) ≥ 1/C_i, which is for d = 1
  /// and for C_i = 2 with d = 2, it is what d = 3 would give.
  public static func leastProbability(of dimension: Int, in space: ChoiceSpace) -> Double {
    let options = space.dimensions[dimension].options.count
    let dimensions = space.dimensions.count
    return 1 / Double((dimensions * (options - 1) > options ? dimensions : 3) * (options - 1))
  }
}

extension ASNG.Settings: Codable {
  enum CodingKeys: String, CodingKey {
    case alpha
    case initialStepLength = "initial_step_length"
    case sampleCount = "sample_count"
  }

  /// Reads the settings; none is required.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = ASNG.Settings()
    self.init(
      alpha: try container.decodeIfPresent(Double.self, forKey: .alpha) ?? defaults.alpha,
      initialStepLength: try container.decodeIfPresent(Double.self, forKey: .initialStepLength)
        ?? defaults.initialStepLength,
      sampleCount: try container.decodeIfPresent(Int.self, forKey: .sampleCount)
        ?? defaults.sampleCount)
  }
}

extension ASNG: Codable {
  enum CodingKeys: String, CodingKey {
    case settings
    case distribution
    case adaptation
    case path
    case pathWeight = "path_weight"
    case step
  }

  /// Reads a state, from which the search goes on exactly as it would have.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func check(_ condition: Bool, _ key: CodingKeys, _ expected: String) throws {
      if condition { return }
      throw DecodingError.dataCorruptedError(
        forKey: key, in: container, debugDescription: "\(key.stringValue) must be \(expected)")
    }
    settings = try container.decode(Settings.self, forKey: .settings)
    try check(settings.isValid, .settings, "above 0, with at least 2 samples")
    let theta = try container.decode(CategoricalDistribution.self, forKey: .distribution)
    distribution = theta
    try check(
      theta.probabilities.enumerated().allSatisfy { dimension, row in
        let bound = ASNG.leastProbability(of: dimension, in: theta.space)
        return row.allSatisfy { $0 >= bound * (1 - 1e-9) }
      }, .distribution, "at least the lower bound everywhere")
    adaptation = try container.decode(Double.self, forKey: .adaptation)
    let least = ASNG.leastAdaptation(settings: settings, space: theta.space)
    try check(
      adaptation >= least * (1 - 1e-9) && adaptation.isFinite, .adaptation, "at least \(least)")
    path = try container.decode([Double].self, forKey: .path)
    let entries = theta.space.degreesOfFreedom
    try check(
      path.count == entries && path.allSatisfy(\.isFinite), .path, "\(entries) finite numbers")
    pathWeight = try container.decode(Double.self, forKey: .pathWeight)
    try check((0...1 + 1e-9).contains(pathWeight), .pathWeight, "from 0 to 1")
    step = try container.decode(Int.self, forKey: .step)
    try check(step >= 0, .step, "at least 0")
  }
}
