public import Datasets
public import Splitting
public import Tensors

extension MethodSetting {
  /// The latents of a frozen head for the training images: computed once, unless images change from
  /// epoch to epoch.
  ///
  /// - Parameters:
  ///   - head: what computes them.
  ///   - transform: what pixels go through first.
  ///   - memoryLimit: the most bytes that are kept in memory; beyond that they lie on disk.
  ///   - key: where a recipe sets that.
  /// - Throws: `DatasetError` if images cannot be read, `FeatureStoreError` if latents cannot be kept.
  public func latents(
    of head: Head, through transform: InputTransform, memoryLimit: Int, setBy key: String
  ) throws -> any BatchSource {
    guard try data.configuration.augmentation() == .none else {
      observer.noted(
        "features of the head are not cached, as the training images change in every epoch")
      return LatentBatchSource(try trainingImages(through: transform), head)
    }
    let train = try data.train()
    let store = try features(
      of: train, head, through: transform, memoryLimit: memoryLimit, setBy: key, as: "training")
    let plan = try trainingPlan(sampleCount: train.count)
    return FeatureBatchSource(store, labels: train.labels, plan: plan)
  }

  /// The latents of a frozen head for every image of a data set, computed once.
  ///
  /// - Parameters:
  ///   - dataset: the images.
  ///   - head: what computes them.
  ///   - transform: what pixels go through first.
  ///   - memoryLimit: the most bytes that are kept in memory; beyond that they lie on disk.
  ///   - key: where a recipe sets that.
  ///   - part: what people are told the images are, such as `validation`.
  /// - Throws: `DatasetError` if images cannot be read, `FeatureStoreError` if latents cannot be kept.
  public func features(
    of dataset: ImageDataset, _ head: Head, through transform: InputTransform, memoryLimit: Int,
    setBy key: String, as part: String
  ) throws -> FeatureStore {
    let store = try FeatureStore(
      head, dataset: dataset, transform: transform, batchSize: 256, memoryLimit: memoryLimit,
      directory: temporaryDirectory
    ) {
      observer.progressed(
        "caching \(part) features", unit: "images", done: $0, of: dataset.count)
    }
    if store.isOnDisk {
      observer.noted("features of the head lie on disk, as they take more than \(key)")
    }
    return store
  }
}

/// Batches of images turned into latents by a frozen head, again in every epoch.
public struct LatentBatchSource: BatchSource {
  private let images: any BatchSource
  private let head: Head

  /// Creates a source.
  public init(_ images: any BatchSource, _ head: Head) {
    self.images = images
    self.head = head
  }

  /// How many batches an epoch has.
  public var batchesPerEpoch: Int { images.batchesPerEpoch }

  /// How many samples an epoch has.
  public var sampleCount: Int { images.sampleCount }

  /// The batches of an epoch from one of them on.
  public func batches(epoch: Int, from start: Int) -> any BatchSequence {
    Latents(images: images.batches(epoch: epoch, from: start), head: head)
  }

  private struct Latents: BatchSequence {
    let images: any BatchSequence
    let head: Head

    func next() throws -> TrainingBatch? {
      try images.next().map {
        TrainingBatch(
          index: $0.index, samples: $0.samples, inputs: head($0.inputs), labels: $0.labels)
      }
    }
  }
}
