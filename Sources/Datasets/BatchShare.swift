/// The part of every batch that one of several processes computes.
///
/// Shares are consecutive samples of a batch in the order it has anyway, so that all of them together
/// are the batch of one process.
public struct BatchShare: Hashable, Sendable {
  /// Which share, counted from 0.
  public let index: Int
  /// How many shares there are.
  public let count: Int

  /// All of every batch.
  public static let whole = BatchShare(0, of: 1)

  /// Creates a share.
  ///
  /// - Precondition: `0 ≤ index < count`.
  public init(_ index: Int, of count: Int) {
    precondition(count > 0 && (0..<count).contains(index), "BatchShare: \(index) of \(count)")
    self.index = index
    self.count = count
  }

  /// The share of a batch at given positions; shares differ by one sample at most.
  ///
  /// A batch of fewer samples than shares is computed whole by everyone.
  func range(of batch: Range<Int>) -> Range<Int> {
    guard batch.count >= count else { return batch }
    func bound(_ index: Int) -> Int { batch.lowerBound + index * batch.count / count }
    return bound(index)..<bound(index + 1)
  }
}
