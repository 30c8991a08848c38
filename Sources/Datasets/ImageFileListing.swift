internal import Foundation

/// The image files in a folder and all folders below it.
///
/// A file is one if its name ends as that of an image does or, whatever its name, if it begins as
/// one does. Hidden files are passed over.
package struct ImageFileListing {
  /// The paths of images: those of a folder in the order of their names, before those of the
  /// folders in it.
  package private(set) var files: [String] = []
  /// The paths of all other files.
  package private(set) var others: [String] = []

  private let folder: String

  /// A remark on the other files, if there are any.
  package var remark: String? {
    LeftOut.remark(
      "\(folder): files left out, as they are no images that are read",
      relative(others, to: folder))
  }

  /// Lists a folder.
  ///
  /// - Throws: ``DatasetError/inaccessible(file:reason:)`` if it, or one below it, cannot be listed.
  package init(_ folder: String) throws(DatasetError) {
    self.folder = folder
    try add(folder, within: [])
  }

  /// Adds what is in a folder.
  ///
  /// - Parameter parents: the folders it is in, of which a link may lead back to one.
  private mutating func add(
    _ folder: String, within parents: Set<FolderIdentity>
  ) throws(DatasetError) {
    guard let identity = FolderIdentity(folder), !parents.contains(identity) else { return }
    var folders: [String] = []
    for name in try listFolder(folder) {
      let path = joined(folder, name)
      if isFolder(path) {
        folders.append(path)
      } else if ImageKind.isNamed(name) || ImageFileListing.beginsAsImage(path) {
        files.append(path)
      } else {
        others.append(path)
      }
    }
    for path in folders { try add(path, within: parents.union([identity])) }
  }

  private static func beginsAsImage(_ path: String) -> Bool {
    guard let handle = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? handle.close() }
    let head = (try? handle.read(upToCount: ImageKind.headLength)) ?? Data()
    return ImageKind([UInt8](head)) != nil
  }
}

/// Identity of a folder, whatever path leads to it.
private struct FolderIdentity: Hashable {
  var device: UInt64
  var node: UInt64

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    (device, node) = (UInt64(status.st_dev), UInt64(status.st_ino))
  }
}

/// Paths as they are called within a folder.
func relative(_ paths: [String], to folder: String) -> [String] {
  let prefix = joined(folder, "")
  return paths.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
}
