/// The mean difference between two treatments of the same subjects, such as two methods on the same
/// seeds, with its confidence interval by Student's t.
public struct PairedDifference: Hashable, Codable, Sendable {
  /// The number of pairs.
  public let count: Int

  /// The mean of `first − second`.
  public let mean: Double

  /// The standard deviation of the differences, by `n − 1`; nil for one pair.
  public let standardDeviation: Double?

  /// The share of such intervals that hold the true mean, such as 0.95.
  public let confidence: Double

  /// Half the length of the interval; nil for one pair.
  public let halfWidth: Double?

  /// The probability of a difference as far from zero by chance, two-sided by Student's t; nil for one
  /// pair, and for differences that are the same in every pair.
  public let pValue: Double?

  /// Measures the differences of pairs; nil without pairs, or if a number is not finite.
  ///
  /// - Precondition: as many first as second values, and a confidence inside `0...1` without the
  ///   ends.
  public init?(_ first: [Double], _ second: [Double], confidence: Double = 0.95) {
    precondition(
      first.count == second.count && confidence > 0 && confidence < 1,
      "PairedDifference: \(first.count) and \(second.count) values, confidence \(confidence)")
    let differences = zip(first, second).map { $0 - $1 }
    guard !differences.isEmpty, differences.allSatisfy(\.isFinite) else { return nil }
    let count = Double(differences.count)
    let mean = differences.reduce(0, +) / count
    self.count = differences.count
    self.mean = mean
    self.confidence = confidence
    guard differences.count > 1 else {
      standardDeviation = nil
      halfWidth = nil
      pValue = nil
      return
    }
    let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / (count - 1)).squareRoot()
    standardDeviation = deviation
    halfWidth = StudentT.halfWidth(
      deviation: deviation, count: differences.count, confidence: confidence)
    // Equal differences deviate from their mean by rounding alone.
    guard deviation > 1e-12 * abs(mean) else {
      pValue = nil
      return
    }
    pValue =
      2
      * StudentT(degreesOfFreedom: count - 1).cumulative(
        -abs(mean) * count.squareRoot() / deviation)
  }

  private enum CodingKeys: String, CodingKey {
    case count, mean
    case standardDeviation = "standard_deviation"
    case confidence
    case halfWidth = "half_width"
    case pValue = "p_value"
  }

  /// The confidence interval of the mean; nil for one pair.
  public var interval: ClosedRange<Double>? {
    halfWidth.map { mean - $0...mean + $0 }
  }
}
