import Tensors
import Testing

@Suite struct ThreadPoolTests {
  @Test(arguments: [1, 2, 3, 5]) func everyIndexRunsExactlyOnce(threads: Int) {
    let pool = ThreadPool(threadCount: threads)
    for count in [0, 1, 2, 7, 100] {
      var hits = Tensor<Float>([max(count, 1)], repeating: 0)
      for _ in 0..<200 {
        hits.withUnsafeMutableBufferPointer { buffer in
          nonisolated(unsafe) let base = buffer
          pool.forEach(count) { base[$0] += 1 }
        }
      }
      #expect(hits.scalars.prefix(count).allSatisfy { $0 == 200 })
    }
  }

  @Test func aLoopInsideALoopRunsToItsEnd() {
    let pool = ThreadPool(threadCount: 2)
    var sums = Tensor<Double>([4], repeating: 0)
    sums.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let base = buffer
      pool.forEach(4) { outer in
        pool.forEachChunk(of: 10) { range in for _ in range { base[outer] += 1 } }
      }
    }
    #expect(sums.scalars == [10, 10, 10, 10])
  }

  @Test func chunksCoverTheLoopWithoutOverlap() {
    let pool = ThreadPool(threadCount: 3)
    #expect(pool.chunks(of: 10) == [0..<3, 3..<6, 6..<10])
    #expect(pool.chunks(of: 10, grain: 6) == [0..<10])
    #expect(pool.chunks(of: 0).isEmpty)
  }
}
