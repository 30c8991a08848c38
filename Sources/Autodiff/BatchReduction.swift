/// The rest of a batch, of which other processes hold the samples.
public protocol BatchReduction: Sendable {
  /// The sums, element by element, of what every process gives.
  ///
  /// Every process makes the same calls in the same order, with as many values, and gets the same sums.
  func sum(_ values: [Double]) -> [Double]
}
