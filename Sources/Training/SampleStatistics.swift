internal import Foundation

/// What a handful of repeated measurements says, such as one accuracy for each seed.
public struct SampleStatistics: Codable, Hashable, Sendable {
  /// The number of values, at least 1.
  public let count: Int

  /// The arithmetic mean.
  public let mean: Double

  /// The sample standard deviation, with `count − 1` in its denominator; nil for a single value.
  public let standardDeviation: Double?

  /// The smallest value.
  public let minimum: Double

  /// The greatest value.
  public let maximum: Double

  /// Creates the statistics of values; nil without any.
  public init?(_ values: some Collection<Double>) {
    guard let minimum = values.min(), let maximum = values.max() else { return nil }
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    self.minimum = minimum
    self.maximum = maximum
    // Twice over the values: the one-pass form loses all digits where the spread is small.
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation =
      values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
  }

  /// `mean ± standard deviation` with a number of decimal places; the mean alone for one value.
  ///
  /// - Parameters:
  ///   - scale: what both are multiplied by, such as 100 for percent.
  ///   - places: the digits after the decimal point.
  public func formatted(scale: Double = 1, places: Int = 2) -> String {
    let number = { (value: Double) in String(format: "%.\(places)f", value * scale) }
    guard let standardDeviation else { return number(mean) }
    return "\(number(mean)) ± \(number(standardDeviation))"
  }
}

extension SampleStatistics: CustomStringConvertible {
  /// `mean ± standard deviation` with two decimal places.
  public var description: String { formatted() }
}
