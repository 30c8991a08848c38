/// The energy an input costs the device: `E = P_cpu · T_device + P_tx · T_tx + P_idle · T_wait`.
///
/// The defaults are round figures of the size of a single-board computer's, not a measurement.
/// In a recipe: `link: {energy: {compute_power: 2 W, transmit_power: 1 W, idle_power: 500 mW}}`.
public struct EnergyModel: Hashable, Sendable {
  /// While the device computes.
  public var computePower: Power
  /// While it sends.
  public var transmitPower: Power
  /// While it waits for the answer and receives it.
  public var idlePower: Power

  /// Creates a model from the device's powers.
  public init(
    computePower: Power = .watts(2), transmitPower: Power = .watts(1),
    idlePower: Power = .watts(0.5)
  ) {
    self.computePower = computePower
    self.transmitPower = transmitPower
    self.idlePower = idlePower
  }

  /// The energy that an input of a latency costs the device.
  public func energy(of latency: Latency) -> Energy {
    computePower * latency.device + transmitPower * latency.uplink + idlePower * latency.waiting
  }
}

extension EnergyModel: Codable {
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case computePower = "compute_power"
    case transmitPower = "transmit_power"
    case idlePower = "idle_power"
  }

  /// Reads a model; what is absent has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = EnergyModel()
    computePower =
      try container.decodeIfPresent(Power.self, forKey: .computePower) ?? defaults.computePower
    transmitPower =
      try container.decodeIfPresent(Power.self, forKey: .transmitPower) ?? defaults.transmitPower
    idlePower = try container.decodeIfPresent(Power.self, forKey: .idlePower) ?? defaults.idlePower
  }
}
