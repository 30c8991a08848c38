internal import Configurations

/// What lies between head and tail: a modelled network link.
///
/// In a recipe:
///
///     link:
///       rate: 10 Mbit/s
///       downlink_rate: 50 Mbit/s      # the rate, unless given
///       round_trip_time: 20 ms
///       transport: tcp                # its headers take time, too; none unless given
///       loss: 0.25                    # of elements
///       packet_size: 1400 B           # if given, whole packets of elements are lost instead
///       noise: 0.5                    # standard deviation
///       noise_placement: after_adapter
///       device_slowdown: 20           # the device beside the machine that measures
///       server_speedup: 4
public struct Link: Hashable, Sendable {
  /// Where on the device noise is added.
  public enum NoisePlacement: String, Codable, CaseIterable, Sendable {
    /// To what the adapter gives out, on the way to the tail.
    case afterAdapter = "after_adapter"
    /// To what the adapter takes in.
    case beforeAdapter = "before_adapter"
  }

  /// What carries the bytes, and adds its own.
  public enum Transport: String, Codable, CaseIterable, Sendable {
    /// Nothing is added: the bytes as they are.
    case none
    /// TCP over IPv4 in packets of 1,500 B: 20 B of IP's header, 20 B of TCP's and 12 B of its
    /// timestamps before up to 1,448 B. Source: RFC 791, RFC 9293 and RFC 7323.
    case tcp

    /// The bytes on the link for those of a message.
    public func byteCount(of message: Int) -> Int {
      switch self {
      case .none: message
      case .tcp: message + 52 * ((message + 1447) / 1448)
      }
    }
  }

  /// From device to server.
  public let rate: DataRate
  /// From server to device.
  public let downlinkRate: DataRate
  /// From the device to the server and back, for a message of no size.
  public let roundTripTime: TimeSpan
  /// What carries the bytes.
  public let transport: Transport
  /// The probability that an element, or the packet it is in, is lost; 0 to 1.
  public let loss: Double
  /// The size of the packets that are lost as a whole; nil if elements are lost one by one.
  public let packetSize: ByteCount?
  /// The standard deviation of the Gaussian noise added to each element; 0 or more.
  public let noise: Double
  /// Where the noise is added.
  public let noisePlacement: NoisePlacement

  /// Indicates whether elements are disturbed or lost.
  public var isNoisy: Bool { noise > 0 || loss > 0 }
  /// How many times slower the device at one end is than the machine that measures; 1 for the same.
  public let deviceSlowdown: Double
  /// How many times faster the server at the other end is than the machine that measures.
  public let serverSpeedup: Double

  /// Creates a link.
  ///
  /// - Parameter downlinkRate: the uplink's rate, unless given.
  /// - Throws: `LinkError` if the loss is outside 0 to 1, the noise negative or not finite, a
  ///   packet too small for an element (4 bytes), or a factor of speed not positive and finite.
  public init(
    rate: DataRate = .tenMegabits, downlinkRate: DataRate? = nil,
    roundTripTime: TimeSpan = .milliseconds(20), transport: Transport = .none, loss: Double = 0,
    packetSize: ByteCount? = nil, noise: Double = 0, noisePlacement: NoisePlacement = .afterAdapter,
    deviceSlowdown: Double = 1, serverSpeedup: Double = 1
  ) throws(LinkError) {
    guard loss >= 0, loss <= 1 else { throw .loss(loss) }
    guard noise >= 0, noise.isFinite else { throw .noise(noise) }
    if let packetSize, packetSize.bytes < Link.elementByteCount { throw .packetSize(packetSize) }
    for factor in [deviceSlowdown, serverSpeedup] where !(factor > 0 && factor.isFinite) {
      throw .speed(factor)
    }
    self.rate = rate
    self.downlinkRate = downlinkRate ?? rate
    self.roundTripTime = roundTripTime
    self.transport = transport
    self.loss = loss
    self.packetSize = packetSize
    self.noise = noise
    self.noisePlacement = noisePlacement
    self.deviceSlowdown = deviceSlowdown
    self.serverSpeedup = serverSpeedup
  }

  /// How long bytes take from the device to the server, without the way there.
  public func uplinkTime(for bytes: Int) -> TimeSpan {
    rate.time(for: transport.byteCount(of: bytes))
  }

  /// How long bytes take from the server to the device, without the way there.
  public func downlinkTime(for bytes: Int) -> TimeSpan {
    downlinkRate.time(for: transport.byteCount(of: bytes))
  }

  /// The bytes of an uncompressed element, a `Float`.
  static let elementByteCount = 4
}

/// Why a link cannot be.
public enum LinkError: Error, Hashable, Sendable {
  /// The loss is outside 0 to 1.
  case loss(Double)
  /// The noise is negative or not finite.
  case noise(Double)
  /// A packet does not hold an element.
  case packetSize(ByteCount)
  /// A factor of speed is not positive and finite.
  case speed(Double)
}

