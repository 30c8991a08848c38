internal import Autodiff
public import Training

/// How long processes take to sum values, as they do with gradients, by the bytes that each gives.
public struct MessageBenchmark: Codable, Sendable {
  /// One size.
  public struct Entry: Codable, Sendable {
    /// The bytes that each process gives.
    public let bytes: Int
    /// How long a sum takes.
    public let seconds: BenchmarkResult.Seconds
  }

  /// How many processes there are.
  public let processes: Int
  /// By size, the smallest first.
  public let sums: [Entry]

  /// The sizes that are timed: from one value to 64 MiB.
  public static let sizes = (1...13).map { 1 << (2 * $0) }

  /// Times sums of single-precision values; every process does.
  ///
  /// - Parameters:
  ///   - processes: who sums.
  ///   - warmUp: how often each size is summed before it is timed.
  ///   - repetitions: how often it is timed.
  ///   - progress: called with how many sizes are done.
  public init(
    _ processes: any ProcessGroup, warmUp: Int, repetitions: Int,
    progress: (_ done: Int) -> Void = { _ in }
  ) {
    self.processes = processes.count
    var entries: [Entry] = []
    for (index, bytes) in Self.sizes.enumerated() {
      let values = SharedValues(count: bytes / MemoryLayout<Float>.stride)
      var seconds: [Double] = []
      for repetition in 0..<warmUp + max(1, repetitions) {
        // All begin at the same time, as near as they can.
        processes.wait()
        let time = ContinuousClock().measure { processes.beginSum(of: values)() }
        if repetition >= warmUp { seconds.append(time / .seconds(1)) }
      }
      entries.append(Entry(bytes: bytes, seconds: BenchmarkResult.Seconds(seconds)))
      progress(index + 1)
    }
    sums = entries
  }
}
