import Foundation
import Testing

/// A directory of a test's own, removed with what is in it.
struct TemporaryDirectory: ~Copyable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "checkpoints-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the directory.
  func file(_ name: String = "file.h5") -> String { path + "/" + name }

  /// The names of the files in the directory.
  var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

/// The bytes of a file.
func bytes(of path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Makes a file of bytes, without waiting for the disk as `Data` does.
func write(_ bytes: [UInt8], to path: String) throws {
  if !FileManager.default.fileExists(atPath: path) {
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
  }
  let file = try #require(FileHandle(forWritingAtPath: path))
  try file.truncate(atOffset: 0)
  try file.write(contentsOf: bytes)
  try file.close()
}
