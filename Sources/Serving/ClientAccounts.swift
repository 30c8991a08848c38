internal import Codecs
internal import Splitting

/// What a server keeps of each client: its rate, its gradients, its tables.
struct ClientAccounts: Sendable {
  /// The most clients that are remembered; the one that was quiet for longest is forgotten first.
  static let mostClients = 65_536

  /// The requests of one client that are remembered, so that one that is sent again is not counted
  /// twice.
  static let mostRequests = 256

  private struct NamedTables: Sendable {
    let name: String
    let tables: CodecTables
  }

  private struct Account: Sendable {
    var allowance: Double
    var lastSeen: ContinuousClock.Instant
    var gradients = 0
    /// Requests whose gradients are counted, the oldest first.
    var counted: [String] = []
    var tables: [NamedTables] = []
  }

  private let limits: ServiceLimits
  private var accounts: [String: Account] = [:]

  init(_ limits: ServiceLimits) { self.limits = limits }

  var count: Int { accounts.count }

  /// Takes a request of a client.
  ///
  /// - Returns: ``ServiceRefusal/tooFast(perSecond:retryAfter:)`` if it is not taken.
  mutating func admit(_ client: String, now: ContinuousClock.Instant) -> ServiceRefusal? {
    var account = account(client, now)
    defer { accounts[client] = account }
    let elapsed = (now - account.lastSeen) / .seconds(1)
    account.lastSeen = now
    guard let rate = limits.rate else { return nil }
    account.allowance = min(max(1, rate), account.allowance + elapsed * rate)
    guard account.allowance >= 1 else {
      return .tooFast(perSecond: rate, retryAfter: .seconds((1 - account.allowance) / rate))
    }
    account.allowance -= 1
    return nil
  }

  /// Takes gradients off what a client may have, once for a request however often it is sent.
  ///
  /// - Parameters:
  ///   - gradients: the latents whose gradients it asks for.
  ///   - request: tells requests of the client apart; empty if it does not.
  /// - Returns: ``ServiceRefusal/gradientsSpent(allowed:)`` if there are not so many left.
  mutating func charge(
    _ client: String, gradients: Int, request: String, now: ContinuousClock.Instant
  ) -> ServiceRefusal? {
    guard let most = limits.gradients else { return nil }
    var account = account(client, now)
    defer { accounts[client] = account }
    if !request.isEmpty, account.counted.contains(request) { return nil }
    guard account.gradients + gradients <= most else { return .gradientsSpent(allowed: most) }
    account.gradients += gradients
    guard !request.isEmpty else { return nil }
    account.counted.append(request)
    if account.counted.count > ClientAccounts.mostRequests { account.counted.removeFirst() }
    return nil
  }

  private mutating func account(_ client: String, _ now: ContinuousClock.Instant) -> Account {
    if let known = accounts[client] { return known }
    if accounts.count >= ClientAccounts.mostClients,
      let oldest = accounts.min(by: { $0.value.lastSeen < $1.value.lastSeen })?.key
    {
      accounts[oldest] = nil
    }
    return Account(allowance: max(1, limits.rate ?? 1), lastSeen: now)
  }

  // MARK: - Tables

  /// Keeps tables for a client; the oldest go when there are too many.
  mutating func keep(
    _ tables: CodecTables, as name: String, of client: String, now: ContinuousClock.Instant
  ) {
    var account = account(client, now)
    account.tables.removeAll { $0.name == name }
    account.tables.append(NamedTables(name: name, tables: tables))
    if account.tables.count > limits.tables { account.tables.removeFirst() }
    accounts[client] = account
  }

  /// The tables that a client calls by a name; nil if there are none.
  func tables(_ name: String, of client: String) -> CodecTables? {
    guard let account = accounts[client] else { return nil }
    return account.tables.first { $0.name == name }?.tables
  }
}
