internal import Glibc

/// A file that takes its place only when it is complete.
///
/// It is written beside its destination under another name; ``commit()`` makes sure it is on
/// disk and renames it. Letting the value go without that removes it and leaves what was there.
public struct HDF5AtomicFile: ~Copyable {
  /// The file to write into; do not close it.
  public let file: HDF5File

  private let destination: String
  private let temporary: String
  private var isCommitted = false

  /// Starts a file that will be at a path.
  ///
  /// - Throws: ``HDF5Error/unwritableFile(_:reason:)``.
  public init(at path: String) throws(HDF5Error) {
    let (directory, name) = HDF5AtomicFile.split(path)
    guard !name.isEmpty else { throw .unwritableFile(path, reason: "the path names no file") }
    var status = stat()
    guard stat(directory, &status) == 0 else {
      throw .unwritableFile(path, reason: "directory '\(directory)': \(FileProbe.errorText())")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw .unwritableFile(path, reason: "'\(directory)' is not a directory")
    }
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw .unwritableFile(path, reason: "it exists and is not a regular file")
    }
    let suffix = String(UInt64.random(in: 0 ... .max), radix: 36)
    let temporary = "\(directory)/.\(name).\(suffix).tmp"
    let file = try HDF5File(creating: temporary, shownAs: path, replacing: false)
    self.file = file
    self.temporary = temporary
    destination = path
  }

  deinit {
    guard !isCommitted else { return }
    try? file.finish()
    // A file that could not be written stays open; it shall not take space on the disk.
    truncate(temporary, 0)
    unlink(temporary)
  }

  /// Completes the file: closes it, waits until it is on disk, and puts it in its place.
  ///
  /// - Throws: ``HDF5Error/unwritableFile(_:reason:)``; what was at the destination is then still
  ///   there, and the new file is removed.
  public consuming func commit() throws(HDF5Error) {
    try file.finish()
    guard HDF5AtomicFile.synchronise(temporary), rename(temporary, destination) == 0 else {
      throw .unwritableFile(destination, reason: FileProbe.errorText())
    }
    isCommitted = true
    // The rename itself is on disk once the directory is.
    guard HDF5AtomicFile.synchronise(HDF5AtomicFile.split(destination).directory) else {
      throw .unwritableFile(destination, reason: FileProbe.errorText())
    }
  }

  private static func split(_ path: String) -> (directory: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let directory = path[..<slash]
    return (directory.isEmpty ? "/" : String(directory), String(path[path.index(after: slash)...]))
  }

  /// Waits until a file or directory is on disk.
  private static func synchronise(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return fsync(descriptor) == 0
  }
}

extension HDF5File {
  /// Writes a file so that its path holds either the whole of it or what was there before.
  ///
  /// The file is written beside its destination, put on disk, and renamed. If anything fails, the
  /// new file is removed and the old one is left.
  ///
  /// For a body that throws errors of its own, use ``HDF5AtomicFile``.
  ///
  /// - Throws: what the body throws, and ``HDF5Error/unwritableFile(_:reason:)``.
  public static func writeAtomically<Result>(
    to path: String, _ body: (borrowing HDF5File) throws(HDF5Error) -> Result
  ) throws(HDF5Error) -> Result {
    let pending = try HDF5AtomicFile(at: path)
    let result = try body(pending.file)
    try pending.commit()
    return result
  }
}
