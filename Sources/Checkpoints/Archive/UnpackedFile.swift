internal import Files
internal import Foundation
internal import HDF5

/// A temporary file with the content of an archive's entry; removed when the value goes.
struct UnpackedFile: ~Copyable {
  let path: String

  /// Unpacks an entry.
  ///
  /// - Throws: ``CheckpointError``.
  init(
    _ entry: ZipArchive.Entry, of archive: borrowing ZipArchive, limit: Int
  ) throws(CheckpointError) {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("cleave-\(UUID().uuidString)").path
    try UnpackedFile.write(entry, of: archive, limit: limit, to: path)
  }

  private static func write(
    _ entry: ZipArchive.Entry, of archive: borrowing ZipArchive, limit: Int, to path: String
  ) throws(CheckpointError) {
    func unwritable() -> CheckpointError {
      .storage(.unwritableFile(path, reason: SystemReason.last))
    }
    let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw unwritable() }
    defer { close(descriptor) }
    try archive.read(entry, limit: limit) { (chunk) throws(CheckpointError) in
      var rest = chunk
      while !rest.isEmpty {
        let written = rest.withUnsafeBytes {
          Foundation.write(descriptor, $0.baseAddress, $0.count)
        }
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { throw unwritable() }
        rest = rest.dropFirst(written)
      }
    }
  }

  deinit { unlink(path) }

  /// Opens the file, whose name is gone as soon as it is open.
  ///
  /// - Parameter shown: what errors call it.
  consuming func open(shownAs shown: String) throws(CheckpointError) -> HDF5File {
    do { return try HDF5File(reading: path, shownAs: shown) } catch { throw .storage(error) }
  }
}
