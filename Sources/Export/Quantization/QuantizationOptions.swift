/// How numbers become 8-bit integers in an exported model.
public struct QuantizationOptions: Hashable, Sendable {
  /// How the range of a value is chosen from what it is on the calibration samples.
  public enum RangeChoice: Hashable, Sendable {
    /// From the smallest to the largest number seen.
    case extremes
    /// So that a share of all numbers, in percent, lies below its end, and as many above its
    /// beginning; such as 99.99.
    case percentile(Double)
    /// The range with the smallest expected squared error of rounding and clipping.
    case leastSquaredError
  }

  /// How the ranges of values between layers are chosen.
  public var range: RangeChoice

  /// Whether weights use 7 of their 8 bits: for x86 processors without VNNI instructions, where
  /// integer kernels saturate on large products of unsigned values and signed weights.
  public var usesSevenBitWeights: Bool

  /// Creates options.
  public init(range: RangeChoice = .leastSquaredError, usesSevenBitWeights: Bool = false) {
    self.range = range
    self.usesSevenBitWeights = usesSevenBitWeights
  }

  /// The largest magnitude of an integer weight.
  var largestWeight: Float { usesSevenBitWeights ? 63 : 127 }

  /// Checks the percentile.
  func validate() throws(ExportError) {
    if case .percentile(let percent) = range, !(percent > 50 && percent <= 100) {
      throw .invalidOption(
        name: "percentile", value: "\(percent)", expected: "more than 50 and at most 100")
    }
  }
}
