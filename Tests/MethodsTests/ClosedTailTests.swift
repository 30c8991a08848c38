import Datasets
import Foundation
import Methods
import Networks
import Splitting
import Synchronization
import Tensors
import Testing
import Training

/// SALT knows the tail by its two calls only.
@Suite struct ClosedTailTests {
  /// A tail without a network: the logit of a class is the mean of the channel of its number.
  final class CountingTail: Tail {
    let latentShape: Shape = [16, 16, 16]
    let classCount = 4
    let calls = Mutex((forward: 0, backward: 0))

    func forward(_ latent: Tensor<Float>) throws -> Tensor<Float> {
      calls.withLock { $0.forward += 1 }
      return logits(latent)
    }

    func backward(_ latent: Tensor<Float>, labels: [Int32]) throws -> TailGradient {
      calls.withLock { $0.backward += 1 }
      let (batch, positions, channels) = (latent.shape[0], 256, 16)
      let logits = logits(latent).scalars
      var loss: Float = 0
      var gradient = [Float](repeating: 0, count: latent.count)
      for sample in 0..<batch {
        let row = logits[sample * 4..<sample * 4 + 4].map { Foundation.exp($0) }
        let sum = row.reduce(0, +)
        loss -= Foundation.log(row[Int(labels[sample])] / sum) / Float(batch)
        for label in 0..<4 {
          let error = row[label] / sum - (label == Int(labels[sample]) ? 1 : 0)
          for position in 0..<positions {
            gradient[(sample * positions + position) * channels + label] =
              error / Float(batch * positions)
          }
        }
      }
      return TailGradient(loss: loss, latent: Tensor(latent.shape, gradient))
    }

    private func logits(_ latent: Tensor<Float>) -> Tensor<Float> {
      let values = latent.scalars
      var logits = [Float](repeating: 0, count: latent.shape[0] * 4)
      for index in logits.indices {
        let (sample, label) = (index / 4, index % 4)
        for position in 0..<256 {
          logits[index] += values[(sample * 256 + position) * 16 + label] / 256
        }
      }
      return Tensor([latent.shape[0], 4], logits)
    }
  }

  @Test(arguments: SALTConfiguration.Variant.allCases)
  func anyTailWillDo(variant: SALTConfiguration.Variant) throws {
    var bench = try Workbench()
    bench.training.epochs = 3
    bench.training.optimizer.learningRate = 0.01
    let tail = CountingTail()
    let method = try bench.salt(SALTConfiguration(variant: variant), tail: tail)
    let outcome = try bench.train(method)
    let images = try bench.setting.data.train().count
    let steps = (images + 15) / 16
    // One call a batch of training, one for the only batch of validation, and nothing else.
    #expect(tail.calls.withLock { $0.backward } == 3 * steps)
    #expect(tail.calls.withLock { $0.forward } == 3)
    #expect(outcome.history[2].trainLoss < outcome.history[0].trainLoss)
    let report = try method.evaluate(outcome.network)
    #expect(report.comparisons.count == 2)
    #expect(report.split?.serverMACs == 0)
    // The tail is its owner's: there is nothing to deploy.
    #expect(try method.parts(outcome.network).server == nil)
  }

  @Test func whatTheTailCannotAnswerEndsTraining() throws {
    struct Broken: Tail {
      struct Gone: Error {}
      let latentShape: Shape = [16, 16, 16]
      let classCount = 4
      func forward(_ latent: Tensor<Float>) throws -> Tensor<Float> { throw Gone() }
      func backward(_ latent: Tensor<Float>, labels: [Int32]) throws -> TailGradient {
        throw Gone()
      }
    }
    let bench = try Workbench()
    #expect(throws: Broken.Gone.self) { try bench.train(try bench.salt(tail: Broken())) }
  }

  /// Nothing in SALT's sources names a tail's network, or what would open one.
  @Test func theSourcesNameNothingOfTheTailButItsInterface() throws {
    let folder = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/Methods/SALT")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }
    #expect(files.count >= 3)
    for file in files {
      let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      for word in [
        "LocalTail", "LoadedParts", "LoadedNetwork", "loadParts", "FrozenPart", "Checkpoint",
        "tail.network", "tail.part", "import Checkpoints", "as? Network", ".cut(",
      ] {
        #expect(!text.contains(word), "\(file) names \(word)")
      }
      // Of a tail, only what its protocol has.
      let known = ["forward", "backward", "latentShape", "classCount"]
      for match in text.matches(of: /\btail\.([A-Za-z]+)/) {
        #expect(known.contains(String(match.output.1)), "\(file) uses tail.\(match.output.1)")
      }
    }
  }
}
