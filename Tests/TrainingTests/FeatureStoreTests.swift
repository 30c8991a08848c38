import Datasets
import Networks
import Splitting
import Tensors
import Testing
import Training

@Suite struct FeatureStoreTests {
  let folder: TemporaryFolder
  let images = ProbeMethod.images()
  let transform: InputTransform

  init() throws {
    folder = try TemporaryFolder()
    transform = try InputTransform(scale: 255, mean: [0.4], std: [0.3])
  }

  private func head() throws -> Head {
    Head(try ProbeMethod.classifier().cut(at: "relu").head)
  }

  private func store(limit: Int, batchSize: Int = 8) throws -> FeatureStore {
    try FeatureStore(
      head(), dataset: images, transform: transform, batchSize: batchSize, memoryLimit: limit,
      directory: folder.path)
  }

  /// A latent is 6·6·4 numbers of 4 bytes, 576 bytes; there are 26.
  static let bytes = 26 * 576

  @Test func latentsStayInMemoryUpToTheLimitAndLieOnDiskBeyond() throws {
    #expect(try !store(limit: Self.bytes).isOnDisk)
    #expect(try store(limit: Self.bytes - 1).isOnDisk)
  }

  @Test(arguments: [0, Self.bytes]) func latentsAreThoseOfTheHead(limit: Int) throws {
    let store = try store(limit: limit)
    #expect(store.count == 26)
    #expect(store.latentShape == [6, 6, 4])
    // One after the other and in any order, some twice.
    for samples in [Array(0..<8), [25], [3, 25, 0, 3]] {
      // Sample by sample: how many there are in a batch makes a difference of rounding only.
      let expected = try samples.flatMap {
        try head()(transform(images.pixels(at: [$0]))).scalars
      }
      let found = try store.latents(of: samples)
      #expect(found.shape == [samples.count, 6, 6, 4])
      #expect(zip(found.scalars, expected).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($1)) })
    }
  }

  @Test func latentsOfManySamplesAreInTheirOrder() throws {
    let store = try store(limit: Self.bytes)
    let samples = (0..<3000).map { $0 * 7 % 26 }
    let expected = try (0..<26).map { try store.latents(of: [$0]).scalars }
    #expect(try store.latents(of: samples).scalars == samples.flatMap { expected[$0] })
  }

  @Test func latentsOnDiskAreThoseInMemoryBitForBit() throws {
    let all = Array(0..<26)
    #expect(try store(limit: 0).latents(of: all) == store(limit: Self.bytes).latents(of: all))
  }

  @Test func theFileOnDiskHasNoName() throws {
    let store = try store(limit: 0)
    #expect(try folder.contents.isEmpty)
    #expect(store.isOnDisk)
  }

  @Test func aFolderThatIsNotThereIsNamed() throws {
    #expect {
      try FeatureStore(
        head(), dataset: images, transform: transform, batchSize: 8, memoryLimit: 0,
        directory: folder.file("gone"))
    } throws: {
      "\($0)"
        == "cached features cannot be created in \(folder.file("gone")): No such file or directory"
    }
  }

  @Test func progressCountsSamples() throws {
    var done: [Int] = []
    _ = try FeatureStore(
      head(), dataset: images, transform: transform, batchSize: 10, memoryLimit: 1 << 20,
      directory: folder.path
    ) { done.append($0) }
    #expect(done == [10, 20, 26])
  }

  /// The same samples in the same batches, from any batch on: what makes cached training the same
  /// run as uncached training.
  @Test(arguments: [0, 2]) func cachedBatchesAreThoseOfTheImages(start: Int) throws {
    let plan = try BatchPlan(sampleCount: images.count, batchSize: 8, seed: 4)
    let plain = LatentBatchSource(
      ImageBatchSource(try BatchLoader(dataset: images, plan: plan, transform: transform)),
      try head())
    let cached = FeatureBatchSource(
      try store(limit: 1 << 20, batchSize: 26), labels: images.labels, plan: plan)
    #expect(cached.batchesPerEpoch == 4 && plain.batchesPerEpoch == 4)
    #expect(cached.sampleCount == 26 && plain.sampleCount == 26)
    for epoch in 0..<2 {
      let left = plain.batches(epoch: epoch, from: start)
      let right = cached.batches(epoch: epoch, from: start)
      var count = 0
      while let expected = try left.next() {
        let found = try #require(try right.next())
        #expect(found.index == expected.index)
        #expect(found.samples == expected.samples)
        #expect(found.labels == expected.labels)
        #expect(
          zip(found.inputs.scalars, expected.inputs.scalars).allSatisfy { abs($0 - $1) <= 1e-5 })
        count += 1
      }
      #expect(try right.next() == nil)
      #expect(count == 4 - start)
    }
  }
}
