/// The point a search ends with: the mode of θ, or what it was repaired to.
public struct FinalChoice: Codable, Hashable, Sendable {
  /// How the point was found.
  public enum Origin: String, Codable, Hashable, Sendable {
    /// It is the mode of θ, which fulfils the constraint.
    case mode
    /// It is the most probable of the points that fulfil the constraint; all points were tried.
    case enumeration
    /// It is the most probable of the points that fulfil the constraint; all more probable ones
    /// were tried.
    case bestFirst = "best_first"
    /// It fulfils the constraint and no change of one or two dimensions makes it more probable, but
    /// a more probable one may exist.
    case localSearch = "local_search"
  }

  /// The point, which fulfils the constraint.
  public let choice: Choice

  /// The mode of θ.
  public let mode: Choice

  /// The natural logarithm of the probability of ``choice`` under θ, in nats.
  public let logProbability: Double

  /// How the point was found.
  public let origin: Origin

  /// Whether the mode had to be changed.
  public var isRepaired: Bool { origin != .mode }

  /// Whether no point that fulfils the constraint is more probable.
  public var isMostProbable: Bool { origin != .localSearch }
}
