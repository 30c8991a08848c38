import Datasets
import Tensors
import Testing

@Suite struct BatchPlanTests {
  @Test func everySampleComesOnceAnEpoch() throws {
    let plan = try BatchPlan(sampleCount: 10, batchSize: 4, seed: 3)
    #expect(plan.batchesPerEpoch == 3)
    let batches = (0..<3).map { plan.indices(epoch: 5, batch: $0) }
    #expect(batches.map(\.count) == [4, 4, 2])
    #expect(batches.flatMap { $0 }.sorted() == Array(0..<10))
  }

  @Test func theOrderFollowsFromSeedAndEpochAlone() throws {
    let plan = try BatchPlan(sampleCount: 100, batchSize: 8, seed: 3)
    let later = plan.order(epoch: 2)
    _ = plan.order(epoch: 0)
    #expect(plan.order(epoch: 2) == later)
    #expect(plan.order(epoch: 1) != later)
    #expect(try BatchPlan(sampleCount: 100, batchSize: 8, seed: 4).order(epoch: 2) != later)
    // The batch size divides the order, it does not change it.
    #expect(try BatchPlan(sampleCount: 100, batchSize: 9, seed: 3).order(epoch: 2) == later)
  }

  @Test func withoutShufflingSamplesComeAsTheyAre() throws {
    let plan = try BatchPlan(sampleCount: 5, batchSize: 2, seed: 3, shuffles: false)
    #expect(plan.indices(epoch: 9, batch: 1) == [2, 3])
  }

  @Test func anIncompleteBatchCanBeDropped() throws {
    let plan = try BatchPlan(sampleCount: 10, batchSize: 4, seed: 3, dropsLast: true)
    #expect(plan.batchesPerEpoch == 2)
  }

  @Test(arguments: [(0, 10, false), (-1, 10, false), (4, 0, false), (11, 10, true)])
  func impossiblePlansAreRefused(batchSize: Int, samples: Int, dropsLast: Bool) {
    #expect(throws: DatasetError.self) {
      try BatchPlan(sampleCount: samples, batchSize: batchSize, seed: 0, dropsLast: dropsLast)
    }
  }
}
