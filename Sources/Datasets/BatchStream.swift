internal import Dispatch
internal import Tensors

/// The batches of one epoch, made ahead of their use on a background thread.
///
/// The thread makes at most as many batches as the stream was told to prefetch, then waits. It ends
/// after the last batch, after an error, or soon after the stream is released or cancelled.
public final class BatchStream: Sendable {
  private let queue: BoundedQueue<Result<ImageBatch, DatasetError>>

  init(loader: BatchLoader, epoch: Int, start: Int, prefetch: Int) {
    let queue = BoundedQueue<Result<ImageBatch, DatasetError>>(capacity: max(1, prefetch))
    self.queue = queue
    // The thread holds the queue, not the stream, so that letting go of the stream ends it.
    DispatchQueue(label: "cleave.batches").async {
      ThreadPool.$current.withValue(loader.backgroundPool) {
        BatchStream.fill(queue, loader: loader, epoch: epoch, start: start)
      }
    }
  }

  deinit { queue.close() }

  /// The next batch, waiting for it if necessary; nil after the last, and after a cancellation.
  ///
  /// - Throws: ``DatasetError`` naming the file if pixels cannot be read; no batch follows.
  public func next() throws(DatasetError) -> ImageBatch? { try queue.take()?.get() }

  /// Gives up the batches that were not taken and lets the background thread end.
  public func cancel() { queue.close() }

  private static func fill(
    _ queue: BoundedQueue<Result<ImageBatch, DatasetError>>, loader: BatchLoader, epoch: Int,
    start: Int
  ) {
    defer { queue.finish() }
    let order = loader.plan.order(epoch: epoch)
    for index in start..<max(start, loader.plan.batchesPerEpoch) {
      guard queue.waitForRoom() else { return }
      let samples = loader.plan.indices(order: order, batch: index)
      do throws(DatasetError) {
        queue.put(.success(try loader.batch(epoch: epoch, index: index, samples: samples)))
      } catch {
        queue.put(.failure(error))
        return
      }
    }
  }
}
