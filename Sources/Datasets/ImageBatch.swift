public import Tensors

/// Some samples of a data set, ready for a network.
public struct ImageBatch: Sendable {
  /// The place of the batch in its epoch, from 0.
  public let index: Int
  /// The samples, as indices into the data set.
  public let samples: [Int]
  /// `[count, height, width, channels]`, augmented and transformed.
  public let images: Tensor<Float>
  /// The label of every sample.
  public let labels: [Int32]

  /// The number of samples.
  public var count: Int { samples.count }
}
