package import Configurations

extension OptimizerConfiguration: DescribedNode {
  package static let summary = "How parameters follow gradients."

  package static var describedKeys: [CodingKeys] { CodingKeys.all }

  package static var variants: [NodeVariant] {
    Rule.Name.allCases.map { NodeVariant($0.rawValue, key: CodingKeys.name.rawValue) }
  }

  package static func describe(_ key: CodingKeys) -> KeyDescription<OptimizerConfiguration> {
    switch key {
    case .name: .init("The update rule.")
    case .learningRate: .init(\.learningRate, "The learning rate before any schedule.")
    case .momentum:
      .init(\.momentum, "What the sum of earlier gradients counts in a step, below 1.")
    case .nesterov: .init(\.nesterov, "Whether the momentum looks ahead.")
    case .betas:
      .init(\.betas, "The decay of the averages of gradients and of their squares, below 1.")
    case .epsilon: .init(\.epsilon, "What is added to the divisor of a step.")
    case .weightDecay: .init(\.weightDecay, "How strongly parameters are drawn to zero.")
    case .decaysBiases:
      .init(\.decaysBiases, "Whether biases and normalisation parameters decay as weights do.")
    }
  }

  private var momentum: Double? {
    if case .sgd(let momentum, _) = rule { momentum } else { nil }
  }

  private var nesterov: Bool? {
    if case .sgd(_, let nesterov) = rule { nesterov } else { nil }
  }

  private var betas: [Double]? {
    switch rule {
    case .adam(let betas, _), .adamW(let betas, _): [betas.first, betas.second]
    case .sgd: nil
    }
  }

  private var epsilon: Double? {
    switch rule {
    case .adam(_, let epsilon), .adamW(_, let epsilon): epsilon
    case .sgd: nil
    }
  }
}

extension OptimizerConfiguration.Betas: DescribedValue {
  package static let words = "list of two numbers"
}
