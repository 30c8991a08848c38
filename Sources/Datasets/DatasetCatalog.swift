internal import Files
internal import Foundation

/// The public data sets that can be fetched, and the engine that fetches and verifies them.
public struct DatasetCatalog: Sendable {
  /// The data sets known to the project, from their authors' addresses.
  public static let official = DatasetCatalog(entries: [.fashionMNIST, .cifar10, .cifar100])

  /// The data sets.
  public let entries: [CatalogEntry]

  /// The list of unpacked files with their checksums, in the format of `sha256sum`.
  private static let manifestName = "SHA256SUMS"

  /// Creates a catalogue.
  public init(entries: [CatalogEntry]) { self.entries = entries }

  /// The data set of a name.
  ///
  /// - Throws: ``DatasetError/unknownName(kind:name:nearest:known:)``.
  public func entry(_ name: String) throws(DatasetError) -> CatalogEntry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw .unknown("data set", name, among: entries.map(\.name))
    }
    return entry
  }

  /// Fetches a data set into a directory, skipping what is there and intact.
  ///
  /// Each file is continued where an earlier transfer stopped, checked against its published
  /// checksum, and only then given its name; an archive is unpacked and removed.
  ///
  /// - Returns: the folder of the data set.
  /// - Throws: ``DatasetError``.
  @discardableResult
  public func fetch(
    _ name: String, into directory: DataDirectory, progress: DatasetProgress.Handler? = nil
  ) throws(DatasetError) -> String {
    let entry = try entry(name)
    let folder = directory.folder(of: name)
    try createFolder(directory.root)
    for file in entry.files {
      if file.isArchive {
        guard try !isUnpacked(folder) else { continue }
        let archive = joined(directory.root, file.name)
        try transfer(file, to: archive, progress)
        try unpack(archive, into: folder, progress)
      } else {
        try createFolder(folder)
        try transfer(file, to: joined(folder, file.name), progress)
      }
    }
    return folder
  }

  /// Compares a fetched data set with its checksums.
  ///
  /// - Throws: ``DatasetError`` for an unknown name or an unreadable file; files that are missing
  ///   or differ are part of the result.
  public func verify(
    _ name: String, in directory: DataDirectory, progress: DatasetProgress.Handler? = nil
  ) throws(DatasetError) -> [FileVerification] {
    let entry = try entry(name)
    let folder = directory.folder(of: name)
    var results: [FileVerification] = []
    for file in entry.files {
      if file.isArchive {
        results += try verifyUnpacked(folder, progress)
      } else {
        results.append(
          try FileVerification(file: joined(folder, file.name), expected: file.md5) {
            path throws(DatasetError) in try FileDigest.md5(path, progress: progress)
          })
      }
    }
    return results
  }

  private func transfer(
    _ file: CatalogEntry.File, to destination: String, _ progress: DatasetProgress.Handler?
  ) throws(DatasetError) {
    if exists(destination), try FileDigest.md5(destination) == file.md5 { return }
    var failure = DatasetError.transferFailed(url: file.name, reason: "no address is known")
    for url in file.urls {
      do throws(DatasetError) {
        try FileTransfer(url: url, destination: destination, md5: file.md5).run(progress: progress)
        return
      } catch {
        // Another address helps against a failing or altered source, not against a full disk.
        if case .inaccessible = error { throw error }
        failure = error
      }
    }
    throw failure
  }

  /// Unpacks beside the folder, lists the checksums, then gives the whole its name.
  private func unpack(
    _ archive: String, into folder: String, _ progress: DatasetProgress.Handler?
  ) throws(DatasetError) {
    let temporary = folder + ".unpacking"
    try remove(temporary)
    let bytes = try Gzip.inflate(readFile(archive), file: archive, progress: progress)
    let names = try TarArchive.unpack(bytes, file: archive, into: temporary)
    var manifest = ""
    for name in names.sorted() {
      manifest += "\(try FileDigest.sha256(joined(temporary, name)))  \(name)\n"
    }
    try writeFile(Array(manifest.utf8), to: joined(temporary, DatasetCatalog.manifestName))
    try remove(folder)
    guard rename(temporary, folder) == 0 else { throw systemError(folder) }
    try remove(archive)
  }

  private func isUnpacked(_ folder: String) throws(DatasetError) -> Bool {
    guard exists(joined(folder, DatasetCatalog.manifestName)) else { return false }
    return try verifyUnpacked(folder, nil).allSatisfy { $0.state == .intact }
  }

  private func verifyUnpacked(
    _ folder: String, _ progress: DatasetProgress.Handler?
  ) throws(DatasetError) -> [FileVerification] {
    let path = joined(folder, DatasetCatalog.manifestName)
    guard exists(path) else { return [FileVerification(file: path, state: .missing)] }
    let lines = try readText(path).split(whereSeparator: \.isNewline)
    var results: [FileVerification] = []
    for (index, line) in lines.enumerated() {
      let digest = String(line.prefix(64))
      let name = String(line.dropFirst(66))
      guard digest.utf8.count == 64, !name.isEmpty, !name.contains("..") else {
        throw .malformed(
          file: path, what: "line \(index + 1)", expected: "a SHA-256, two spaces and a name",
          found: String(line.prefix(80)))
      }
      results.append(
        try FileVerification(file: joined(folder, name), expected: digest) {
          path throws(DatasetError) in try FileDigest.sha256(path, progress: progress)
        })
    }
    guard !results.isEmpty else { return [FileVerification(file: path, state: .missing)] }
    return results
  }

  private func remove(_ path: String) throws(DatasetError) {
    guard exists(path) else { return }
    do { try FileManager.default.removeItem(atPath: path) } catch {
      throw .inaccessible(file: path, reason: SystemReason.of(error))
    }
  }
}
