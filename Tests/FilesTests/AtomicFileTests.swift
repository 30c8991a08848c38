import Files
import Foundation
import Testing

@Suite struct AtomicFileTests {
  /// Calls a body with a folder that is removed afterwards.
  func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "cleave-files-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test func aFileHoldsWhatWasWrittenLast() throws {
    try withFolder { folder in
      for text in ["a longer text than the next", "short", ""] {
        try AtomicFile.write(text.utf8, to: folder + "/file")
        #expect(FileManager.default.contents(atPath: folder + "/file") == Data(text.utf8))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
    }
  }

  @Test func aFailureNamesThePlaceAndLeavesNothing() throws {
    try withFolder { folder in
      let error = #expect(throws: FileError.self) {
        try AtomicFile.write([1], to: folder + "/missing/file")
      }
      #expect(error?.path == folder + "/missing/file")
      #expect(error?.reason == "No such file or directory")
      // A folder cannot be replaced by a file.
      try FileManager.default.createDirectory(
        atPath: folder + "/taken/inside", withIntermediateDirectories: true)
      #expect(throws: FileError.self) { try AtomicFile.write([1], to: folder + "/taken") }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/taken") == ["inside"])
    }
  }

  @Test func aFullDeviceIsAnErrorAndNotAShortFile() throws {
    let descriptor = open("/dev/full", O_WRONLY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let error = #expect(throws: FileError.self) {
      try AtomicFile.append([UInt8](repeating: 7, count: 10_000), to: descriptor, path: "the disk")
    }
    #expect(error?.path == "the disk")
    #expect(error?.reason == "No space left on device")
  }
}
