import Datasets
import Export
import Foundation
import Recipes
import Tensors
import TestSupport
import Testing
import Training

/// Exports answered by a script that knows nothing of them but their manifest.
@Suite struct ManifestInferenceTests {
  /// A recipe whose export has to say something of its own.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let method: String
    let network: String
    let data: String
    var more = ""
    /// The codec that the manifest has to name, with its settings.
    let codec: String?
  }

  static let cases: [Case] = [
    Case(
      testDescription: "a network that is not cut, images stretched", method: "supervised",
      network: "architecture: resnet8",
      data: "resize: stretch, interpolation: bilinear, antialias: false", codec: nil),
    Case(
      testDescription: "values as they are, images cropped", method: "supervised",
      network: "architecture: resnet8, cut: layer1", data: "resize: crop, interpolation: area",
      codec: "fp32"),
    Case(
      testDescription: "packed values, images in a frame", method: "supervised",
      network: "architecture: resnet8, cut: layer1", data: "resize: pad, interpolation: bicubic",
      more: "supervised: {bits: 3}", codec: "packed bits=3"),
    Case(
      testDescription: "what SLICER keeps", method: "slicer",
      network: "architecture: resnet8, cut: layer1", data: "interpolation: nearest",
      more:
        "slicer: {cuts: [layer1], keep: [0.4], blocks: [3], tolerance: [0.1], accuracy_drop: 1}",
      codec: "slicer asymmetry=1.0 blocks=3 bound=relative keep=0.4 reading=score "
        + "tolerance=0.10000000149011612"),
    Case(
      testDescription: "exits and packed values", method: "early_exit",
      network: "architecture: mlp-12-8, cut: relu1", data: "resize: stretch, interpolation: area",
      more: "early_exit: {training: joint, exits: [{at: relu1}, {at: relu2}], bits: 2, "
        + "target: {exit_rate: 0.5}}", codec: "rans bits=2 layout=dense"),
  ]

  /// Pictures of two classes in several sizes.
  private func pictures(_ folder: TemporaryFolder) throws {
    var random = RandomSource(seed: 3)
    for part in ["train", "test"] {
      for (label, name) in ["dark", "light"].enumerated() {
        let place = folder.file("data/\(part)/\(name)")
        try FileManager.default.createDirectory(
          atPath: place, withIntermediateDirectories: true)
        for index in 0..<10 {
          let image = picture(label: label, index, using: &random)
          try ImageFile.write(image, to: "\(place)/\(index).png")
          guard part == "test", index < 5 else { continue }
          let header = "P6\n\(image.width) \(image.height)\n255\n"
          try Data(header.utf8 + image.bytes)
            .write(to: URL(fileURLWithPath: folder.file("\(name)\(index).ppm")))
        }
      }
    }
  }

  private func picture(label: Int, _ index: Int, using random: inout RandomSource) -> PixelImage {
    let (height, width) = (17 + 3 * (index % 3), 23 - 5 * (index % 4))
    let noise = (random.uniform([height * width * 3]) as Tensor<Float>).scalars
    let bytes = noise.enumerated().map { place, value in
      UInt8(value * 120 + Float(label * 60) + Float(place % 40))
    }
    return PixelImage(height: height, width: width, channels: 3, bytes: bytes)
  }

  @Test(
    .enabled(
      if: Python.canImport("numpy, onnxruntime"), "a Python with numpy and onnxruntime"),
    arguments: cases) func aManifestIsEnoughToAnswer(_ test: Case) throws
  {
    let folder = try TemporaryFolder()
    try pictures(folder)
    let text = """
      method: \(test.method)
      data:
        {name: image-folder, path: \(folder.file("data")), size: 12, validation_fraction: 0.3,
        \(test.data)}
      network: {\(test.network), input: {scale: 255, mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4]}}
      \(test.method == "slicer" ? "" : "train: {epochs: 1, batch_size: 4}")
      \(test.more)
      """
    let file = folder.file("recipe.yaml")
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    let run = folder.file("run")
    _ = try Experiment.train(
      Recipe(RecipeDocument(contentsOf: file)), in: run, resumes: false,
      observer: SilentObserver())
    let exported = folder.file("exported")
    let manifest = try Experiment.export(run: run, to: exported, observer: SilentObserver())
    let settings = manifest.codec?.settings.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
    #expect(
      manifest.codec.map { ([$0.name] + (settings ?? [])).joined(separator: " ") } == test.codec)
    #expect((manifest.tail == nil) == (test.codec == nil))

    let images = ["dark", "light"].flatMap { name in
      (0..<5).map { folder.file("\(name)\($0).ppm") }
    }
    var expected: [[String: Double]] = []
    var bytes: [Int?] = []
    try Experiment.predict(run: run, images: images, observer: SilentObserver()) { image in
      expected.append(
        Dictionary(
          uniqueKeysWithValues: (image.answers[0].classes ?? []).map { ($0.name, $0.probability) }))
      bytes.append(image.bytesSent)
    }
    let script = try #require(
      Bundle.module.url(forResource: "Reference/infer", withExtension: "py"))
    let result = try Python.run([script.path, exported] + images)
    try #require(result.status == 0, "\(String(decoding: result.errors, as: UTF8.self))")
    let found = try JSONDecoder().decode([[String: Double]].self, from: result.output)
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) {
      for (name, probability) in expected {
        #expect(abs((found[name] ?? -1) - probability) < 0.01, "\(name): \(found) \(expected)")
      }
    }
    #expect((bytes[0] == nil) == (test.codec == nil))
  }
}
