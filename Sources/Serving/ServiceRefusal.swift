public import Splitting

/// What a client is refused, and why.
public enum ServiceRefusal: Error, Equatable, Sendable, CustomStringConvertible {
  /// A request that would never be accepted as it is.
  case invalid(String)
  /// More in one request than the server takes.
  case tooMany(what: String, found: Int, most: Int)
  /// The request names codec tables that the server does not have; they can be shared.
  case unknownTables(String)
  /// Too many latents wait already.
  case busy(waiting: Int, retryAfter: TimeSpan)
  /// The client has made too many requests in a second.
  case tooFast(perSecond: Double, retryAfter: TimeSpan)
  /// The client has had all the gradients it may have.
  case gradientsSpent(allowed: Int)
  /// The client may not ask at all.
  case unauthenticated
  /// The time for an answer was over before it was computed.
  case expired
  /// The server is shutting down.
  case closing

  /// The name in logs and counters.
  public var name: String {
    switch self {
    case .invalid: "invalid"
    case .tooMany: "too_many"
    case .unknownTables: "unknown_tables"
    case .busy: "busy"
    case .tooFast: "too_fast"
    case .gradientsSpent: "gradients_spent"
    case .unauthenticated: "unauthenticated"
    case .expired: "expired"
    case .closing: "closing"
    }
  }

  /// When it is worth asking again; nil if it is not, or at once on another connection.
  public var retryAfter: TimeSpan? {
    switch self {
    case .busy(_, let time), .tooFast(_, let time): time
    default: nil
    }
  }

  /// What was refused and what is allowed.
  public var description: String {
    switch self {
    case .invalid(let reason): reason
    case .tooMany(let what, let found, let most):
      "\(found) \(what) at once, at most \(most) are taken"
    case .unknownTables(let name): "there are no codec tables \(name) here: share them first"
    case .busy(let waiting, let time): "\(waiting) latents wait already; ask again in \(time)"
    case .tooFast(let rate, let time):
      "more than \(rate) requests a second; ask again in \(time)"
    case .gradientsSpent(let allowed): "all \(allowed) gradients that are allowed have been given"
    case .unauthenticated: "a bearer token that the server knows is needed"
    case .expired: "the time for an answer is over"
    case .closing: "the server is shutting down"
    }
  }
}
