import Datasets
import Foundation
import Synchronization
import Tensors
import Testing

/// Pixels that count how often they are read, and fail at a position if told to.
private final class CountedPixels: PixelSource {
  let imageShape: Shape = [8, 8, 3]
  let count = 100
  let failsAt: Int?
  let reads = Mutex(0)
  let isAlive: AliveFlag

  init(failsAt: Int? = nil, isAlive: AliveFlag = AliveFlag()) {
    self.failsAt = failsAt
    self.isAlive = isAlive
    isAlive.value.withLock { $0 = true }
  }

  deinit { isAlive.value.withLock { $0 = false } }

  func read(_ positions: [Int], into target: UnsafeMutablePointer<UInt8>) throws(DatasetError) {
    reads.withLock { $0 += 1 }
    for (row, position) in positions.enumerated() {
      if position == failsAt { throw .inaccessible(file: "pixels", reason: "made to fail") }
      for byte in 0..<192 { target[row * 192 + byte] = UInt8(truncatingIfNeeded: position + byte) }
    }
  }

  func updateFingerprint(
    of positions: [Int], _ update: (UnsafeRawBufferPointer) -> Void
  ) throws(DatasetError) {}
}

private final class AliveFlag: Sendable {
  let value = Mutex(false)
}

@Suite struct BatchStreamTests {
  private func loader(_ source: CountedPixels, padding: Int = 2) throws -> BatchLoader {
    let dataset = ImageDataset(
      name: "counted", classNames: ["a", "b"], labels: (0..<100).map { Int32($0 % 2) },
      source: source)
    return try BatchLoader(
      dataset: dataset, plan: BatchPlan(sampleCount: 100, batchSize: 16, seed: 5),
      augmentation: Augmentation(flipsHorizontally: true, cropPadding: padding),
      transform: InputTransform(scale: 255, mean: [0.1, 0.2, 0.3], std: [0.5]))
  }

  private func wait(until condition: () -> Bool) -> Bool {
    for _ in 0..<2000 {
      if condition() { return true }
      usleep(1000)
    }
    return condition()
  }

  @Test(arguments: [1, 2, 5, 100]) func theBackgroundGivesWhatTheCallingThreadDoes(
    prefetch: Int
  ) throws {
    let loader = try loader(CountedPixels())
    let stream = loader.batches(epoch: 3, prefetch: prefetch)
    for index in 0..<7 {
      let expected = try loader.batch(epoch: 3, index: index)
      let batch = try #require(try stream.next())
      #expect(batch.index == index)
      #expect(batch.samples == expected.samples)
      #expect(batch.labels == expected.labels)
      #expect(batch.images == expected.images)
    }
    #expect(try stream.next() == nil)
    #expect(try stream.next() == nil)
  }

  @Test func anEpochCanBeResumedAtAnyBatch() throws {
    let loader = try loader(CountedPixels())
    let stream = loader.batches(epoch: 1, from: 5)
    #expect(try stream.next()?.images == loader.batch(epoch: 1, index: 5).images)
    #expect(try stream.next()?.index == 6)
    #expect(try stream.next() == nil)
    #expect(try loader.batches(epoch: 1, from: 7).next() == nil)
  }

  @Test(arguments: [1, 2, 3, 8]) func batchesDoNotDependOnTheNumberOfThreads(threads: Int) throws {
    let loader = try loader(CountedPixels())
    let one = try ThreadPool.$current.withValue(ThreadPool(threadCount: 1)) {
      try loader.batch(epoch: 0, index: 2)
    }
    let several = try ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
      try loader.batch(epoch: 0, index: 2)
    }
    #expect(one.images == several.images)
  }

  @Test func noMoreThanThePrefetchIsMadeAhead() throws {
    let source = CountedPixels()
    let stream = try loader(source).batches(epoch: 0, prefetch: 2)
    #expect(wait { source.reads.withLock { $0 } == 2 })
    usleep(20_000)
    #expect(source.reads.withLock { $0 } == 2)
    _ = try stream.next()
    #expect(wait { source.reads.withLock { $0 } == 3 })
  }

  @Test(arguments: [0, 1, 3]) func anAbandonedStreamEndsItsThread(taken: Int) throws {
    let flag = AliveFlag()
    do {
      let stream = try loader(CountedPixels(isAlive: flag)).batches(epoch: 0)
      for _ in 0..<taken { _ = try stream.next() }
      #expect(flag.value.withLock { $0 })
    }
    // The thread holds the pixels; they go when it ends.
    #expect(wait { !flag.value.withLock { $0 } })
  }

  @Test func aCancelledStreamHasNoMoreBatches() throws {
    let stream = try loader(CountedPixels()).batches(epoch: 0)
    _ = try stream.next()
    stream.cancel()
    #expect(try stream.next() == nil)
  }

  @Test func anErrorComesInItsPlaceAndEndsTheStream() throws {
    let probe = try loader(CountedPixels())
    let failing = try probe.batch(epoch: 0, index: 2).samples[4]
    let stream = try loader(CountedPixels(failsAt: failing)).batches(epoch: 0)
    #expect(try stream.next()?.index == 0)
    #expect(try stream.next()?.index == 1)
    #expect(throws: DatasetError.inaccessible(file: "pixels", reason: "made to fail")) {
      try stream.next()
    }
    #expect(try stream.next() == nil)
  }

  @Test func aTransformForOtherChannelsIsRefused() throws {
    let plan = try BatchPlan(sampleCount: 4, batchSize: 2, seed: 0)
    let colour = try InputTransform(mean: [1, 2, 3], std: [1])
    #expect(throws: DatasetError.self) {
      try BatchLoader(dataset: counting(4), plan: plan, transform: colour)
    }
  }
}
