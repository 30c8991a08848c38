/// The time from an input on the device to its answer on the device, by what it is spent on.
public struct Latency: Codable, Hashable, Sendable {
  /// The head, the adapter and the encoder on the device.
  public var device: TimeSpan
  /// Sending what the tail needs.
  public var uplink: TimeSpan
  /// Sending the answer back.
  public var downlink: TimeSpan
  /// The way there and back, for a message of no size.
  public var roundTrip: TimeSpan
  /// The decoder and the tail on the server.
  public var server: TimeSpan

  /// The sum of all parts.
  public var total: TimeSpan { device + uplink + downlink + roundTrip + server }

  /// The time the device waits after it has sent: there and back, server, and downlink.
  public var waiting: TimeSpan { roundTrip + server + downlink }

  /// Creates a latency from its parts; without any but the first, nothing leaves the device.
  public init(
    device: TimeSpan, uplink: TimeSpan = .zero, downlink: TimeSpan = .zero,
    roundTrip: TimeSpan = .zero, server: TimeSpan = .zero
  ) {
    self.device = device
    self.uplink = uplink
    self.downlink = downlink
    self.roundTrip = roundTrip
    self.server = server
  }

  /// The mean over samples of which a share takes another time.
  public func mixed(with other: Latency, share: Double) -> Latency {
    func mean(_ part: (Latency) -> TimeSpan) -> TimeSpan {
      .seconds((1 - share) * part(self).seconds + share * part(other).seconds)
    }
    return Latency(
      device: mean(\.device), uplink: mean(\.uplink), downlink: mean(\.downlink),
      roundTrip: mean(\.roundTrip), server: mean(\.server))
  }

  private enum CodingKeys: String, CodingKey {
    case device, uplink, downlink
    case roundTrip = "round_trip"
    case server
  }
}
