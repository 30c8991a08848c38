public import Datasets

/// Cached latents in the same order as the images they come from would have.
public struct FeatureBatchSource: BatchSource {
  private let store: FeatureStore
  private let plan: BatchPlan
  private let labels: [Int32]

  /// Creates a source.
  ///
  /// - Parameters:
  ///   - store: the latents of a data set.
  ///   - labels: the true class of each of its samples.
  ///   - plan: the order.
  /// - Precondition: all three are of the same number of samples.
  public init(_ store: FeatureStore, labels: [Int32], plan: BatchPlan) {
    precondition(
      store.count == labels.count && plan.sampleCount == labels.count,
      "FeatureBatchSource: \(store.count) latents, \(labels.count) labels")
    self.store = store
    self.plan = plan
    self.labels = labels
  }

  /// How many batches an epoch has.
  public var batchesPerEpoch: Int { plan.batchesPerEpoch }

  /// How many samples an epoch has.
  public var sampleCount: Int { plan.sampleCount }

  /// The batches of an epoch from one of them on.
  public func batches(epoch: Int, from start: Int) -> any BatchSequence {
    Rows(source: self, order: plan.order(epoch: epoch), next: start)
  }

  private final class Rows: BatchSequence {
    private let source: FeatureBatchSource
    private let order: [Int]
    private var index: Int

    init(source: FeatureBatchSource, order: [Int], next: Int) {
      self.source = source
      self.order = order
      index = next
    }

    func next() throws -> TrainingBatch? {
      guard index < source.batchesPerEpoch else { return nil }
      let size = source.plan.batchSize
      let samples = Array(order[index * size..<min(order.count, (index + 1) * size)])
      let batch = TrainingBatch(
        index: index, samples: samples, inputs: try source.store.latents(of: samples),
        labels: samples.map { source.labels[$0] })
      index += 1
      return batch
    }
  }
}
