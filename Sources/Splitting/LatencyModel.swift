/// The end-to-end latency of a split network: `T = T_device + 8 · bytes / rate + RTT + T_server`,
/// the bytes of both directions counted at the rate of each.
public struct LatencyModel: Hashable, Sendable {
  /// The link between device and server.
  public var link: Link

  /// Creates the model of a link.
  public init(link: Link) { self.link = link }

  /// The latency of one input.
  ///
  /// - Parameters:
  ///   - device: the measured time on the device.
  ///   - uplinkBytes: what the device sends.
  ///   - downlinkBytes: what the server sends back.
  ///   - server: the measured time on the server.
  /// - Precondition: byte counts are not negative.
  public func latency(
    device: TimeSpan, uplinkBytes: Int, downlinkBytes: Int = 0, server: TimeSpan
  ) -> Latency {
    Latency(
      device: device, uplink: link.rate.time(for: uplinkBytes),
      downlink: link.downlinkRate.time(for: downlinkBytes), roundTrip: link.roundTripTime,
      server: server)
  }
}
