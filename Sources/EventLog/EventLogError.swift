internal import Files

/// Why an event file cannot be written.
public enum EventLogError: Error, Equatable, CustomStringConvertible {
  /// A file or directory cannot be read or written.
  case inaccessible(path: String, reason: String)
  /// The file to be continued is no event file from its first record on.
  case notAnEventFile(path: String)

  /// What is wrong, and where.
  public var description: String {
    switch self {
    case .inaccessible(let path, let reason): "\(path): \(reason)"
    case .notAnEventFile(let path): "\(path) does not begin with a record of TensorBoard events"
    }
  }
}

extension EventLogError {
  /// The error of a file or directory that cannot be read or written.
  init(_ error: FileError) { self = .inaccessible(path: error.path, reason: error.reason) }
}
