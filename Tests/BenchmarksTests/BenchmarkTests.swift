import Benchmarks
import Networks
import Tensors
import Testing

@Suite struct BenchmarkTests {
  func network() throws -> Network {
    var network = try Architecture.named("resnet8").network(classes: 4, inputShape: [16, 16, 3])
    network.initializeParameters(seed: 1)
    return network
  }

  @Test(arguments: Benchmark.Work.allCases) func allWorkIsTimed(_ work: Benchmark.Work) throws {
    let network = try network()
    let benchmark = try Benchmark(work, of: network, cut: "layer1", batchSize: 3)
    var done: [Int] = []
    let result = try BenchmarkResult(
      of: benchmark, network: network, warmUp: 1, repetitions: 3
    ) { done.append($0) }
    #expect(done == [1, 2, 3, 4])
    #expect(result.repetitions == 3)
    #expect(result.seconds.minimum > 0)
    #expect(result.seconds.minimum <= result.seconds.median)
    #expect(result.seconds.median <= result.seconds.maximum)
    #expect(result.imagesPerSecond == 3 / result.seconds.median)
    #expect((result.gigaflops != nil) == (work == .forward))
    #expect(result.matrixProductGigaflops > 0.1)
    #expect(result.peakResidentBytes > 1 << 20)
    #expect(result.macs == network.cost.macs)
  }

  @Test func renderingIsTimed() {
    var done: [Int] = []
    let result = RenderingBenchmark(batch: 4, warmUp: 1, repetitions: 3) { done.append($0) }
    #expect(done == Array(1...8))
    #expect(result.height == 72 && result.width == 128)
    #expect(result.threads == ThreadPool.current.threadCount)
    #expect(result.picturesPerSecond > 0 && result.depthsPerSecond > 0)
  }

  @Test(arguments: [Benchmark.Work.train, .salt, .saltUncached, .heads])
  func trainingIsDoneInFact(_ work: Benchmark.Work) throws {
    let benchmark = try Benchmark(work, of: network(), cut: "layer1", batchSize: 8)
    let first = try benchmark.run()
    for _ in 0..<40 { _ = try benchmark.run() }
    // A step that does not move the parameters would give the same loss for ever.
    #expect(try benchmark.run() < first)
  }

  @Test func cachedAndUncachedStepsComputeTheSame() throws {
    let cached = try Benchmark(.salt, of: network(), cut: "layer1", batchSize: 4)
    let uncached = try Benchmark(.saltUncached, of: network(), cut: "layer1", batchSize: 4)
    for _ in 0..<3 { #expect(try cached.run() == uncached.run()) }
  }

  @Test func theChoiceOfEachConvolutionIsTold() throws {
    let network = try Architecture.named("resnet8").network(classes: 10)
    let choices = ConvolutionChoice.all(in: network, batchSize: 64)
    #expect(choices.map(\.macs).reduce(0, +) == network.cost.macs - 640)
    #expect(choices.first?.algorithm == "patches")
    #expect(choices.first { $0.name == "layer1.0.conv1" }?.algorithm == "winograd 4×4")
    #expect(choices.first { $0.name == "layer2.0.conv1" }?.stride == [2, 2])
    #expect(choices.first { $0.name == "layer2.0.conv1" }?.algorithm == "patches")
  }

  @Test func saltNeedsACut() throws {
    let network = try network()
    #expect(throws: BenchmarkError.cutNeeded("salt")) {
      try Benchmark(.salt, of: network, batchSize: 1)
    }
    #expect(throws: NetworkError.self) {
      try Benchmark(.salt, of: network, cut: "layr1", batchSize: 1)
    }
  }
}
