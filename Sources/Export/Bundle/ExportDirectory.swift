internal import Foundation

/// A directory that holds an export and nothing else, replaced as a whole.
enum ExportDirectory {
  /// Checks that a directory may be written: that it does not exist, is empty, or holds an export.
  ///
  /// - Throws: ``ExportError/directoryInUse(path:entry:)`` or
  ///   ``ExportError/inaccessible(path:reason:)``.
  static func check(_ path: String) throws(ExportError) {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return }
    guard isDirectory.boolValue else {
      throw .inaccessible(path: path, reason: "a file, not a directory")
    }
    let entries: [String]
    do {
      entries = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      throw .inaccessible(path: path, reason: error.localizedDescription)
    }
    if let foreign = entries.first(where: { !ExportBundle.fileNames.contains($0) }) {
      throw .directoryInUse(path: path, entry: foreign)
    }
    guard let first = entries.first else { return }
    let manifest = path + "/" + ExportManifest.fileName
    guard let data = FileManager.default.contents(atPath: manifest),
      let identity = try? decoder.decode(Identity.self, from: data),
      identity.format == ExportManifest.format
    else { throw .directoryInUse(path: path, entry: first) }
  }

  /// Writes files into a new directory, which then takes the place of the old one.
  ///
  /// - Throws: ``ExportError``; the directory is then as it was.
  static func write(_ files: [(String, [UInt8])], to path: String) throws(ExportError) {
    let target = URL(fileURLWithPath: path).standardizedFileURL.path
    let parent = URL(fileURLWithPath: target).deletingLastPathComponent().path
    let temporary = "\(target).\(UInt32.random(in: 0 ... .max)).tmp"
    do {
      try FileManager.default.createDirectory(
        atPath: temporary, withIntermediateDirectories: true)
    } catch {
      throw .inaccessible(path: parent, reason: error.localizedDescription)
    }
    // After the exchange this is what stood there before.
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    for (name, bytes) in files { try writeFile(bytes, to: "\(temporary)/\(name)") }
    try synchronize(temporary)
    // What may have come in since the first check is not lost either.
    try check(target)
    try exchange(temporary, target)
    try synchronize(parent)
  }

  /// Encodes a manifest, with keys in a fixed order.
  static func encode(_ manifest: ExportManifest) throws(ExportError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(manifest)) + [UInt8(ascii: "\n")]
    } catch {
      throw .inaccessible(path: ExportManifest.fileName, reason: "\(error)")
    }
  }

  /// Reads what ``encode(_:)`` writes.
  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  private struct Identity: Decodable {
    var format: String
  }

  /// Puts a directory in the place of another, or of none.
  private static func exchange(_ new: String, _ old: String) throws(ExportError) {
    // An empty directory is replaced at once, a full one exchanged where the file system can.
    if rename(new, old) == 0 { return }
    guard errno == EEXIST || errno == ENOTEMPTY else { throw systemError(old) }
    if renameat2(AT_FDCWD, new, AT_FDCWD, old, UInt32(RENAME_EXCHANGE)) == 0 { return }
    let aside = new + ".old"
    guard rename(old, aside) == 0 else { throw systemError(old) }
    guard rename(new, old) == 0 else {
      let error = systemError(old)
      _ = rename(aside, old)
      throw error
    }
    try? FileManager.default.removeItem(atPath: aside)
  }

  private static func writeFile(_ bytes: [UInt8], to path: String) throws(ExportError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemError(path) }
    defer { close(descriptor) }
    var offset = 0
    while offset < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        buffer.baseAddress.map {
          Foundation.write(descriptor, $0 + offset, buffer.count - offset)
        } ?? 0
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw systemError(path) }
      offset += written
    }
    guard fsync(descriptor) == 0 else { throw systemError(path) }
  }

  private static func synchronize(_ directory: String) throws(ExportError) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError(directory) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw systemError(directory) }
  }

  private static func systemError(_ path: String) -> ExportError {
    .inaccessible(path: path, reason: String(cString: strerror(errno)))
  }
}
