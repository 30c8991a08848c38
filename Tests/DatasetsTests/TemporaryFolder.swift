import CZlib
import Datasets
import Foundation
import Tensors
import Testing

/// A folder of its own for one test, removed with everything in it.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "cleave-datasets-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder, whose own folder is made.
  func file(_ name: String) throws -> String {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: NSString(string: file).deletingLastPathComponent, withIntermediateDirectories: true)
    return file
  }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    let file = try file(name)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }

  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
  }
}

/// Bytes as a gzip stream.
func gzipped(_ bytes: [UInt8]) throws -> [UInt8] {
  let folder = try TemporaryFolder()
  let path = folder.path + "/a.gz"
  let file = try #require(gzopen(path, "wb9"))
  #expect(gzwrite(file, bytes, UInt32(bytes.count)) == Int32(bytes.count))
  #expect(gzclose(file) == Z_OK)
  return try folder.read("a.gz")
}

/// An IDX file's bytes.
func idx(_ extents: [Int], _ elements: [UInt8], type: UInt8 = 8) -> [UInt8] {
  let header = extents.flatMap { extent in
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: extent >> $0) }
  }
  return [0, 0, type, UInt8(extents.count)] + header + elements
}

/// A data set of 2×2 grey images.
///
/// Sample i shows 4·i to 4·i + 3 and has the label i modulo the number of classes.
func counting(_ count: Int, classes: [String] = ["a", "b", "c"]) -> ImageDataset {
  ImageDataset(
    name: "counting", imageShape: [2, 2, 1], classNames: classes,
    pixels: (0..<count * 4).map { UInt8(truncatingIfNeeded: $0) },
    labels: (0..<count).map { Int32($0 % classes.count) })
}
