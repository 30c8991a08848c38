internal import Files
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
    do throws(FileError) { entries = try Folder.entries(path) } catch { throw ExportError(error) }
    if let foreign = entries.first(where: { !ExportBundle.isFileName($0) }) {
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
    do throws(FileError) {
      try Folder.create(temporary)
    } catch { throw .inaccessible(path: parent, reason: error.reason) }
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    try writing { () throws(FileError) in
      for (name, bytes) in files { try AtomicFile.write(bytes, to: "\(temporary)/\(name)") }
      try AtomicFile.synchronize(folder: temporary)
    }
    // What may have come in since the first check is not lost either.
    try check(target)
    try replace(target, by: temporary)
    try writing { () throws(FileError) in try AtomicFile.synchronize(folder: parent) }
  }

  /// Encodes a manifest, with keys in a fixed order.
  static func encode(_ manifest: ExportManifest) throws(ExportError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(manifest)) + [UInt8(ascii: "\n")]
    } catch {
      throw .inaccessible(path: ExportManifest.fileName, reason: DecodingFlaw.words(error))
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
  private static func replace(_ old: String, by new: String) throws(ExportError) {
    // An empty directory is replaced at once. A full one is moved aside first: should the process
    // end between the two steps, both stand side by side, whole.
    if rename(new, old) == 0 { return }
    guard errno == EEXIST || errno == ENOTEMPTY else { throw systemError(old) }
    let aside = new + ".old"
    guard rename(old, aside) == 0 else { throw systemError(old) }
    guard rename(new, old) == 0 else {
      let error = systemError(old)
      _ = rename(aside, old)
      throw error
    }
    try? FileManager.default.removeItem(atPath: aside)
  }

  private static func writing(_ body: () throws(FileError) -> Void) throws(ExportError) {
    do throws(FileError) { try body() } catch { throw ExportError(error) }
  }

  private static func systemError(_ path: String) -> ExportError {
    ExportError(FileError(last: path))
  }
}

extension ExportError {
  /// The error of a file or folder that cannot be read or written.
  init(_ error: FileError) { self = .inaccessible(path: error.path, reason: error.reason) }
}
