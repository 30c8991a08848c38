import Checkpoints
import Foundation
import Networks
import Tensors
import Testing

/// Recipes and data that train in a moment.
enum TinyTraining {
  /// A ResNet-8 on rendered shapes of 16×16: 72 training images in 5 batches an epoch.
  static let shapes = """
    method: supervised
    seed: 1
    data: {name: shapes, samples: 96, test_samples: 40, size: 16, validation_fraction: 0.25}
    network:
      architecture: resnet8
      cut: layer1
      input: {scale: 255}
    train:
      epochs: 2
      batch_size: 16
    link: {rate: 10 Mbit/s, round_trip_time: 20 ms}

    """

  /// SALT between a head and a tail in files, for a user of two of the four shapes.
  static let salt = """
    method: salt
    seed: 3
    data:
      name: shapes
      samples: 96
      test_samples: 40
      size: 16
      validation_fraction: 0.25
      classes: [cube, sphere]
    network: {head: head.h5, tail: tail.h5}
    train: {epochs: 2, batch_size: 16}

    """
}

extension TemporaryFolder {
  /// A folder with `shapes.yaml`, and its trained run in `run`.
  static func withRun() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    let result = try folder.cleave("train shapes.yaml --output run --set train.epochs=1")
    try #require(result.status == 0, "\(result.testDescription)")
    return folder
  }

  /// The four files of Fashion-MNIST with 60 and 30 images whose brightness tells their label.
  func writeFashionMNIST(to name: String) throws {
    try FileManager.default.createDirectory(
      atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    for (part, count) in [("train", 60), ("t10k", 30)] {
      let labels = (0..<count).map { UInt8($0 % 10) }
      let images = labels.flatMap { [UInt8](repeating: 25 * $0 + 5, count: 28 * 28) }
      // Magic numbers: type 8 (unsigned bytes) and 3 or 1 axes; then the extents, big-endian.
      let imageHeader: [UInt8] = [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 28, 0, 0, 0, 28]
      let labelHeader: [UInt8] = [0, 0, 8, 1, 0, 0, 0, UInt8(count)]
      try write(imageHeader + images, to: "\(name)/\(part)-images-idx3-ubyte")
      try write(labelHeader + labels, to: "\(name)/\(part)-labels-idx1-ubyte")
    }
  }

  /// The lines of a run's metrics without the time each epoch took.
  func losses(of run: String) throws -> [Substring] {
    try text("\(run)/metrics.jsonl").replacing(/"seconds":[^,}]+,/, with: "").split(separator: "\n")
  }

  /// The bits of every parameter of a checkpoint.
  func parameterBits(_ file: String) throws -> [String: [UInt32]] {
    try Checkpoint.read("\(path)/\(file)").network.parameters
      .mapValues { $0.scalars.map(\.bitPattern) }
  }
}
