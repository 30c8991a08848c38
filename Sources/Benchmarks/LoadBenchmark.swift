internal import Foundation
public import Serving
internal import Splitting
internal import Synchronization
internal import Tensors
internal import Training

/// What a served tail answers to several clients at once, each of which asks again as soon as it is answered.
public struct LoadBenchmark: Codable, Sendable {
  /// How many ask at a time.
  public let clients: Int
  /// Latents in a request.
  public let batch: Int
  /// Requests that were answered and counted.
  public let requests: Int
  /// Of all clients together.
  public let requestsPerSecond: Double
  /// The median of the time from a request to its answer, in seconds; nil if none was answered.
  public let median: Double?
  /// What 99 % of these times do not exceed, in seconds.
  public let p99: Double?

  private enum CodingKeys: String, CodingKey {
    case clients, batch, requests, median, p99
    case requestsPerSecond = "requests_per_second"
  }

  /// Asks for a time.
  ///
  /// - Parameters:
  ///   - tails: one connection for each client.
  ///   - batch: latents in a request, random ones.
  ///   - warmUp: seconds before anything is counted.
  ///   - seconds: for how long requests are counted.
  /// - Throws: what keeps one of the tails from answering.
  public init(
    _ tails: [any TimedTail], batch: Int, warmUp: Double = 1, seconds: Double
  ) throws {
    let start = ContinuousClock.now
    let counted = start + .seconds(warmUp)
    let end = counted + .seconds(seconds)
    let times = Mutex<[Double]>([])
    let failure = Mutex<(any Error)?>(nil)
    let group = DispatchGroup()
    for (index, tail) in tails.enumerated() {
      group.enter()
      Thread.detachNewThread {
        defer { group.leave() }
        var random = RandomSource(seed: 1, purpose: "load", index: index)
        let sent = SentLatents.values(random.normal(tail.latentShape.prepending(batch)))
        var mine: [Double] = []
        do {
          while true {
            let asked = ContinuousClock.now
            guard asked < end else { break }
            _ = try tail.answer(sent)
            let now = ContinuousClock.now
            if asked >= counted, now <= end { mine.append((now - asked) / .seconds(1)) }
          }
        } catch { failure.withLock { $0 = error } }
        times.withLock { [mine] in $0 += mine }
      }
    }
    group.wait()
    if let error = failure.withLock({ $0 }) { throw error }
    let all = times.withLock { $0 }
    let percentiles = Percentiles(all)
    clients = tails.count
    self.batch = batch
    requests = all.count
    requestsPerSecond = Double(all.count) / seconds
    median = percentiles?.p50
    p99 = percentiles?.p99
  }
}
