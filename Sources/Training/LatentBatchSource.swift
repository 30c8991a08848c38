public import Splitting

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
