/// The end-to-end latency of a split network: `T = T_device + 8 · bytes / rate + RTT + T_server`,
/// the bytes of both directions, with those of the transport, counted at the rate of each, and times as the device and the server
/// at its ends would take them (``Link/deviceSlowdown``, ``Link/serverSpeedup``).
public struct LatencyModel: Hashable, Sendable {
  /// The link between device and server.
  public var link: Link

  /// Creates the model of a link.
  public init(link: Link) { self.link = link }

  /// The latency of one input.
  ///
  /// - Parameters:
  ///   - device: the time of the device's part on the machine that measures.
  ///   - uplinkBytes: what the device sends.
  ///   - downlinkBytes: what the server sends back.
  ///   - server: the time of the server's part on the machine that measures.
  /// - Precondition: byte counts are not negative.
  public func latency(
    device: TimeSpan, uplinkBytes: Int, downlinkBytes: Int = 0, server: TimeSpan
  ) -> Latency {
    Latency(
      device: onDevice(device), uplink: link.uplinkTime(for: uplinkBytes),
      downlink: link.downlinkTime(for: downlinkBytes), roundTrip: link.roundTripTime,
      server: .seconds(server.seconds / link.serverSpeedup))
  }

  /// A time on the machine that measures as the device would take it.
  public func onDevice(_ time: TimeSpan) -> TimeSpan {
    .seconds(time.seconds * link.deviceSlowdown)
  }
}
