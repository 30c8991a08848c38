import Configurations
import Methods
import Splitting
import Testing
import Training

/// Cached latents change how fast a run is, and nothing else.
@Suite struct SALTCacheTests {
  private func outcome(
    _ bench: Workbench, _ cache: SALTConfiguration.Caching, memory: Int? = nil
  ) throws -> Trainer.Outcome {
    var configuration = SALTConfiguration()
    configuration.cache = cache
    if let memory { configuration.cacheMemory = ByteCount(memory) }
    return try bench.train(try bench.salt(configuration))
  }

  /// The order of samples and all random draws are the same.
  ///
  /// The head runs over other batches when
  /// the cache is filled (256 images instead of 16), where matrix products may add in another
  /// order; latents then differ by rounding, about 1e-7 of their size, which a dozen steps of
  /// Adam let grow. 1e-4 is far above that and far below what another order of samples makes.
  @Test func cachedAndUncachedTrainingHaveTheSameLossCurve() throws {
    var bench = try Workbench()
    bench.training.epochs = 3
    bench.link = try Link(loss: 0.25)
    let cached = try outcome(bench, .on)
    let plain = try outcome(bench, .off)
    #expect(bench.observer.tasks.contains("caching training features"))
    for (left, right) in zip(cached.history, plain.history) {
      #expect(abs(left.trainLoss - right.trainLoss) <= 1e-4 * right.trainLoss)
      let losses = (left.validation["loss"] ?? 0, right.validation["loss"] ?? 1)
      #expect(abs(losses.0 - losses.1) <= 1e-4 * losses.1)
    }
    #expect(cached.history.count == 3 && plain.history.count == 3)
    bench.seed = 2
    let other = try outcome(bench, .on)
    #expect(
      abs(other.history[0].trainLoss - cached.history[0].trainLoss)
        > 1e-3 * cached.history[0].trainLoss)
  }

  @Test func theCacheOnDiskGivesTheSameRunAsTheOneInMemory() throws {
    let bench = try Workbench()
    let memory = try outcome(bench, .auto)
    #expect(bench.observer.notes.isEmpty)
    let disk = try outcome(bench, .auto, memory: 0)
    #expect(disk.network == memory.network)
    #expect(disk.history.map(\.trainLoss) == memory.history.map(\.trainLoss))
    #expect(disk.history.map(\.validation) == memory.history.map(\.validation))
    #expect(
      Set(bench.observer.notes) == [
        "features of the head lie on disk, as they take more than salt.cache_memory"
      ])
  }

  @Test func nothingIsCachedWhenTheCacheIsOff() throws {
    let bench = try Workbench()
    _ = try outcome(bench, .off)
    #expect(bench.observer.tasks.isEmpty)
  }

  @Test(arguments: [(true, 0), (false, 2)])
  func anEnforcedCacheUnderChangingImagesIsAnError(flips: Bool, padding: Int) throws {
    var bench = try Workbench()
    bench.data.horizontalFlip = flips
    bench.data.cropPadding = padding
    var configuration = SALTConfiguration()
    configuration.cache = .on
    let method = try bench.salt(configuration)
    #expect(throws: SALTError.cacheUnderAugmentation) { try method.trainingBatches() }
    let text = "\(SALTError.cacheUnderAugmentation)"
    for key in ["salt.cache", "data.horizontal_flip", "data.crop_padding"] {
      #expect(text.contains(key))
    }
  }

  @Test func changingImagesAreNotCachedAndThatIsSaid() throws {
    var bench = try Workbench()
    bench.data.horizontalFlip = true
    let method = try bench.salt()
    let source = try method.trainingBatches()
    #expect(source is LatentBatchSource)
    #expect(
      bench.observer.notes == [
        "features of the head are not cached, as the training images change in every epoch"
      ])
    // Mirrored images have other latents in the second epoch.
    let first = try source.batches(epoch: 0, from: 0).next()
    let again = try source.batches(epoch: 0, from: 0).next()
    #expect(first?.inputs == again?.inputs)
    let steady = try Workbench().salt().trainingBatches()
    #expect(steady is FeatureBatchSource)
  }

  @Test(arguments: [SALTConfiguration.Variant.retrain, .fineTune])
  func aTrainedHeadIsNeverCached(variant: SALTConfiguration.Variant) throws {
    let bench = try Workbench()
    var configuration = SALTConfiguration(variant: variant)
    #expect(try bench.salt(configuration).trainingBatches() is ImageBatchSource)
    configuration.cache = .on
    var report = ValidationReport()
    configuration.validate(&report)
    #expect(report.findings.map(\.keys) == [["cache"]])
  }

  @Test func whatIsOutOfRangeIsReportedAtItsKey() {
    var configuration = SALTConfiguration(variant: .fineTune)
    configuration.lastKernel = 5
    configuration.trainLoss = [0.5, 1.5, -1]
    configuration.fineTune = []
    var report = ValidationReport()
    configuration.validate(&report)
    #expect(
      report.findings.map(\.keys) == [
        ["last_kernel"], ["train_loss", "1"], ["train_loss", "2"], ["fine_tune"],
      ])
    configuration = SALTConfiguration()
    configuration.trainLoss = []
    report = ValidationReport()
    configuration.validate(&report)
    #expect(report.findings.map(\.keys) == [["train_loss"]])
  }
}
