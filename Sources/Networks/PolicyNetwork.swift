/// A network by which a device decides something other than its task, such as how to send an image.
public struct PolicyNetwork: Sendable {
  /// What it is called, such as `gate`.
  public var name: String
  /// From what is observed to what is decided.
  public var network: Network
  /// How observations are made and decisions are read, as names and numbers.
  public var settings: [String: Double]
  /// The same in words.
  public var facts: [String: String]

  /// Creates a policy.
  public init(
    name: String, network: Network, settings: [String: Double] = [:], facts: [String: String] = [:]
  ) {
    self.name = name
    self.network = network
    self.settings = settings
    self.facts = facts
  }
}
