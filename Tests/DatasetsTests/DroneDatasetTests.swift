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
