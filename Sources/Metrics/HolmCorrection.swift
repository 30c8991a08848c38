/// Holm's correction of p-values for the number of comparisons that are made together.
///
/// If a comparison counts as significant where its adjusted p-value is at most 5 %, the probability that
/// any comparison of the family does so by chance is at most 5 %. Source: Holm 1979, "A simple
/// sequentially rejective multiple test procedure".
public enum HolmCorrection {
  /// The adjusted p-values in the order of the given ones, at most 1.
  ///
  /// The smallest is multiplied by the number of comparisons, the next by one less, and so on; none is
  /// below a smaller one's.
  public static func adjusted(_ pValues: [Double]) -> [Double] {
    var adjusted = [Double](repeating: 1, count: pValues.count)
    var largest = 0.0
    let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, pValues[index] * Double(pValues.count - rank)))
      adjusted[index] = largest
    }
    return adjusted
  }
}