extension LinkError: CustomStringConvertible {
  /// What is wrong and what was expected.
  public var description: String {
    switch self {
    case .loss(let loss): "expected a loss from 0 to 1, found \(loss)"
    case .noise(let noise): "expected a finite standard deviation of 0 or more, found \(noise)"
    case .packetSize(let size):
      "expected packets of at least \(ByteCount(Link.elementByteCount)), found \(size)"
    case .speed(let factor): "expected a finite factor above 0, found \(factor)"
    }
  }
}

extension Link: Codable {
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case rate
    case downlinkRate = "downlink_rate"
    case roundTripTime = "round_trip_time"
    case transport
    case loss
    case packetSize = "packet_size"
    case noise
    case noisePlacement = "noise_placement"
    case deviceSlowdown = "device_slowdown"
    case serverSpeedup = "server_speedup"
  }

  /// Reads a link; what is absent has its default.
  ///
  /// - Throws: `DecodingError`, at the key it is about.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let rate = try container.decodeIfPresent(DataRate.self, forKey: .rate)
    let downlinkRate = try container.decodeIfPresent(DataRate.self, forKey: .downlinkRate)
    let roundTripTime = try container.decodeIfPresent(TimeSpan.self, forKey: .roundTripTime)
    let transport = try container.decodeIfPresent(Transport.self, forKey: .transport)
    let loss = try container.decodeIfPresent(Loss.self, forKey: .loss)
    let packetSize = try container.decodeIfPresent(PacketSize.self, forKey: .packetSize)
    let noise = try container.decodeIfPresent(Noise.self, forKey: .noise)
    let placement = try container.decodeIfPresent(NoisePlacement.self, forKey: .noisePlacement)
    let slowdown = try container.decodeIfPresent(Factor.self, forKey: .deviceSlowdown)
    let speedup = try container.decodeIfPresent(Factor.self, forKey: .serverSpeedup)
    try self.init(
      rate: rate ?? .tenMegabits, downlinkRate: downlinkRate,
      roundTripTime: roundTripTime ?? .milliseconds(20), transport: transport ?? .none,
      loss: loss?.value ?? 0, packetSize: packetSize?.value, noise: noise?.value ?? 0,
      noisePlacement: placement ?? .afterAdapter, deviceSlowdown: slowdown?.value ?? 1,
      serverSpeedup: speedup?.value ?? 1)
  }

  /// Writes every key but an absent transport and packet size and factors of 1.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rate, forKey: .rate)
    try container.encode(downlinkRate, forKey: .downlinkRate)
    try container.encode(roundTripTime, forKey: .roundTripTime)
    if transport != .none { try container.encode(transport, forKey: .transport) }
    try container.encode(loss, forKey: .loss)
    try container.encodeIfPresent(packetSize, forKey: .packetSize)
    try container.encode(noise, forKey: .noise)
    try container.encode(noisePlacement, forKey: .noisePlacement)
    if deviceSlowdown != 1 { try container.encode(deviceSlowdown, forKey: .deviceSlowdown) }
    if serverSpeedup != 1 { try container.encode(serverSpeedup, forKey: .serverSpeedup) }
  }
}

// Each checks its own value, so that a reader that goes on after an error finds all of them.

private struct Loss: Decodable, DescribedValue {
  static let words = "number"

  let value: Double

  init(from decoder: any Decoder) throws {
    value = try checked(decoder, { (value) throws(LinkError) in try Link(loss: value).loss })
  }
}

private struct Noise: Decodable, DescribedValue {
  static let words = "number"

  let value: Double

  init(from decoder: any Decoder) throws {
    value = try checked(decoder, { (value) throws(LinkError) in try Link(noise: value).noise })
  }
}

private struct Factor: Decodable, DescribedValue {
  static let words = "number"

  let value: Double

  init(from decoder: any Decoder) throws {
    value = try checked(decoder) { (value: Double) throws(LinkError) in
      try Link(deviceSlowdown: value).deviceSlowdown
    }
  }
}

private struct PacketSize: Decodable, DescribedValue {
  static var words: String { ByteCount.words }
  static var writtenIn: String? { ByteCount.writtenIn }

  let value: ByteCount

  init(from decoder: any Decoder) throws {
    value = try checked(decoder) { (value: ByteCount) throws(LinkError) in
      _ = try Link(packetSize: value)
      return value
    }
  }
}

private func checked<Value: Decodable>(
  _ decoder: any Decoder, _ check: (Value) throws(LinkError) -> Value
) throws -> Value {
  let container = try decoder.singleValueContainer()
  let value = try container.decode(Value.self)
  do throws(LinkError) {
    return try check(value)
  } catch {
    throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
  }
}

extension Link {
  /// This link with another fraction of lost elements.
  ///
  /// - Throws: ``LinkError/loss(_:)`` if it is no fraction.
  public func with(loss: Double) throws(LinkError) -> Link {
    try Link(
      rate: rate, downlinkRate: downlinkRate, roundTripTime: roundTripTime, loss: loss,
      packetSize: packetSize, noise: noise, noisePlacement: noisePlacement,
      deviceSlowdown: deviceSlowdown, serverSpeedup: serverSpeedup)
  }
}
