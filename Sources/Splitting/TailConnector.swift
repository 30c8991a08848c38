public import Networks

/// What reaches tails that others serve.
public protocol TailConnector: Sendable {
  /// Connects to a tail.
  ///
  /// - Parameters:
  ///   - address: where it is.
  ///   - access: who asks, and how patiently.
  ///   - noted: is told what a person should know, such as that the server is waited for.
  /// - Throws: what keeps the tail from being reached.
  func connect(
    to address: TailAddress, _ access: TailAccess, noted: @escaping @Sendable (String) -> Void
  ) throws -> ServedTail
}

/// A tail that somebody else serves, and what its owner says of it.
public struct ServedTail: Sendable {
  /// The tail.
  public let tail: any Tail
  /// What it costs for one sample; nil if its owner does not say.
  public let cost: Cost?

  /// Creates a served tail.
  public init(tail: any Tail, cost: Cost?) {
    self.tail = tail
    self.cost = cost
  }
}
