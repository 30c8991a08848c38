/// Percentiles of a set of measurements, such as latencies.
///
/// Between two values they are interpolated linearly, as NumPy's `percentile` does.
public struct Percentiles: Hashable, Sendable {
  private let sorted: [Double]

  /// Sorts the values once; nil without any, or if one is NaN.
  public init?(_ values: some Collection<Double>) {
    guard !values.isEmpty, !values.contains(where: \.isNaN) else { return nil }
    sorted = values.sorted()
  }

  /// The value that a percentage of the values does not exceed.
  ///
  /// - Precondition: the percentage is in `0...100`.
  public subscript(percentage: Double) -> Double {
    precondition((0...100).contains(percentage), "Percentiles: \(percentage) %")
    let position = percentage / 100 * Double(sorted.count - 1)
    let lower = Int(position)
    let upper = min(lower + 1, sorted.count - 1)
    let share = position - Double(lower)
    // Without this an infinite neighbour would turn a value into NaN.
    if share == 0 { return sorted[lower] }
    return sorted[lower] + share * (sorted[upper] - sorted[lower])
  }

  /// The median.
  public var p50: Double { self[50] }

  /// The value that 99 % of the values do not exceed.
  public var p99: Double { self[99] }
}
