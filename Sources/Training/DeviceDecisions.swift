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

  /// Where it may answer early, in order.
  public var exits: [ExitDecision]
  /// By what it may send.
  public var branches: [Branch]
  /// What decides.
  public var policies: [PolicyNetwork]

  /// Collects decisions.
  public init(
    exits: [ExitDecision] = [], branches: [Branch] = [], policies: [PolicyNetwork] = []
  ) {
    self.exits = exits
    self.branches = branches
    self.policies = policies
  }
}
