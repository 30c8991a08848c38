internal import Foundation

/// What happened in a server, as one line of JSON for programs to read.
public struct ServiceEvent: Codable, Sendable {
  /// When, in seconds since 1970.
  public var time: Double
  /// What, such as `listening`, `refused` or `counters`.
  public var event: String
  /// The client, if it is one's doing.
  public var client: String?
  /// The call.
  public var call: String?
  /// What the client was refused for, see ``ServiceRefusal/name``.
  public var reason: String?
  /// More, for people.
  public var message: String?
  /// The counters, for the event of that name.
  public var counters: ServiceCounters?

  /// Creates an event that happens now.
  public init(
    _ event: String, client: String? = nil, call: String? = nil, reason: String? = nil,
    message: String? = nil, counters: ServiceCounters? = nil
  ) {
    time = (Date.now.timeIntervalSince1970 * 1000).rounded() / 1000
    self.event = event
    self.client = client
    self.call = call
    self.reason = reason
    self.message = message
    self.counters = counters
  }

  /// The line, without a line break.
  public var line: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return "" }
    return String(decoding: data, as: UTF8.self)
  }
}

/// What a server has done since it started.
public struct ServiceCounters: Codable, Hashable, Sendable {
  /// Requests answered, by call.
  public var answered: [String: Int] = [:]
  /// Requests refused, by reason.
  public var refused: [String: Int] = [:]
  /// Requests that failed otherwise.
  public var failed = 0
  /// Latents whose logits or gradients were given.
  public var latents = 0
  /// Bytes of latents that came.
  public var latentBytes = 0
  /// Computations on the tail; fewer than requests when these are put together.
  public var computations = 0
  /// Clients that have asked for anything.
  public var clients = 0

  /// Creates counters of a server that has just started.
  public init() {}
}
