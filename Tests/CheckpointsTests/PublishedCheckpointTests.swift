import Checkpoints
import Foundation
import Networks
import Tensors
import Testing

/// The folder with the checkpoints other people published, if the tests are told of one:
/// `CLEAVE_CHECKPOINTS=FOLDER swift test -c release --filter PublishedCheckpointTests`.
private let folder = ProcessInfo.processInfo.environment["CLEAVE_CHECKPOINTS"] ?? ""

/// Networks with the weights people use, which tests with random weights cannot stand for: the
/// magnitudes inside them differ by orders.
@Suite(.enabled(if: !folder.isEmpty, "CLEAVE_CHECKPOINTS names no folder of checkpoints"))
struct PublishedCheckpointTests {
  /// A file, the name of its architecture unless it says so itself, and what its network expects
  /// of pixels from 0 to 255.
  struct Published: Sendable, CustomTestStringConvertible {
    let file: String
    var architecture: String?
    var mean: [Float] = [0]
    var std: [Float] = [1]
    var scale: Float = 1

    var testDescription: String { file }
  }

  static let published: [Published] =
    [Published(file: "mlperf-tiny-resnet8-cifar10-keras.h5")]
    + ["resnet20", "resnet32", "resnet44"].map { (name: String) in
      Published(
        file: "\(name)-cifar10-torch.h5", architecture: name, mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225], scale: 255)
    }

  @Test(arguments: published) func everyCutEqualsTheWhole(_ published: Published) throws {
    let path = folder + "/" + published.file
    let network = try ClassAnswers(
      of: Checkpoint.read(path, architecture: published.architecture).network
    ).network
    var random = RandomSource(seed: 5)
    let pixels: Tensor<Float> = random.uniform([8, 32, 32, 3], in: 0...255)
    let transform = try InputTransform(
      scale: published.scale, mean: published.mean, std: published.std)
    let images = try transform(pixels)
    let whole = network.predict(images)
    let cuts = network.cutPoints
    try #require(cuts.count > 10)
    for cut in cuts {
      let (head, tail) = try network.cut(at: cut.name)
      #expect(difference(tail.predict(head.predict(images)), whole) <= 1e-5, "at \(cut.name)")
      let folded = tail.folded().predict(head.folded().predict(images))
      #expect(difference(folded, whole) <= 1e-5, "folded, at \(cut.name)")
    }
  }

  /// The largest difference, relative to the largest value.
  func difference(_ found: Tensor<Float>, _ expected: Tensor<Float>) -> Float {
    let scale = expected.scalars.map(abs).max() ?? 1
    return zip(found.scalars, expected.scalars).map { abs($0 - $1) }.max().map { $0 / scale } ?? 0
  }
}
