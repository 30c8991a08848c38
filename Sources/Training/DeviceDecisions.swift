public import Codecs
public import Networks

/// How a device decides about an image: where it may answer early, or by which of several branches it
/// sends.
public struct DeviceDecisions: Sendable {
  /// A way to cut the work.
  public struct Branch: Sendable {
    /// What it is called.
    public var name: String
    /// The part for the device.
    public var device: Network
    /// The part for the server.
    public var server: Network
    /// How its latent is quantised, if it is.
    public var quantizer: AffineQuantizer?

    /// Creates a branch.
    public init(
      name: String, device: Network, server: Network, quantizer: AffineQuantizer? = nil
    ) {
      self.name = name
      self.device = device
      self.server = server
      self.quantizer = quantizer
    }
  }

  /// A network that decides.
  public struct Policy: Sendable {
    /// What it is called.
    public var name: String
    /// From what is observed to what is decided.
    public var network: Network
    /// How observations are made and decisions are read, as names and numbers.
    public var settings: [String: Double]
    /// The same in words.
    public var facts: [String: String]

    /// Creates a policy.
    public init(
      name: String, network: Network, settings: [String: Double] = [:],
      facts: [String: String] = [:]
    ) {
      self.name = name
      self.network = network
      self.settings = settings
      self.facts = facts
    }
  }

  /// Where it may answer early, in order.
  public var exits: [ExitDecision]
  /// By what it may send.
  public var branches: [Branch]
  /// What decides.
  public var policies: [Policy]

  /// Collects decisions.
  public init(
    exits: [ExitDecision] = [], branches: [Branch] = [], policies: [Policy] = []
  ) {
    self.exits = exits
    self.branches = branches
    self.policies = policies
  }
}
