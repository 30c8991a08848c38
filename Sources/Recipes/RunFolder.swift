internal import Files
internal import Foundation
internal import Glibc
internal import Training

/// The folder of a run while a process works in it: made if need be, and locked.
final class RunFolder {
  /// The folders that were made for the run, the outermost first.
  private let made: [String]
  private let lock: Int32

  /// Makes the folder and those it is in, locks it, and removes what a killed process left there.
  ///
  /// - Throws: `RunDirectoryError.unwritable` if it cannot be made or opened,
  ///   ``ExperimentError/busy(_:)`` if another process trains in it.
  init(_ path: String) throws {
    let made = try RunFolder.make(path)
    let lock = try RunFolder.lock(path)
    self.made = made
    self.lock = lock
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for entry in entries where RunFolder.isLeftover(entry) { unlink("\(path)/\(entry)") }
  }

  deinit { close(lock) }

  /// Removes the folders that were made, as far as they are empty.
  func discard() {
    for folder in made.reversed() { rmdir(folder) }
  }

  private static func lock(_ path: String) throws -> Int32 {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    // A file system without locks is used as it is.
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      close(descriptor)
      throw ExperimentError.busy(path)
    }
    return descriptor
  }

  /// Whether another process is at work in a folder.
  static func isBusy(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  private static func make(_ path: String) throws -> [String] {
    var missing: [String] = []
    var current = path[...]
    while !current.isEmpty, !FileManager.default.fileExists(atPath: String(current)) {
      missing.append(String(current))
      // By hand, since Foundation's `deletingLastPathComponent` traps on a name of one letter.
      while current.last == "/" { current.removeLast() }
      current = current[..<(current.lastIndex(of: "/") ?? current.startIndex)]
    }
    var made: [String] = []
    for folder in missing.reversed() {
      guard mkdir(folder, 0o777) == 0 else {
        let failure = failure(folder)
        for folder in made.reversed() { rmdir(folder) }
        throw failure
      }
      made.append(folder)
    }
    return made
  }

  private static func failure(_ path: String) -> RunDirectoryError {
    .unwritable(path: path, reason: SystemReason.last)
  }

  /// Whether a file was being written beside its place when its process ended.
  private static func isLeftover(_ name: String) -> Bool {
    let isCheckpoint = name.hasPrefix(".last.h5.") || name.hasPrefix(".best.h5.")
    if isCheckpoint { return name.hasSuffix(".tmp") }
    return ["recipe.yaml.", "report.json.", "metrics.jsonl."].contains { name.hasPrefix($0) }
      && name.hasSuffix(".part")
  }
}
