internal import Tensors

/// Which samples make up each batch of each epoch.
///
/// A function of its properties alone: the order of an epoch follows from the seed and the epoch's
/// number, so that training continues exactly at any epoch and batch.
public struct BatchPlan: Hashable, Sendable {
  /// The number of samples.
  public let sampleCount: Int
  /// The samples in a batch; the last of an epoch may be smaller.
  public let batchSize: Int
  /// What the order follows from.
  public let seed: UInt64
  /// Whether every epoch has an order of its own; otherwise samples come as they are.
  public let shuffles: Bool
  /// Whether a last batch that is not full is left out.
  public let dropsLast: Bool
  /// Which part of every batch is wanted.
  public let share: BatchShare

  /// Creates a plan.
  ///
  /// - Throws: ``DatasetError/invalidOption(name:value:expected:)`` for a batch size below 1, or if
  ///   not even one batch results.
  public init(
    sampleCount: Int, batchSize: Int, seed: UInt64, shuffles: Bool = true, dropsLast: Bool = false,
    share: BatchShare = .whole
  ) throws(DatasetError) {
    guard batchSize > 0 else {
      throw .invalidOption(name: "batch_size", value: "\(batchSize)", expected: "at least 1")
    }
    guard sampleCount > 0 else {
      throw .emptySelection(dataset: "data set", what: "the selection")
    }
    guard !dropsLast || batchSize <= sampleCount else {
      throw .invalidOption(
        name: "batch_size", value: "\(batchSize)",
        expected: "at most the \(sampleCount) samples, as the last incomplete batch is dropped")
    }
    self.sampleCount = sampleCount
    self.batchSize = batchSize
    self.seed = seed
    self.shuffles = shuffles
    self.dropsLast = dropsLast
    self.share = share
  }

  /// The number of batches in an epoch.
  public var batchesPerEpoch: Int {
    dropsLast ? sampleCount / batchSize : (sampleCount + batchSize - 1) / batchSize
  }

  /// The samples of an epoch in its order, those of a dropped batch included.
  ///
  /// - Parameter epoch: counts from 0.
  public func order(epoch: Int) -> [Int] {
    guard shuffles else { return Array(0..<sampleCount) }
    var random = RandomSource(seed: seed, purpose: "data order", index: epoch)
    return random.permutation(sampleCount)
  }

  /// The samples of a batch, or of the share of it that is wanted.
  ///
  /// - Parameters:
  ///   - epoch: counts from 0.
  ///   - batch: counts from 0 within the epoch.
  /// - Precondition: `batch < batchesPerEpoch`.
  public func indices(epoch: Int, batch: Int) -> [Int] {
    indices(order: order(epoch: epoch), batch: batch)
  }

  func indices(order: [Int], batch: Int) -> [Int] {
    precondition(
      batch >= 0 && batch < batchesPerEpoch, "BatchPlan: batch \(batch) of \(batchesPerEpoch)")
    let whole = order[batch * batchSize..<min(sampleCount, (batch + 1) * batchSize)]
    return Array(whole[share.range(of: whole.indices)])
  }
}
