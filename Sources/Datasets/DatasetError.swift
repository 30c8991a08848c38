public import HDF5
internal import Suggestions

/// What can go wrong between a recipe's `data` node and a batch of images.
public indirect enum DatasetError: Error, Equatable, Sendable {
  /// A file or folder cannot be read or written; `reason` is the system's.
  case inaccessible(file: String, reason: String)
  /// One of the files of a data set cannot be read, for the reason of another error; the data set
  /// can be read without it.
  case unreadable(DatasetError)
  /// A file does not hold what its format promises.
  case malformed(file: String, what: String, expected: String, found: String)
  /// A label names a class that the data set does not have; `sample` counts from 0.
  case labelOutOfRange(file: String, sample: Int, label: Int, classCount: Int)
  /// A data set's files are in none of the places looked at; `remedy` says how to get them.
  case notFound(dataset: String, searched: [String], remedy: String)
  /// A name is not one of the known ones; `nearest` is the known name it resembles most.
  case unknownName(kind: String, name: String, nearest: String?, known: [String])
  /// An option has a value it cannot have, or belongs to another kind of data set.
  case invalidOption(name: String, value: String, expected: String)
  /// The classes of two lists that belong together differ.
  case classes(ClassMismatch)
  /// A selection of classes or a split leaves no sample.
  case emptySelection(dataset: String, what: String)
  /// A transfer failed; what had arrived is kept and a repeated call continues from there.
  case transferFailed(url: String, reason: String)
  /// A file's bytes are not the published ones.
  case checksumMismatch(file: String, expected: String, found: String)
  /// An archive has an entry that is unsafe or unsupported.
  case unsafeArchive(file: String, entry: String, reason: String)
  /// The image library was built without a format.
  case unsupportedFormat(String)
  /// An HDF5 file is bad.
  case hdf5(HDF5Error)
}

extension DatasetError: CustomStringConvertible {
  /// What was wrong, where, and what was expected instead.
  public var description: String {
    switch self {
    case .inaccessible(let file, let reason):
      "\(file): \(reason)"
    case .unreadable(let error):
      "\(error); `data.unreadable: skip` leaves out what cannot be read"
    case .malformed(let file, let what, let expected, let found):
      "\(file): \(what): expected \(expected), found \(found)"
    case .labelOutOfRange(let file, let sample, let label, let classCount):
      "\(file): sample \(sample) has label \(label), expected 0 to \(classCount - 1)"
    case .notFound(let dataset, let searched, let remedy):
      "\(dataset) was not found; looked in \(searched.joined(separator: ", ")). \(remedy)"
    case .unknownName(let kind, let name, let nearest, let known):
      "unknown \(kind) '\(name)'"
        + (nearest.map { "; did you mean '\($0)'?" }
          ?? "; known are \(known.prefix(20).joined(separator: ", "))")
    case .invalidOption(let name, let value, let expected):
      "\(name): expected \(expected), found \(value)"
    case .classes(let mismatch):
      "\(mismatch)"
    case .emptySelection(let dataset, let what):
      "\(dataset): \(what) leaves no sample"
    case .transferFailed(let url, let reason):
      "\(url): \(reason); a repeated fetch continues where this one stopped"
    case .checksumMismatch(let file, let expected, let found):
      "\(file): checksum \(found) differs from the published \(expected); the file is damaged"
    case .unsafeArchive(let file, let entry, let reason):
      "\(file): entry '\(entry)' \(reason)"
    case .unsupportedFormat(let name):
      "this libgd was built without \(name): install one with it (Debian's libgd-dev has it)"
    case .hdf5(let error):
      "\(error)"
    }
  }
}

extension DatasetError {
  /// The error for a name that is not among the known ones.
  package static func unknown(_ kind: String, _ name: String, among known: [String]) -> Self {
    .unknownName(
      kind: kind, name: name, nearest: NearestName.of(name, among: known), known: known)
  }

  /// Reason why a file cannot be read, without the way to do without it.
  var cause: DatasetError {
    if case .unreadable(let error) = self { return error }
    return self
  }
}
