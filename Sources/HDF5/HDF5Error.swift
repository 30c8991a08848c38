/// What can be wrong with an HDF5 file, or with reading and writing one.
public enum HDF5Error: Error, Hashable, Sendable {
  /// There is no file at the path.
  case missingFile(String)
  /// The file exists but cannot be read: permissions, a directory, locked by another program.
  case unreadableFile(String, reason: String)
  /// The file has no bytes.
  case emptyFile(String)
  /// The file is something else; `found` describes its first bytes.
  case notHDF5(String, found: String)
  /// The file is shorter than it says it is; `expected` bytes if it could still be read.
  case truncatedFile(String, expected: Int?, found: Int)
  /// The file starts as HDF5 does, but the library cannot make sense of it.
  case corruptFile(String, reason: String)
  /// No object has this path; `nearest` is the most similar name beside it.
  case missingObject(HDF5Location, nearest: String?)
  /// The object has no attribute of this name.
  case missingAttribute(HDF5Location, name: String, nearest: String?)
  /// The object is of another kind, such as a group where a dataset was wanted.
  case wrongKind(HDF5Location, expected: String, found: String)
  /// The elements have a type that cannot be read as what was wanted.
  case wrongType(HDF5Location, expected: String, found: String)
  /// The extents are not what was wanted.
  case wrongShape(HDF5Location, expected: String, found: [Int])
  /// A number does not fit the type it is read as.
  case valueOutOfRange(HDF5Location, type: String)
  /// The text is not UTF-8.
  case notText(HDF5Location)
  /// The path leads out of the file, which is never followed.
  case externalLink(HDF5Location, target: String)
  /// Soft links lead in a circle, or through too many steps.
  case linkCycle(HDF5Location)
  /// The dataset is stored in a way that is not supported, such as a filter of a plugin.
  case unsupportedStorage(HDF5Location, found: String)
  /// The object claims more bytes than what is stored can hold.
  case implausibleSize(HDF5Location, claimedBytes: Int?, storedBytes: Int)
  /// Something of this name exists already.
  case alreadyExists(HDF5Location)
  /// The file cannot be written: a missing or unwritable directory, a full disk.
  case unwritableFile(String, reason: String)
  /// The library could not do what was asked; the file may be damaged.
  case failed(HDF5Location, action: String, reason: String)
}

extension HDF5Error: CustomStringConvertible {
  /// What was wrong, where, what was expected and what was found, in one line.
  public var description: String {
    switch self {
    case .missingFile(let file): "\(file): no such file"
    case .unreadableFile(let file, let reason): "\(file): cannot be read: \(reason)"
    case .emptyFile(let file): "\(file): the file is empty, expected an HDF5 file"
    case .notHDF5(let file, let found): "\(file): expected an HDF5 file, found \(found)"
    case .truncatedFile(let file, let expected, let found):
      "\(file): the file is truncated: "
        + (expected.map { "expected \($0) bytes, found \(found)" } ?? "it ends after \(found) bytes")
    case .corruptFile(let file, let reason): "\(file): the HDF5 file is damaged: \(reason)"
    case .missingObject(let place, let nearest): "\(place): no such object" + hint(nearest)
    case .missingAttribute(let place, let name, let nearest):
      "\(place): no attribute '\(name)'" + hint(nearest)
    case .wrongKind(let place, let expected, let found),
      .wrongType(let place, let expected, let found):
      "\(place): expected \(expected), found \(found)"
    case .wrongShape(let place, let expected, let found):
      "\(place): expected \(expected), found shape \(HDF5Error.text(found))"
    case .valueOutOfRange(let place, let type): "\(place): a value does not fit \(type)"
    case .notText(let place): "\(place): expected UTF-8 text, found other bytes"
    case .externalLink(let place, let target):
      "\(place): leads to another file (\(target)); other files are never opened"
    case .linkCycle(let place): "\(place): soft links lead in a circle"
    case .unsupportedStorage(let place, let found): "\(place): unsupported storage: \(found)"
    case .implausibleSize(let place, let claimed, let stored):
      "\(place): claims \(claimed.map(String.init) ?? "more than 2^63") bytes, "
        + "but only \(stored) are stored"
    case .alreadyExists(let place): "\(place): exists already"
    case .unwritableFile(let file, let reason): "\(file): cannot be written: \(reason)"
    case .failed(let place, let action, let reason): "\(place): \(action) failed: \(reason)"
    }
  }

  private func hint(_ nearest: String?) -> String {
    nearest.map { " (did you mean '\($0)'?)" } ?? ""
  }

  /// Extents as people write them, such as `3×3×16`.
  static func text(_ shape: [Int]) -> String {
    shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: "×")
  }
}
