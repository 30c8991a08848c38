public import Datasets
public import Tensors

extension MethodSetting {
  /// The training images in an order of the run's seed, changed as the recipe says and transformed.
  ///
  /// - Throws: `DatasetError` if they cannot be read.
  public func trainingImages(through transform: InputTransform) throws -> ImageBatchSource {
    let train = try data.train()
    return ImageBatchSource(
      try BatchLoader(
        dataset: train, plan: trainingPlan(sampleCount: train.count),
        augmentation: data.configuration.augmentation(), transform: transform))
  }
}

/// Transformed, possibly augmented images of a data set.
public struct ImageBatchSource: BatchSource {
  private let loader: BatchLoader

  /// Creates a source of what a loader prepares.
  public init(_ loader: BatchLoader) { self.loader = loader }

  /// How many batches an epoch has.
  public var batchesPerEpoch: Int { loader.plan.batchesPerEpoch }

  /// How many samples an epoch has.
  public var sampleCount: Int { loader.plan.sampleCount }

  /// The batches of an epoch from one of them on.
  public func batches(epoch: Int, from start: Int) -> any BatchSequence {
    Stream(stream: loader.batches(epoch: epoch, from: start))
  }

  private struct Stream: BatchSequence {
    let stream: BatchStream

    func next() throws -> TrainingBatch? {
      try stream.next().map {
        TrainingBatch(index: $0.index, samples: $0.samples, inputs: $0.images, labels: $0.labels)
      }
    }
  }
}
