public import Tensors

/// Makes the batches of a plan: reads pixels, augments and transforms them.
///
/// A value: what a batch holds depends on the loader's properties, the epoch and the batch's index,
/// not on what was loaded before, on which thread, or on how many.
public struct BatchLoader: Sendable {
  /// Where samples come from.
  public let dataset: ImageDataset
  /// Which samples make up each batch.
  public let plan: BatchPlan
  /// How training images are changed at random.
  public let augmentation: Augmentation
  /// How pixels become a network's input.
  public let transform: InputTransform

  private let table: [Float]
  /// What the background thread uses: if it took part in the shared pool, the network's kernels
  /// would find that one busy and run on a single thread.
  let backgroundPool = ThreadPool(threadCount: 1)

  /// Creates a loader.
  ///
  /// - Throws: ``DatasetError/invalidOption(name:value:expected:)`` if the transform does not fit
  ///   the channels of the images.
  /// - Precondition: the plan has as many samples as the data set.
  public init(
    dataset: ImageDataset, plan: BatchPlan, augmentation: Augmentation = .none,
    transform: InputTransform = .identity
  ) throws(DatasetError) {
    precondition(
      plan.sampleCount == dataset.count,
      "BatchLoader: a plan of \(plan.sampleCount) samples for \(dataset.count)")
    do {
      try transform.validate(channels: dataset.imageShape[2])
    } catch {
      throw .invalidOption(name: error.name, value: error.value, expected: error.expected)
    }
    self.dataset = dataset
    self.plan = plan
    self.augmentation = augmentation
    self.transform = transform
    table = transform.table(channels: dataset.imageShape[2])
  }

  /// Makes one batch in the calling thread.
  ///
  /// - Throws: ``DatasetError`` naming the file if pixels cannot be read.
  /// - Precondition: `batch < plan.batchesPerEpoch`.
  public func batch(epoch: Int, index: Int) throws(DatasetError) -> ImageBatch {
    try batch(epoch: epoch, index: index, samples: plan.indices(epoch: epoch, batch: index))
  }

  /// The batches of an epoch in order, prepared ahead on a background thread.
  ///
  /// - Parameters:
  ///   - start: the first batch wanted, from 0; anything but 0 resumes within the epoch.
  ///   - prefetch: how many finished batches may wait, at least 1.
  public func batches(epoch: Int, from start: Int = 0, prefetch: Int = 2) -> BatchStream {
    BatchStream(loader: self, epoch: epoch, start: start, prefetch: prefetch)
  }

  func batch(epoch: Int, index: Int, samples: [Int]) throws(DatasetError) -> ImageBatch {
    let shape = dataset.imageShape
    let length = shape.elementCount
    let bytes = try dataset.bytes(at: samples)
    let images = Tensor<Float>(Shape([samples.count] + shape.dimensions)) { target in
      bytes.withUnsafeBufferPointer { source in
        table.withUnsafeBufferPointer { table in
          guard let target = target.baseAddress, let source = source.baseAddress,
            let table = table.baseAddress
          else { return }
          // Samples write disjoint parts of the batch.
          ThreadPool.current.forEachChunk(of: samples.count, grain: 8) { rows in
            for row in rows {
              let draw = augmentation.draw(
                seed: plan.seed, epoch: epoch, sample: samples[row])
              Augmentation.write(
                source + row * length, shape: shape, draw: draw, table: table,
                to: target + row * length)
            }
          }
        }
      }
    }
    return ImageBatch(
      index: index, samples: samples, images: images, labels: dataset.labels(at: samples))
  }
}
