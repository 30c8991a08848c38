internal import Foundation

/// Student's t distribution.
public struct StudentT: Hashable, Sendable {
  /// The degrees of freedom, above 0.
  public let degreesOfFreedom: Double

  /// Creates a distribution.
  ///
  /// - Precondition: a positive number of degrees of freedom.
  public init(degreesOfFreedom: Double) {
    precondition(degreesOfFreedom > 0, "StudentT: \(degreesOfFreedom) degrees of freedom")
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// Half the length of the confidence interval of a mean.
  ///
  /// - Parameters:
  ///   - deviation: the sample standard deviation of the values.
  ///   - count: how many values there are.
  ///   - confidence: the share of such intervals that hold the true mean.
  /// - Precondition: two values or more, and a confidence inside `0...1` without the ends.
  public static func halfWidth(
    deviation: Double, count: Int, confidence: Double = 0.95
  ) -> Double {
    precondition(count > 1, "StudentT: an interval of \(count) values")
    let quantile = StudentT(degreesOfFreedom: Double(count - 1)).quantile((1 + confidence) / 2)
    return quantile * deviation / Double(count).squareRoot()
  }

  /// The probability of a value up to one.
  public func cumulative(_ value: Double) -> Double {
    let tail = upperTail(abs(value))
    return value < 0 ? tail : 1 - tail
  }

  /// The value up to which a probability lies; within 10⁻¹⁰ of itself for `0.001...0.999`.
  ///
  /// - Precondition: the probability is inside `0...1`, without the ends.
  public func quantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "StudentT: the quantile \(probability)")
    if probability == 0.5 { return 0 }
    let tail = min(probability, 1 - probability)
    // The tail falls from a half towards 0: bracket, then halve the bracket to the last bits.
    var low = 0.0
    var high = 1.0
    while upperTail(high) > tail { (low, high) = (high, 2 * high) }
    while true {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      if upperTail(middle) > tail { low = middle } else { high = middle }
    }
    return probability < 0.5 ? -high : high
  }

  /// The probability of a value above one that is at least 0: `I(ν / (ν + t²); ν/2, 1/2) / 2`.
  private func upperTail(_ value: Double) -> Double {
    let square = value * value
    let total = degreesOfFreedom + square
    guard total.isFinite else { return 0 }
    return incompleteBeta(
      degreesOfFreedom / total, complement: square / total, degreesOfFreedom / 2, 0.5) / 2
  }

  /// The regularised incomplete beta function by its continued fraction.
  ///
  /// Source: NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov/8.17, 8.17.22,
  /// evaluated by Lentz's method.
  ///
  /// - Parameter complement: `1 − x`, with all its digits.
  private func incompleteBeta(
    _ x: Double, complement: Double, _ a: Double, _ b: Double
  ) -> Double {
    if x <= 0 { return 0 }
    if complement <= 0 { return 1 }
    // The fraction converges fast on this side; the other follows by symmetry.
    if x > (a + 1) / (a + b + 2) {
      return 1 - incompleteBeta(complement, complement: x, b, a)
    }
    let front = exp(
      lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(complement))
    let tiny = 1e-300
    var c = 1.0
    var d = 1 - (a + b) * x / (a + 1)
    d = 1 / (abs(d) < tiny ? tiny : d)
    var fraction = d
    for step in 1...10_000 {
      let m = Double(step)
      for coefficient in [
        m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
      ] {
        d = 1 + coefficient * d
        d = 1 / (abs(d) < tiny ? tiny : d)
        c = 1 + coefficient / c
        if abs(c) < tiny { c = tiny }
        fraction *= d * c
      }
      if abs(d * c - 1) < 1e-15 { break }
    }
    return front * fraction / a
  }
}
