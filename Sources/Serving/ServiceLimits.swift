public import Splitting

/// What a server of a tail allows, so that no client takes memory or time from the others.
public struct ServiceLimits: Hashable, Codable, Sendable {
  /// The latents of one request.
  public var batchSize: Int
  /// The bytes of one request, in however many messages it comes.
  public var requestSize: ByteCount
  /// The latents that may wait to be computed, of all clients.
  public var queue: Int
  /// The requests a second of one client, and how many at once after a rest; nil for any.
  public var rate: Double?
  /// The latents whose gradients one client may ask for; nil for any.
  public var gradients: Int?
  /// The codec tables that are kept for one client.
  public var tables: Int
  /// How long a request may wait and be computed, whatever its client allows.
  public var deadline: TimeSpan

  /// Creates limits with their defaults.
  public init() {
    batchSize = 1024
    requestSize = ByteCount(64 << 20)
    queue = 8192
    rate = nil
    gradients = nil
    tables = 4
    deadline = .seconds(60)
  }
}
