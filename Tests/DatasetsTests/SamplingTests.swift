import Datasets
import Tensors
import Testing

@Suite struct SamplingTests {
  /// Samples sorted by class, as folders give them.
  private func sorted(_ counts: [Int]) -> ImageDataset {
    let labels = counts.enumerated().flatMap {
      [Int32](repeating: Int32($0.offset), count: $0.element)
    }
    return ImageDataset(
      name: "sorted", imageShape: [1, 1, 1], classNames: counts.indices.map { "class \($0)" },
      pixels: labels.indices.map { UInt8(truncatingIfNeeded: $0) }, labels: labels)
  }

  @Test(arguments: [
    ([60, 30, 10], 10, [6, 3, 1]), ([50, 50], 4, [2, 2]), ([5, 5, 5, 5], 20, [5, 5, 5, 5]),
    // 2.5, 1.25 and 1.25: the largest remainder is served first.
    ([20, 10, 10], 5, [3, 1, 1]), ([0, 8, 0, 8], 2, [0, 1, 0, 1]), ([1000, 1], 10, [10, 0]),
  ]) func everyClassHasItsShare(counts: [Int], limit: Int, expected: [Int]) throws {
    #expect(try sorted(counts).sample(limit, seed: 3).classCounts == expected)
  }

  @Test func theDrawFollowsFromTheSeedAndKeepsTheOrder() throws {
    let dataset = sorted([40, 40])
    let places = dataset.sampleIndices(10, seed: 1)
    #expect(places == places.sorted() && Set(places).count == 10)
    #expect(dataset.sampleIndices(10, seed: 1) == places)
    #expect(dataset.sampleIndices(10, seed: 2) != places)
    #expect(places != Array(0..<5) + Array(40..<45), "not the first of each class")
    for threads in [1, 3] {
      ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
        #expect(dataset.sampleIndices(10, seed: 1) == places)
      }
    }
    #expect(dataset.sampleIndices(100, seed: 1) == Array(0..<80))
    #expect(throws: DatasetError.self) { try dataset.sample(0, seed: 0) }
  }

  @Test func fewerSamplesThanClassesAreNotThoseOfTheFirstClasses() {
    let dataset = sorted([Int](repeating: 4, count: 20))
    let drawn = (0..<20).map { seed in
      Set(dataset.sampleIndices(5, seed: seed).map { dataset.labels[$0] })
    }
    #expect(drawn.allSatisfy { $0.count == 5 })
    #expect(Set(drawn.joined()).count == 20)
  }
}
