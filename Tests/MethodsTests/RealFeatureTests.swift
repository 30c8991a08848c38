import Checkpoints
import Codecs
import Datasets
import Foundation
import Networks
import Splitting
import Tensors
import Testing
import Training

/// Codecs on features of the committed ResNet-8 for images of Fashion-MNIST.
@Suite struct RealFeatureTests {
  static let isInstalled = FileManager.default.fileExists(
    atPath: "/usr/share/datasets/fashion-mnist")

  /// The features of the first test images at a cut.
  private func features(_ cut: String, count: Int = 12) throws -> [Tensor<Float>] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("Checkpoints/fashion-mnist-resnet8.h5").path
    let checkpoint = try Checkpoint.read(file)
    let head = Head(try checkpoint.network.cut(at: cut).head)
    let data = DataProvider(DataConfiguration(DatasetSpecification(name: "fashion-mnist")))
    let transform = try #require(checkpoint.inputTransform)
    let latents = head(try transform(data.test().pixels(at: Array(0..<count))))
    return (0..<count).map { latents.rows($0..<$0 + 1).reshaped(to: head.latentShape) }
  }

  private func entropy(_ symbols: [UInt16]) -> Double {
    var counts: [UInt16: Int] = [:]
    for symbol in symbols { counts[symbol, default: 0] += 1 }
    return counts.values.reduce(0) {
      $0 - Double($1) * log2(Double($1) / Double(symbols.count))
    }
  }

  /// The number of rows is chosen without trying any.
  @Test(.enabled(if: isInstalled), arguments: ["layer1", "layer2", "layer3"])
  func theChosenRowsAreWithinOnePercentOfTheBest(cut: String) throws {
    var excess: [Double] = []
    for latent in try features(cut) {
      for bits in [3, 4, 6] {
        let quantizer = try AffineQuantizer(fitting: latent, bits: bits)
        let symbols = quantizer.symbols(of: latent)
        let zero = UInt16(quantizer.zeroSymbol)
        let best =
          SparseLayout.candidates(total: symbols.count).map {
            entropy(SparseLayout(symbols, background: zero, rows: $0).pool)
          }.min() ?? 0
        let chosen = SparseLayout(symbols, background: zero, bits: bits)
        excess.append(entropy(chosen.pool) / best - 1)
      }
    }
    let mean = excess.reduce(0, +) / Double(excess.count)
    #expect(mean <= 0.01, "on average \(mean), at most \(excess.max() ?? 0)")
  }
}
