public import Tensors

/// What one training step is given.
public struct TrainingBatch: Sendable {
  /// The position in the epoch.
  public let index: Int

  /// Which samples of the data set these are.
  public let samples: [Int]

  /// What the trained part reads, `[batch] + shape`: images, or cached features of a frozen head.
  public let inputs: Tensor<Float>

  /// The true class of each sample.
  public let labels: [Int32]

  /// Creates a batch.
  public init(index: Int, samples: [Int], inputs: Tensor<Float>, labels: [Int32]) {
    self.index = index
    self.samples = samples
    self.inputs = inputs
    self.labels = labels
  }

  /// The number of samples.
  public var count: Int { samples.count }
}

/// Where the batches of an epoch come from.
///
/// The order of an epoch follows from the seed and the epoch's number alone, so that training can
/// go on at any batch as if it had never stopped.
public protocol BatchSource: Sendable {
  /// How many batches an epoch has.
  var batchesPerEpoch: Int { get }

  /// How many samples an epoch has.
  var sampleCount: Int { get }

  /// The batches of an epoch from one of them on, prepared ahead in the background.
  func batches(epoch: Int, from start: Int) -> any BatchSequence
}

/// The batches of an epoch, one after the other.
public protocol BatchSequence {
  /// The next batch, `nil` after the last.
  ///
  /// - Throws: what keeps a sample from being read.
  func next() throws -> TrainingBatch?
}
