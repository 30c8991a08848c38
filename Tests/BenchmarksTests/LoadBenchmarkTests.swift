import Benchmarks
import Codecs
import Foundation
import Networks
import Serving
import Splitting
import Tensors
import Testing

/// Clients that ask a tail again and again.
@Suite struct LoadBenchmarkTests {
  /// Answers zeros after a while.
  private struct SlowTail: TimedTail {
    struct Broken: Error {}

    let latentShape: Shape = [2, 3]
    let classCount = 4
    var isBroken = false

    func forward(_ latent: Tensor<Float>) throws -> Tensor<Float> {
      Tensor([latent.shape[0], classCount], repeating: 0)
    }

    func backward(_ latent: Tensor<Float>, labels: [Int32]) throws -> TailGradient {
      TailGradient(loss: 0, latent: latent)
    }

    func share(_ tables: [Int: [UInt8]]) throws -> String { "" }

    func answer(_ sent: SentLatents) throws -> TimedLogits {
      if isBroken { throw Broken() }
      Thread.sleep(forTimeInterval: 0.01)
      return TimedLogits(
        logits: try forward(sent.batch(of: latentShape, tables: .none)), served: .zero)
    }
  }

  @Test func everyClientAsksAgainOnceItIsAnswered() throws {
    let result = try LoadBenchmark(
      [SlowTail(), SlowTail(), SlowTail()], batch: 5, warmUp: 0.05, seconds: 0.3)
    #expect(result.clients == 3)
    // No client has two requests under way.
    #expect(result.requests > 0 && result.requests <= 3 * 31)
    let median = try #require(result.median)
    #expect(median >= 0.01)
    #expect(try #require(result.p99) >= median)
    #expect(result.requestsPerSecond == Double(result.requests) / 0.3)
  }

  @Test func whatOneClientIsRefusedIsSaid() {
    #expect(throws: SlowTail.Broken.self) {
      try LoadBenchmark([SlowTail(), SlowTail(isBroken: true)], batch: 1, warmUp: 0, seconds: 0.05)
    }
  }
}
