import Checkpoints
import Files

/// What an argument leads to that may be one of several things.
enum Subject {
  /// A folder, which may be that of a run.
  case folder
  /// A checkpoint, or what is read as one.
  case checkpoint
  /// Text, which may be a recipe.
  case recipe

  /// Refuses an argument that is a file where a folder is needed.
  ///
  /// What a folder lacks is left for whoever reads it to say.
  static func requireFolder(_ path: String, expected: String) throws {
    switch FileContent(of: path) {
    case .missing, .unreadable, .folder(isSavedModel: false): return
    case let content:
      throw CommandFailure(message: "\(path) is \(content), expected \(expected)", status: 1)
    }
  }

  /// Tells what is at a path by its content.
  ///
  /// - Parameter expected: what a command takes, as in "expected …".
  /// - Throws: `CommandFailure` if there is nothing, or if it is none of the three.
  init(_ path: String, expected: String) throws {
    let content = FileContent(of: path)
    switch content {
    case .missing:
      throw CommandFailure(message: "\(path) does not exist, expected \(expected)", status: 1)
    case .unreadable(let reason):
      throw CommandFailure(message: "\(path) cannot be read: \(reason)", status: 1)
    case .folder(isSavedModel: false): self = .folder
    case .hdf5: self = .checkpoint
    case .json, .text, .device: self = .recipe
    default:
      throw CommandFailure(
        message: ForeignFile.message(path, content, expected: expected), status: 1)
    }
  }
}
