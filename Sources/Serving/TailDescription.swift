public import Networks
public import Tensors

/// What a server tells of its tail: what goes in and comes out, and what is allowed; no weights and
/// no layers.
public struct TailDescription: Hashable, Codable, Sendable {
  /// The shape of one latent.
  public var latentShape: Shape
  /// The length of the logits.
  public var classCount: Int
  /// What the tail costs, if its owner says so.
  public var cost: Cost?
  /// What the server allows.
  public var limits: ServiceLimits

  /// Creates a description.
  public init(latentShape: Shape, classCount: Int, cost: Cost?, limits: ServiceLimits) {
    self.latentShape = latentShape
    self.classCount = classCount
    self.cost = cost
    self.limits = limits
  }

  /// Refuses a number of latents that one request may not have.
  func checkCount(_ count: Int) throws(ServiceRefusal) {
    guard count > 0 else { throw ServiceRefusal.invalid("there are no latents") }
    guard count <= limits.batchSize else {
      throw ServiceRefusal.tooMany(what: "latents", found: count, most: limits.batchSize)
    }
  }
}
