import Files
import Foundation
import Testing

/// Files told apart by their content, under names that say nothing.
@Suite struct FileContentTests {
  private let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "cleave-content-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func content(_ bytes: [UInt8]) throws -> FileContent {
    let path = "\(folder)/\(UUID().uuidString).h5"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return FileContent(of: path)
  }

  private func little(_ number: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(number >> (8 * $0) & 255) }
  }

  /// An archive of stored files, each of which holds its own name; without its directory if it was cut
  /// off.
  private func zip(_ names: [String], isWhole: Bool = true) -> [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for name in names {
      let head = [UInt8](repeating: 0, count: 14)
      let sizes = little(name.utf8.count, 4) + little(name.utf8.count, 4)
      directory += [0x50, 0x4B, 1, 2, 20, 0] + head + sizes + little(name.utf8.count, 2)
      directory += [UInt8](repeating: 0, count: 12) + little(bytes.count, 4) + Array(name.utf8)
      bytes += [0x50, 0x4B, 3, 4] + head + sizes + little(name.utf8.count, 2) + [0, 0]
      bytes += Array(name.utf8) + Array(name.utf8)
    }
    guard isWhole else { return bytes }
    let count = little(names.count, 2)
    return bytes + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count
      + little(directory.count, 4) + little(bytes.count, 4) + [3, 0] + Array("end".utf8)
  }

  @Test func archivesAreToldByTheNamesInThem() throws {
    #expect(
      try content(zip(["net/data.pkl", "net/data/0", "net/version"])) == .torch(isArchive: true))
    #expect(try content(zip(["net/data.pkl"], isWhole: false)) == .torch(isArchive: true))
    #expect(
      try content(zip(["net/code/a.py", "net/data.pkl", "net/constants.pkl"])) == .torchScript)
    #expect(
      try content(zip(["metadata.json", "config.json", "model.weights.h5"])) == .kerasArchive)
    #expect(try content(zip(["arr_0.npy", "arr_1.npy"])) == .numpyArchive)
    #expect(try content(zip(["a.txt", "b.npy"])) == .zip)
    #expect(try content([0x50, 0x4B, 3, 4, 0, 0]) == .zip)
  }

  @Test func anHDF5FileIsFoundBehindAUserBlock() throws {
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    for offset in [0, 512, 1024, 2048, 65536] {
      let start = Array("MATLAB 7.3".utf8.prefix(offset))
      let block = start + [UInt8](repeating: 32, count: offset - start.count)
      #expect(try content(block + signature + [0, 1, 2]) == .hdf5, "\(offset)")
    }
    #expect(try content(Array(signature.prefix(5))) == .hdf5)
    #expect(try content([UInt8](repeating: 32, count: 100) + signature) != .hdf5)
  }

  @Test(arguments: [
    // Graphs of ONNX begin with the version of the format and the name of who made them.
    ("0807 1207 7079746f726368", FileContent.onnx), ("0808 3a05 0000000000", .onnx),
    // A SavedModel's version is 1, field 2 its first graph.
    ("0801 1205 0a00000000", .tensorFlowGraph),
    ("0a0f 0a05 696e707574 1206", .tensorFlowGraph),
    ("1c000000 54464c33 00000000", .tensorFlowLite),
    ("0200000000000000 7b7d 00", .safetensors),
    // Longer than the file.
    ("ff00000000000000 7b7d 00", .unknown([0xff, 0, 0, 0, 0, 0, 0, 0])),
    ("47475546 03000000", .gguf), ("934e554d5059 0100", .numpyArray),
    ("80028a0a6cfc9c46f9206aa850192e80", .torch(isArchive: false)), ("80047d942e", .pickle),
    ("1f8b0800 00", .compressed("gzip")), ("fd377a585a00 00", .compressed("xz")),
    ("89504e470d0a1a0a", .image("PNG")), ("ffd8ffe0 0010", .image("JPEG")),
    ("52494646 24000000 57454250", .image("WebP")), ("49492a00 08000000", .image("TIFF")),
    ("00000803 0000000a", .own("an IDX file of images")),
    ("434c564c 01", .own("a latent that was coded")),
    ("ffff0102", .unknown([0xff, 0xff, 1, 2])),
  ])
  func filesAreToldByTheirFirstBytes(digits: String, expected: FileContent) throws {
    let hexadecimal = digits.filter { $0 != " " }
    var bytes: [UInt8] = []
    var rest = hexadecimal[...]
    while let byte = UInt8(rest.prefix(2), radix: 16) {
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    if case .own("a latent that was coded") = expected { bytes += [0xff] }
    #expect(try content(bytes) == expected)
  }

  @Test func textsAreToldApart() throws {
    #expect(try content(Array("method: salt\nseed: 1\n".utf8)) == .text("method: salt"))
    #expect(try content(Array("\u{FEFF}method: größe".utf8)) == .text("method: größe"))
    #expect(try content(Array("{method: salt}".utf8)) == .text("{method: salt}"))
    #expect(try content(Array(" {\n  \"method\": 1}".utf8)) == .json)
    #expect(try content(Array(#"{"class_name": "Functional"}"#.utf8)) == .kerasDescription)
    #expect(try content(Array("<!DOCTYPE html><html>".utf8)) == .webPage)
    #expect(
      try content(Array("version https://git-lfs.github.com/spec/v1\noid".utf8)) == .gitPointer)
    let letters = Array("method".utf8)
    let low: [UInt8] = letters.flatMap { [$0, 0] }
    let high: [UInt8] = letters.flatMap { [0, $0] }
    for bytes in [low, high, [0xff, 0xfe] + low, [0xfe, 0xff] + high] {
      #expect(try content(bytes) == .wideText)
    }
    // A character of two bytes lies where the part that is read ends.
    let long = String(repeating: "a", count: 4095) + String(repeating: "é", count: 100)
    #expect(try content(Array(long.utf8)).isText)
    #expect(try content([0x61, 0, 0x62, 0x63]) == .unknown([0x61, 0, 0x62, 0x63]))
  }

  @Test func whatIsNoFileIsSaid() throws {
    #expect(try content([]) == .empty)
    #expect(FileContent(of: "\(folder)/none") == .missing)
    #expect(FileContent(of: folder) == .folder(isSavedModel: false))
    #expect(FileContent(of: "/dev/null") == .device)
    try Data([8, 1]).write(to: URL(fileURLWithPath: "\(folder)/saved_model.pb"))
    #expect(FileContent(of: folder) == .folder(isSavedModel: true))
  }
}
