public import Configurations

/// How parameters are moved: the `optimizer` node of a recipe.
///
/// ```yaml
/// optimizer: {name: sgd, learning_rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 5e-4}
/// optimizer: {name: adamw, learning_rate: 1e-3, betas: [0.9, 0.999], epsilon: 1e-8}
/// ```
///
/// Only the keys of the named rule are known. Every key but `name` may be absent; the defaults are
/// PyTorch's except for the learning rate of `sgd`.
public struct OptimizerConfiguration: Hashable, Sendable {
  /// The update rule with what only it has.
  public enum Rule: Hashable, Sendable {
    /// Gradient descent; with a momentum above 0 along a decaying sum of gradients.
    case sgd(momentum: Double, nesterov: Bool)
    /// Adam with weight decay as part of the gradient: Kingma and Ba 2015,
    /// https://arxiv.org/abs/1412.6980.
    case adam(betas: Betas, epsilon: Double)
    /// Adam with decoupled weight decay: Loshchilov and Hutter 2019,
    /// https://arxiv.org/abs/1711.05101.
    case adamW(betas: Betas, epsilon: Double)
  }

  /// The decay of Adam's averages of gradients and of their squares, a list of two in a recipe.
  public struct Betas: Hashable, Sendable {
    /// The decay of the average of gradients, in `0..<1`.
    public var first: Double

    /// The decay of the average of squared gradients, in `0..<1`.
    public var second: Double

    /// Creates the two decays.
    public init(_ first: Double = 0.9, _ second: Double = 0.999) {
      self.first = first
      self.second = second
    }
  }

  /// The update rule.
  public var rule: Rule

  /// The learning rate before any schedule, above 0.
  public var learningRate: Double

  /// How strongly parameters are drawn to zero, at least 0.
  public var weightDecay: Double

  /// Whether biases and normalisation parameters decay as weights do.
  ///
  /// Deviation: PyTorch decays every parameter it is given; here that takes `decay_biases: true`.
  public var decaysBiases: Bool

  /// Creates a configuration; absent values take the defaults of the rule.
  public init(
    _ rule: Rule, learningRate: Double? = nil, weightDecay: Double? = nil,
    decaysBiases: Bool = false
  ) {
    self.rule = rule
    self.learningRate = learningRate ?? rule.name.learningRate
    self.weightDecay = weightDecay ?? rule.name.weightDecay
    self.decaysBiases = decaysBiases
  }
}

extension OptimizerConfiguration.Rule {
  /// The names of the rules in a recipe.
  enum Name: String, Codable, CaseIterable {
    case sgd
    case adam
    case adamW = "adamw"

    var learningRate: Double { self == .sgd ? 0.1 : 1e-3 }
    var weightDecay: Double { self == .adamW ? 1e-2 : 0 }
  }

  /// The name in a recipe.
  var name: Name {
    switch self {
    case .sgd: .sgd
    case .adam: .adam
    case .adamW: .adamW
    }
  }
}

extension OptimizerConfiguration: Codable {
  package enum CodingKeys: String, CodingKey {
    case name
    case learningRate = "learning_rate"
    case momentum, nesterov, betas, epsilon
    case weightDecay = "weight_decay"
    case decaysBiases = "decay_biases"

    /// Every key, for asking whether one is there.
    package static let all: [CodingKeys] = [
      .name, .learningRate, .momentum, .nesterov, .betas, .epsilon, .weightDecay, .decaysBiases,
    ]
  }

  /// Reads the keys of the named rule and no others.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name: Rule.Name
    if let known = try container.decodeIfPresent(Rule.Name.self, forKey: .name) {
      name = known
    } else {
      // Which keys belong is unknown, so none may be reported as unknown.
      CodingKeys.all.forEach { _ = container.contains($0) }
      name = try container.decode(Rule.Name.self, forKey: .name)
    }
    let learningRate = try container.decodeIfPresent(Double.self, forKey: .learningRate)
    let rule: Rule
    switch name {
    case .sgd:
      rule = .sgd(
        momentum: try container.decodeIfPresent(Double.self, forKey: .momentum) ?? 0,
        nesterov: try container.decodeIfPresent(Bool.self, forKey: .nesterov) ?? false)
    case .adam, .adamW:
      let betas = try container.decodeIfPresent(Betas.self, forKey: .betas) ?? Betas()
      let epsilon = try container.decodeIfPresent(Double.self, forKey: .epsilon) ?? 1e-8
      rule =
        name == .adam
        ? .adam(betas: betas, epsilon: epsilon) : .adamW(betas: betas, epsilon: epsilon)
    }
    self.init(
      rule, learningRate: learningRate,
      weightDecay: try container.decodeIfPresent(Double.self, forKey: .weightDecay),
      decaysBiases: try container.decodeIfPresent(Bool.self, forKey: .decaysBiases) ?? false)
  }

  /// Writes every key of the rule.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rule.name, forKey: .name)
    try container.encode(learningRate, forKey: .learningRate)
    switch rule {
    case .sgd(let momentum, let nesterov):
      try container.encode(momentum, forKey: .momentum)
      try container.encode(nesterov, forKey: .nesterov)
    case .adam(let betas, let epsilon), .adamW(let betas, let epsilon):
      try container.encode(betas, forKey: .betas)
      try container.encode(epsilon, forKey: .epsilon)
    }
    try container.encode(weightDecay, forKey: .weightDecay)
    try container.encode(decaysBiases, forKey: .decaysBiases)
  }
}

extension OptimizerConfiguration.Betas: Codable {
  /// Reads a list of two numbers.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let values = try container.decode([Double].self)
    guard values.count == 2 else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected two numbers, found \(values.count)")
    }
    self.init(values[0], values[1])
  }

  /// Writes a list of two numbers.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode([first, second])
  }
}

extension OptimizerConfiguration: Validatable {
  /// Reports numbers out of range, and Nesterov momentum without momentum.
  public func validate(_ report: inout ValidationReport) {
    report.require(learningRate, isAbove: 0, at: "learning_rate")
    switch rule {
    case .sgd(let momentum, let nesterov):
      report.requireFraction(momentum, at: "momentum")
      if nesterov, momentum == 0 {
        report.add(
          "expected a 'momentum' above 0 next to it", at: "nesterov", dependingOn: ["momentum"])
      }
    case .adam(let betas, let epsilon), .adamW(let betas, let epsilon):
      report.requireFraction(betas.first, at: "betas")
      report.requireFraction(betas.second, at: "betas")
      report.require(epsilon, isAbove: 0, at: "epsilon")
    }
    report.require(weightDecay, isAtLeast: 0, at: "weight_decay")
  }
}
