internal import Foundation
public import Networks
public import Tensors

/// What timing some work came to.
public struct BenchmarkResult: Codable, Sendable {
  /// Seconds for a batch.
  public struct Seconds: Codable, Sendable {
    /// The median over the repetitions.
    public var median: Double
    /// The shortest.
    public var minimum: Double
    /// The longest.
    public var maximum: Double

    /// What times in seconds come to, of which there is at least one.
    init(_ times: [Double]) {
      let times = times.sorted()
      median = (times[(times.count - 1) / 2] + times[times.count / 2]) / 2
      minimum = times[0]
      maximum = times[times.count - 1]
    }
  }

  /// What was done.
  public var work: Benchmark.Work
  /// The network.
  public var network: String
  /// The shape of an image.
  public var input: Shape
  /// Images at a time.
  public var batchSize: Int
  /// Threads computed on.
  public var threads: Int
  /// Times that were counted.
  public var repetitions: Int
  /// Seconds for a batch.
  public var seconds: Seconds
  /// Images a second, at the median.
  public var imagesPerSecond: Double
  /// Multiply-accumulates of the network's forward pass for one image.
  public var macs: Int
  /// For a forward pass, its operations a second (two for each multiply-accumulate of the plain
  /// convolution, however it was computed) in 10⁹; `nil` for other work.
  public var gigaflops: Double?
  /// Operations a second of large matrix products on the same threads, in 10⁹.
  public var matrixProductGigaflops: Double
  /// The most memory the process has had resident, in bytes.
  public var peakResidentBytes: Int
  /// The most memory tensors have taken at any time, in bytes.
  public var peakTensorBytes: Int

  private enum CodingKeys: String, CodingKey {
    case work, network, input
    case batchSize = "batch_size"
    case threads, repetitions, seconds
    case imagesPerSecond = "images_per_second"
    case macs, gigaflops
    case matrixProductGigaflops = "matrix_product_gigaflops"
    case peakResidentBytes = "peak_resident_bytes"
    case peakTensorBytes = "peak_tensor_bytes"
  }

  /// Times work, and matrix products beside it.
  ///
  /// - Parameters:
  ///   - warmUp: times that are not counted.
  ///   - repetitions: times that are; at least one.
  ///   - progress: called with the times done.
  public init(
    of benchmark: Benchmark, network: Network, warmUp: Int, repetitions: Int,
    progress: (Int) -> Void = { _ in }
  ) throws {
    let times = try benchmark.measure(
      warmUp: warmUp, repetitions: max(1, repetitions), progress: progress)
    let peak = BenchmarkResult.peakResidentBytes()
    peakTensorBytes = BufferPool.process.statistics.peakBytesInUse
    work = benchmark.work
    self.network = network.name
    input = network.inputs[0].shape
    batchSize = benchmark.batchSize
    threads = ThreadPool.current.threadCount
    self.repetitions = times.count
    seconds = Seconds(times)
    imagesPerSecond = Double(benchmark.batchSize) / seconds.median
    macs = network.cost.macs
    gigaflops =
      benchmark.work == .forward
      ? 2 * Double(macs) * Double(benchmark.batchSize) / seconds.median / 1e9 : nil
    matrixProductGigaflops = BenchmarkResult.matrixProductGigaflops()
    peakResidentBytes = peak
  }

  /// Times products of two 1536 × 1536 matrices; the best of three.
  private static func matrixProductGigaflops() -> Double {
    let size = 1536
    var random = RandomSource(seed: 1, purpose: "matrix product")
    let left: Tensor<Float> = random.normal([size, size])
    let right: Tensor<Float> = random.normal([size, size])
    let clock = ContinuousClock()
    let seconds = (0..<4).map { _ in
      clock.measure { _ = matrixProduct(left, right) } / .seconds(1)
    }
    let operations = 2 * Double(size) * Double(size) * Double(size)
    return operations / (seconds.dropFirst().min() ?? 1) / 1e9
  }

  private static func peakResidentBytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
