import Checkpoints
import Foundation
import HDF5
import Networks
import Tensors
import Testing

/// Architectures against the reference implementation: same names, same layout, same logits.
@Suite struct BackboneTests {
  /// What `Reference/make_backbones.py` wrote.
  struct Reference: Decodable {
    struct Result: Decodable {
      let parameters: Int
      let logits: [Float]
    }

    let size: Int
    let networks: [String: Result]

    static let committed: Reference = {
      do {
        let file = try #require(
          Bundle.module.url(
            forResource: "backbones", withExtension: "json", subdirectory: "Reference"))
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
      } catch {
        return Reference(size: 0, networks: [:])
      }
    }()
  }

  /// Numbers from 0 to 1 that follow from a name, as the script has them.
  static func noise(_ name: String, _ count: Int) -> [Double] {
    let phase = name.utf8.enumerated().reduce(0) { $0 + ($1.offset + 1) * Int($1.element) } % 9973
    return (0..<count).map { index in
      let value = sin(Double(index) * 12.9898 + Double(phase)) * 43758.5453
      return value - value.rounded(.down)
    }
  }

  /// The parameter of a name and a shape in PyTorch's layout.
  static func parameter(_ name: String, _ shape: [Int]) -> [Float] {
    let count = shape.reduce(1, *)
    let noise = noise(name, count)
    if name.hasSuffix("running_var") { return noise.map { Float(0.5 + $0) } }
    if name.hasSuffix("running_mean") || name.hasSuffix("bias") {
      return noise.map { Float(0.2 * ($0 - 0.5)) }
    }
    if shape.count == 1 { return noise.map { Float(0.75 + 0.5 * $0) } }
    let scale = (24 / Double(count / shape[0])).squareRoot()
    return noise.map { Float(($0 - 0.5) * scale) }
  }

  @Test func theReferenceIsThere() {
    #expect(Reference.committed.networks.count >= 10)
    for name in Reference.committed.networks.keys {
      #expect(Architecture.all.contains { $0.name == name })
    }
  }

  @Test(arguments: Reference.committed.networks.keys.sorted())
  func theLogitsAreTheReferences(name: String) throws {
    let directory = try TemporaryDirectory()
    let reference = Reference.committed
    let expected = try #require(reference.networks[name])
    let shape: Shape = [reference.size, reference.size, 3]
    let empty = try Architecture.named(name).network(
      classes: expected.logits.count, inputShape: shape)
    let count = empty.specifications.values.filter { $0.role != .statistic }
      .reduce(0) { $0 + $1.shape.elementCount }
    #expect(count == expected.parameters)
    try Checkpoint(network: empty).writeStateDict(to: directory.file("empty.h5"))
    let names = try HDF5File(reading: directory.file("empty.h5"))
    let file = try HDF5File(creating: directory.file("filled.h5"))
    for path in try names.datasetPaths() {
      let shape = try names.dataset(path).shape
      let own = path.split(separator: "/").joined(separator: ".")
      try file.write(Self.parameter(own, shape), to: path, shape: shape)
    }
    try file.close()
    let network = try Checkpoint.read(
      directory.file("filled.h5"), architecture: name, inputShape: shape
    ).network
    let image = Tensor(
      shape.prepending(1),
      Self.noise("image.bias", shape.elementCount).map {
        Float(4 * Float(0.2 * ($0 - 0.5)))
      })
    let scale = expected.logits.map(abs).max() ?? 1
    for (kind, found) in [
      ("plain", network.predict(image)), ("folded", network.folded().predict(image)),
    ] {
      let error = zip(found.scalars, expected.logits).map { abs($0 - $1) }.max() ?? .infinity
      #expect(error <= 1e-4 * scale, "\(name), \(kind): \(error / scale)")
    }
  }
}
