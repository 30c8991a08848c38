internal import Foundation

/// Why a file or folder could not be read or written, in the system's words.
package struct FileError: Error, Hashable, CustomStringConvertible {
  /// The file or folder.
  package let path: String
  /// The system's reason.
  package let reason: String

  /// The last error of the C library.
  package init(last path: String) {
    self.init(path: path, reason: SystemReason.last)
  }

  /// An error with a reason.
  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  /// The file and the reason.
  package var description: String { "\(path): \(reason)" }
}

/// Files that hold either the whole of what was written or what was there before.
package enum AtomicFile {
  /// The end of the names of files that are not finished.
  package static let unfinished = ".part"

  /// Writes a file beside its place, puts it on disk, and renames it.
  ///
  /// - Throws: ``FileError``; the old file is then as it was, and the new one is removed.
  package static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(FileError) {
    let temporary = "\(path).\(UInt32.random(in: 0 ... .max))\(unfinished)"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(last: path) }
    do throws(FileError) {
      do throws(FileError) {
        try append(bytes, to: descriptor, path: path)
        guard fsync(descriptor) == 0 else { throw FileError(last: path) }
      } catch {
        close(descriptor)
        throw error
      }
      guard close(descriptor) == 0, rename(temporary, path) == 0 else {
        throw FileError(last: path)
      }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Writes bytes to an open file, all of them.
  package static func append(
    _ bytes: some Sequence<UInt8>, to descriptor: Int32, path: String
  ) throws(FileError) {
    let bytes = Array(bytes)
    var offset = 0
    while offset < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        buffer.baseAddress.map {
          Foundation.write(descriptor, $0 + offset, buffer.count - offset)
        } ?? 0
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw FileError(last: path) }
      offset += written
    }
  }

  /// Waits until what was renamed in a folder is on disk.
  package static func synchronize(folder path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(last: path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(last: path) }
  }
}
