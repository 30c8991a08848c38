package import Configurations

extension LearningRateSchedule: DescribedNode {
  package static let summary = "How the learning rate changes during training."

  package static var describedKeys: [CodingKeys] { CodingKeys.all }

  package static var variants: [NodeVariant] {
    Name.allCases.map { NodeVariant($0.rawValue, key: CodingKeys.name.rawValue) }
  }

  package static func describe(_ key: CodingKeys) -> KeyDescription<LearningRateSchedule> {
    switch key {
    case .name: .init("The course of the rate after warm-up.")
    case .stepSize: .init(unit: "epochs", "After how many epochs the rate is multiplied by gamma.")
    case .gamma: .init(\.gamma, unit: "factor", "What the rate is multiplied by.")
    case .milestones:
      .init(
        unit: "epochs", "The epochs, from 0, at whose beginning the rate is multiplied by gamma.")
    case .minimum: .init(\.minimum, "The rate that is not gone below.")
    case .power: .init(\.power, "The power of the share of training that remains.")
    case .decay: .init(unit: "per step", "How fast the rate is divided: by 1 + decay × step.")
    case .mode: .init(absent: "as the figure has it", "Which direction of the figure is better.")
    case .factor:
      .init(\.plateau?.factor, unit: "factor", "What the rate is multiplied by on a plateau.")
    case .patience:
      .init(
        \.plateau?.patience, unit: "epochs", "How many epochs in a row may bring no improvement.")
    case .threshold:
      .init(\.plateau?.threshold, "By how much the figure must get better to count.")
    case .thresholdMode:
      .init(
        \.plateau?.thresholdMode,
        "Whether the threshold is relative to the best figure, or absolute.")
    case .cooldown:
      .init(
        \.plateau?.cooldown, unit: "epochs",
        "For how long after a reduction no epoch counts as without improvement.")
    case .warmUpEpochs:
      .init(
        absent: "no warm-up", unit: "epochs", "For how many epochs the rate rises at first.")
    case .warmUpSteps:
      .init(
        absent: "no warm-up", unit: "steps", "For how many steps the rate rises at first.")
    case .warmUpStart:
      .init(\.warmUpStart, unit: "fraction", "The share of the rate that warm-up begins with.")
    }
  }

  private var gamma: Double? {
    switch curve {
    case .step(_, let gamma), .multiStep(_, let gamma): gamma
    default: nil
    }
  }

  private var minimum: Double? {
    switch curve {
    case .cosine(let minimum): minimum
    case .plateau(let decay): decay.minimum
    default: nil
    }
  }

  private var power: Double? {
    if case .polynomial(let power) = curve { power } else { nil }
  }

  private var plateau: PlateauDecay? {
    if case .plateau(let decay) = curve { decay } else { nil }
  }
}

extension LearningRateSchedule.Curve {
  /// The name in a recipe.
  var name: LearningRateSchedule.Name {
    switch self {
    case .constant: .constant
    case .step: .step
    case .multiStep: .multiStep
    case .cosine: .cosine
    case .polynomial: .polynomial
    case .inverseTime: .inverseTime
    case .plateau: .plateau
    }
  }
}
