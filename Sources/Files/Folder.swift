internal import Foundation

/// Lists and makes folders.
package enum Folder {
  /// The names in a folder, sorted.
  ///
  /// - Throws: ``FileError`` with the system's reason.
  package static func entries(_ path: String) throws(FileError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      throw FileError(path: path, reason: SystemReason.of(error))
    }
  }

  /// Makes a folder and those above it, unless it is there.
  ///
  /// - Throws: ``FileError`` with the system's reason.
  package static func create(_ path: String) throws(FileError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileError(path: path, reason: SystemReason.of(error))
    }
  }
}
