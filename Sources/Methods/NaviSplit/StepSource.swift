internal import Tensors
internal import Training

/// Steps of learning by what agents live through: batches without samples.
struct StepSource: BatchSource {
  /// How many steps an epoch has.
  let batchesPerEpoch: Int

  /// As many as steps.
  var sampleCount: Int { batchesPerEpoch }

  /// The steps of an epoch from one of them on.
  func batches(epoch: Int, from start: Int) -> any BatchSequence {
    Steps(next: start, end: batchesPerEpoch)
  }

  private final class Steps: BatchSequence {
    private var index: Int
    private let end: Int

    init(next: Int, end: Int) {
      index = next
      self.end = end
    }

    func next() -> TrainingBatch? {
      guard index < end else { return nil }
      defer { index += 1 }
      return TrainingBatch(
        index: index, samples: [index], inputs: Tensor([1, 0], []), labels: [])
    }
  }
}
