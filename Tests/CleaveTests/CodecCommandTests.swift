import Foundation
import HDF5
import Testing

@Suite struct CodecCommandTests {
  /// A folder with `x.npy`, four latents of two rows of three values.
  static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2, 3), }"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
    bytes += Array((header + String(repeating: " ", count: 117 - header.utf8.count) + "\n").utf8)
    for index in 0..<24 {
      withUnsafeBytes(of: (Float(max(0, index % 7 - 3)) / 2).bitPattern.littleEndian) {
        bytes += $0
      }
    }
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/x.npy"))
    return folder
  }

  @Test func aTensorComesBackFromItsStream() throws {
    let folder = try Self.folder()
    let encoded = try folder.cleave("codec encode x.npy --codec fp32 --output x.clvl")
    #expect(encoded.status == 0)
    // 8 of the header, 3 extents, 96 of values, 4 of the checksum.
    #expect(encoded.output == "x.clvl: 111 bytes\n")
    let decoded = try folder.cleave("codec decode x.clvl --output y.npy")
    #expect(decoded.status == 0)
    let files = try ["x.npy", "y.npy"].map {
      try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + $0)).suffix(96)
    }
    #expect(files[0] == files[1])
  }

  @Test func aTensorOfAnHDF5FileComesBackToOne() throws {
    let folder = try Self.folder()
    let values = (0..<24).map { Float($0) / 4 - 2 }
    try HDF5File.writeAtomically(to: folder.path + "/x.h5") { (file) throws(HDF5Error) in
      try file.write(values, to: "model/layer1/weight:0", shape: [2, 3, 2, 2])
      try file.write(values.map { Double($0) }, to: "double", shape: [24])
      try file.write([Int32](0..<4), to: "counts", shape: [4])
    }
    #expect(
      try folder.cleave(
        "codec encode x.h5:model/layer1/weight:0 --codec fp32 --output x.clvl"
      ).status == 0)
    #expect(try folder.cleave("codec decode x.clvl --output y.h5:a/b").status == 0)
    let back = try HDF5File(reading: folder.path + "/y.h5")
    let dataset = try back.dataset("a/b")
    #expect(dataset.shape == [2, 3, 2, 2])
    #expect(try dataset.read(as: Float.self) == values)
    let rows = try folder.cleave("codec stat x.h5:double --bits 4 --json")
    #expect(rows.status == 0 && rows.output.contains("rans, 4 bits"))
    // What is there stays there.
    for (words, status, message) in [
      ("decode x.clvl --output x.h5:other", Int32(1), "x.h5 exists; a tensor is only written to"),
      ("encode x.h5:model/layer1/weigth:0 -o z", 1, "did you mean 'weight:0'?"),
      ("encode x.h5:modle/layer1/weight:0 -o z", 1, "did you mean 'model'?"),
      ("encode x.h5:model -o z", 1, "expected a dataset, found a group"),
      ("encode x.h5:counts -o z", 1, "expected floating-point numbers, found int32"),
      (
        "encode x.h5 -o z", 2,
        "needs a path in it, as in x.h5:path/in/file; it holds counts, double"
      ),
      ("encode none.h5:a -o z", 1, "none.h5"),
    ] {
      let result = try folder.cleave("codec " + words)
      #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
    }
    #expect(try HDF5File(reading: folder.path + "/x.h5").contains("counts"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/z"))
  }

  @Test func deviceAndServerShareTheTablesOfAnExport() throws {
    let folder = try TemporaryFolder.withRun()
    let export = try folder.cleave("export run --output exported --context-bits 3")
    #expect(export.status == 0, "\(export.errors)")
    #expect(export.output.contains("codec.tables"))
    let json = try folder.cleave("export run --output again --json").output
    #expect(try json == folder.text("again/manifest.json"))
    // A latent of the 16 channels the run's head gives.
    let values = (0..<256).map { Float($0 % 16 < 8 ? 0 : $0 / 16) }
    try HDF5File.writeAtomically(to: folder.path + "/x.h5") { (file) throws(HDF5Error) in
      try file.write(values, to: "z", shape: [4, 4, 16])
    }
    let tables = "--tables exported/codec.tables"
    let encoded = try folder.cleave("codec encode x.h5:z --codec context \(tables) -o z.clvl")
    #expect(encoded.status == 0, "\(encoded.errors)")
    #expect(try folder.cleave("codec decode z.clvl \(tables) -o y.h5:z").status == 0)
    let back = try HDF5File(reading: folder.path + "/y.h5").dataset("z").read(as: Float.self)
    // Half a step of 15/7.
    #expect(zip(back, values).allSatisfy { abs($0 - $1) <= 1.08 })
    for (words, status, message) in [
      ("decode z.clvl -o w.npy", Int32(1), "made with table 0, which is not at hand"),
      (
        "decode z.clvl --tables run/best.h5 -o w.npy", 1,
        "run/best.h5 is an HDF5 file, expected the tables"
      ),
      ("encode x.h5:z --codec context -o w", 2, "needs --tables"),
      ("encode x.h5:z --codec factorized -o w", 2, "needs --tables"),
      (
        "encode x.h5:z --codec factorized \(tables) -o w", 1,
        "holds no tables of the codec factorized"
      ),
      (
        "encode x.h5:z --codec rans \(tables) -o w", 2,
        "--tables is for the codecs context, factorized, hyperprior"
      ),
    ] {
      let result = try folder.cleave("codec " + words)
      #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
    }
    #expect(try folder.cleave("export run --output e --context-bits 9").status == 2)
  }

  @Test func everyCodecIsCompared() throws {
    let folder = try Self.folder()
    let result = try folder.cleave("codec stat x.npy --batched --bits 2,4 --blocks 1,2 --json")
    #expect(result.status == 0)
    let rows = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
    #expect(
      rows.compactMap { $0["codec"] as? String } == [
        "fp32", "fp16", "packed, 2 bits", "sparse-rans, 2 bits", "rans, 2 bits",
        "context, 2 bits", "packed, 4 bits", "sparse-rans, 4 bits", "rans, 4 bits",
        "context, 4 bits", "slicer, keep 0.3, 1 block", "slicer, keep 0.3, 2 blocks",
      ])
    // 8 of the header, 2 extents, 24 of values, 4 of the checksum.
    #expect(rows.first?["bytes"] as? Double == 38)
  }

  @Test(arguments: [
    ("codec encode none.npy -o x", 1, "none.npy: No such file or directory"),
    ("codec encode x.npy --codec rens -o x", 2, "there is no codec 'rens'"),
    ("codec encode x.npy --bits 13 -o x", 2, "--bits expects 1 to 12 for rans, found 13"),
    ("codec stat x.npy --bits 4,x", 2, "--bits expects numbers with commas"),
    ("codec stat x.npy --keep 0.1,", 2, "--keep expects numbers with commas, found '0.1,'"),
    ("codec encode x.npy --codec slicer --keep 2 -o x", 2, "--keep expects fractions from 0 to 1"),
    ("codec encode x.npy --codec slicer --blocks 0 -o x", 2, "--blocks expects 1 to 16, found 0"),
    (
      "codec encode x.npy --codec slicer --reading budget --asymmetry 2 -o x", 2,
      "--asymmetry expects 0 to 1 for the reading budget, found 2.0"
    ),
    ("codec decode x.npy -o y.npy", 1, "x.npy is a NumPy array (.npy), expected a stream"),
    ("codec decode none -o y.npy", 1, "none: No such file or directory"),
    ("codec encode x.npy -o none/x", 1, "none/x cannot be written"),
  ])
  func badInputIsRefusedAndNothingIsWritten(words: String, status: Int, message: String) throws {
    let folder = try Self.folder()
    let result = try folder.cleave(words)
    #expect(result.status == status)
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.npy"])
  }
}
