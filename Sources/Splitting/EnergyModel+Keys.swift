package import Configurations

extension EnergyModel: DescribedNode {
  package static let summary = "The power that the device draws."

  package static func describe(_ key: CodingKeys) -> KeyDescription<EnergyModel> {
    switch key {
    case .computePower: .init(\.computePower, "The power while the device computes.")
    case .transmitPower: .init(\.transmitPower, "The power while the device sends.")
    case .idlePower:
      .init(\.idlePower, "The power while the device waits for the answer and receives it.")
    }
  }
}
