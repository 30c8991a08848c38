import Datasets
import DroneWorlds
import Tensors
import Testing

/// Data sets of what a drone sees.
@Suite struct DroneDatasetTests {
  private static var options: WorldOptions {
    var options = WorldOptions()
    options.cameraWidth = 24
    options.cameraHeight = 16
    return options
  }

  private static func dataset(
    _ part: DatasetPart = .train, seed: UInt64 = 1, count: Int = 10
  ) throws -> ImageDataset {
    try DroneDataset.dataset(part: part, count: count, options: options, seed: seed)
  }

  @Test func everyPixelHasADistance() throws {
    let dataset = try DroneDatasetTests.dataset()
    #expect(dataset.count == 10 && dataset.imageShape == [16, 24, 3])
    let annotation = try #require(dataset.annotations.first { $0.name == "depth" })
    guard case .depth(let maps) = annotation.content else {
      Issue.record("no depth")
      return
    }
    var seen: Set<Float> = []
    for sample in 0..<10 {
      maps.withMap(sample) { map in
        #expect(map.allSatisfy { $0 > 0 && $0 <= Float(DroneDatasetTests.options.farLimit) })
        seen.formUnion(map)
      }
    }
    #expect(seen.count > 100)
  }

  @Test func viewsFollowFromSeedAndPart() throws {
    let all = Array(0..<10)
    let first = try DroneDatasetTests.dataset().bytes(at: all)
    #expect(try DroneDatasetTests.dataset().bytes(at: all) == first)
    #expect(try DroneDatasetTests.dataset(seed: 2).bytes(at: all) != first)
    #expect(try DroneDatasetTests.dataset(.test).bytes(at: all) != first)
    // More of them begin with the same.
    #expect(try DroneDatasetTests.dataset(count: 14).bytes(at: all) == first)
    let alone = try ThreadPool.$current.withValue(ThreadPool(threadCount: 1)) {
      try DroneDatasetTests.dataset().bytes(at: all)
    }
    #expect(alone == first)
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/drone.h5"
    let (train, test) = (
      try DroneDatasetTests.dataset(), try DroneDatasetTests.dataset(.test, count: 3)
    )
    let written = try HDF5Arrays.write([("train", train), ("test", test)], to: file)
    #expect(
      written.map(\.path) == [
        "train/images", "train/labels", "train/depth", "test/images", "test/labels", "test/depth",
      ])
    #expect(written[0].shape == [10, 16, 24, 3])
    var specification = DatasetSpecification(name: "hdf5", path: file)
    specification.images = "train/images"
    specification.depth = "train/depth"
    specification.testImages = "test/images"
    specification.testDepth = "test/depth"
    for (part, expected) in [(DatasetPart.train, train), (.test, test)] {
      let found = try specification.load(part)
      #expect(
        try found.bytes(at: Array(0..<found.count))
          == expected.bytes(at: Array(0..<expected.count)))
      func depth(_ dataset: ImageDataset) -> [[Float]] {
        guard case .depth(let maps)? = dataset.annotations.first?.content else { return [] }
        return (0..<dataset.count).map { maps.withMap($0) { Array($0) } }
      }
      #expect(depth(found) == depth(expected))
      #expect(depth(found).count == expected.count)
    }
  }

  @Test func optionsOfNoWorldAreRefusedAtTheirKey() {
    var specification = DatasetSpecification(name: "drone")
    specification.world = DroneDatasetTests.options
    #expect(specification.problems().isEmpty)
    specification.world?.extent = 3
    specification.world?.farLimit = 0
    #expect(specification.problems().map(\.key) == [.world, .world])
    #expect("\(specification.problems()[0].error)".contains("extent of 20.0 to 500.0 metres"))
  }
}
