/// The mean of values that arrive one after the other, such as the losses of batches.
public struct RunningMean: Codable, Hashable, Sendable {
  private var sum = 0.0

  /// The total weight of the values, such as the number of samples.
  public private(set) var weight = 0.0

  /// Creates the mean of nothing.
  public init() {}

  /// Adds a value that stands for a number of samples.
  ///
  /// - Parameter weight: how much the value counts, at least 0.
  public mutating func add(_ value: Double, weight: Double = 1) {
    sum += value * weight
    self.weight += weight
  }

  /// The weighted mean; nil before the first value.
  public var mean: Double? { weight > 0 ? sum / weight : nil }
}
