import Foundation
import HDF5

/// A directory of a test's own, removed with what is in it.
struct TemporaryDirectory: ~Copyable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "hdf5-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the directory.
  func file(_ name: String = "file.h5") -> String { path + "/" + name }

  /// Makes a file of bytes and returns its path.
  func file(_ name: String = "file.h5", holding bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// The names of the files in the directory.
  var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

/// The bytes of a file.
func bytes(of path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// The path of the file that `Fixtures/make_fixtures.py` wrote.
var fixturePath: String {
  Bundle.module.bundlePath + "/Fixtures/fixture.h5"
}

/// The error a body throws, `nil` if it throws none.
func thrown(_ body: () throws(HDF5Error) -> Void) -> HDF5Error? {
  do {
    try body()
    return nil
  } catch {
    return error
  }
}
