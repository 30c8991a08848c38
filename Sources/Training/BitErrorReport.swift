/// What bit errors on the way do to the answers of one system.
public struct BitErrorReport: Codable, Sendable {
  /// What comes of one bit error rate.
  public struct Point: Codable, Sendable {
    /// The share of bits that are turned over.
    public var rate: Double
    /// The mean accuracy over draws of the channel, a fraction.
    public var accuracy: Double
    /// The standard deviation of the accuracy over the draws; 0 for one.
    public var deviation: Double
    /// How often the channel was drawn anew.
    public var draws: Int
    /// The share of messages that could not be read.
    public var lost: Double

    /// Summarises draws.
    ///
    /// - Precondition: there is one.
    public init(rate: Double, accuracies: [Double], lost: Double = 0) {
      precondition(!accuracies.isEmpty, "BitErrorReport: no draws")
      let mean = accuracies.reduce(0, +) / Double(accuracies.count)
      let squares = accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      self.rate = rate
      accuracy = mean
      deviation =
        accuracies.count > 1 ? (squares / Double(accuracies.count - 1)).squareRoot() : 0
      draws = accuracies.count
      self.lost = lost
    }
  }

  /// The system, such as the method itself or a control.
  public var system: String
  /// Bytes of a message on average, everything included.
  public var bytes: Double
  /// Bytes of the values in single precision over those.
  public var ratio: Double
  /// From the lowest bit error rate to the highest.
  public var points: [Point]

  /// Describes a system.
  public init(system: String, bytes: Double, ratio: Double, points: [Point]) {
    self.system = system
    self.bytes = bytes
    self.ratio = ratio
    self.points = points
  }
}
