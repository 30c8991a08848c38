import Foundation
import Testing

/// Files of other programs, given to commands under any name.
@Suite struct ForeignFileTests {
  /// A file, how it begins, and what commands say of it.
  struct Foreign: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let words: String
    /// A part of what to do about it.
    var advice = ""

    var testDescription: String { name }
  }

  /// The first file of a zip archive that was cut off behind it.
  private static func zip(_ name: String) -> [UInt8] {
    [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 22) + [UInt8(name.utf8.count), 0, 0, 0]
      + Array(name.utf8) + [UInt8](repeating: 7, count: 40)
  }

  static let files: [Foreign] = [
    Foreign(
      name: "net.pt", bytes: zip("net/data.pkl") + [UInt8](repeating: 0, count: 1_200_000),
      words: "a PyTorch file", advice: "torch.load('net.pt', weights_only=True)"),
    Foreign(
      name: "weights.h5", bytes: zip("archive/data.pkl"), words: "a PyTorch file",
      advice: "name the architecture"),
    Foreign(
      name: "old.pth",
      bytes: [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e],
      words: "a PyTorch file (a pickle)", advice: "torch.load"),
    Foreign(
      name: "net.onnx", bytes: [8, 8, 0x12, 7] + Array("pytorch".utf8) + [0x3a, 0],
      words: "an ONNX model", advice: "give the Keras model it was made of"),
    Foreign(
      name: "net.tflite",
      bytes: [28, 0, 0, 0] + Array("TFL3".utf8) + [UInt8](repeating: 0, count: 56),
      words: "a TensorFlow Lite model"),
    Foreign(
      name: "net.safetensors", bytes: [2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8),
      words: "a safetensors file", advice: "safetensors.numpy.load_file"),
    Foreign(
      name: "arrays.npz", bytes: zip("arr_0.npy"), words: "an archive of NumPy arrays",
      advice: "numpy.load"),
    Foreign(
      name: "picture", bytes: [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10], words: "a PNG image"),
    Foreign(name: "net.gz", bytes: [0x1f, 0x8b, 8, 0], words: "a gzip file (decompress it first)"),
    Foreign(
      name: "recipe.yaml", bytes: Array("method: salt".utf8).flatMap { [$0, 0] },
      words: "text in UTF-16 (save it as UTF-8)"),
    Foreign(name: "nothing.h5", bytes: [], words: "an empty file"),
    Foreign(
      name: "noise.bin", bytes: [1, 2, 3, 4, 5, 6, 7, 8, 9], words: "bytes 01 02 03 04 05 06 07 08"),
  ]

  @Test(arguments: files) func everyCommandSaysWhatAFileIsAndWhatToDo(file: Foreign) throws {
    let folder = try TemporaryFolder()
    try folder.write(file.bytes, to: file.name)
    for command in [
      "evaluate FILE", "evaluate FILE --architecture resnet20 --dataset cifar10", "inspect FILE",
      "split FILE --at a --head h --tail t", "bench FILE", "train FILE", "validate FILE",
      "sweep FILE", "data write FILE --output o.h5", "export FILE --output o",
      "codec encode FILE --output o",
    ] {
      let result = try folder.cleave(command.replacing("FILE", with: file.name))
      #expect(result.status == 1 || result.status == 2, "\(command): \(result.testDescription)")
      #expect(result.output.isEmpty, "\(command): \(result.output)")
      #expect(result.errors.hasPrefix("error: \(file.name)"), "\(command): \(result.errors)")
      // A file without bytes is one to every reader.
      let words = file.bytes.isEmpty ? "empty" : file.words
      #expect(result.errors.contains(words), "\(command): \(result.errors)")
      for alien in ["1048576", "control character", "Cocoa", "DecodingError"] {
        #expect(!result.errors.contains(alien), "\(command): \(result.errors)")
      }
    }
    for command in ["evaluate \(file.name)", "inspect \(file.name)"] {
      let errors = try folder.cleave(command).errors
      #expect(
        file.advice.isEmpty || errors.contains(file.advice), "\(command): \(errors)")
    }
    #expect(try folder.contents(".") == [file.name])
  }

  @Test func aSavedModelIsNoRun() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/saved", withIntermediateDirectories: true)
    try folder.write([8, 1, 0x12, 0], to: "saved/saved_model.pb")
    for command in ["evaluate saved", "inspect saved", "export saved --output o"] {
      let result = try folder.cleave(command)
      #expect(result.status == 1, "\(result.testDescription)")
      #expect(
        result.errors.hasPrefix("error: saved is a SavedModel folder of TensorFlow"),
        "\(result.errors)")
    }
    #expect(
      try folder.cleave("evaluate saved").errors.contains("load_model('saved').save('saved.h5')"))
  }

  /// A checkpoint or a recipe is one whatever it is called.
  @Test func namesPlayNoPart() throws {
    let folder = try TemporaryFolder.withRun()
    let report = try folder.cleave("evaluate run/best.h5 --json").object()
    try folder.write(folder.bytes("run/best.h5"), to: "network.yaml")
    try folder.write(folder.bytes("shapes.yaml"), to: "recipe.h5")
    let other = try folder.cleave("evaluate network.yaml --json").object()
    #expect(other["accuracy"] as? Double == report["accuracy"] as? Double)
    #expect(try folder.cleave("inspect network.yaml").status == 0)
    #expect(try folder.cleave("validate recipe.h5").status == 0)
    let validated = try folder.cleave("validate network.yaml")
    #expect(validated.status == 2)
    #expect(validated.errors.contains("expected a recipe, text in YAML, found an HDF5 file"))
  }

  /// Some editors begin a file with a byte order mark.
  @Test func aMarkInFrontOfARecipeOrASweepIsNoPartOfIt() throws {
    let folder = try TemporaryFolder()
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    try folder.write(mark + Array(TinyTraining.shapes.utf8), to: "shapes.yaml")
    let valid = try folder.cleave("validate shapes.yaml")
    #expect(valid.status == 0, "\(valid.testDescription)")
    let sweep = "recipe: shapes.yaml\nseeds: [1]\nmeasures: [{path: accuracy}]\n"
    try folder.write(mark + Array(sweep.utf8), to: "shapes.sweep.yaml")
    let listed = try folder.cleave("sweep shapes.sweep.yaml --list")
    #expect(listed.status == 0, "\(listed.testDescription)")
    // Errors are still found at their place.
    try folder.write(mark + Array("method: supervised\nsed: 1\n".utf8), to: "typo.yaml")
    #expect(try folder.cleave("validate typo.yaml").errors.contains("typo.yaml:2:1: "))
  }
}
