import ArgumentParser
import Checkpoints
import Files
import Foundation
import Networks

/// What a checkpoint does not say of itself.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The architecture of a PyTorch checkpoint, such as resnet20.", valueName: "name"))
  var architecture: String?

  @Option(
    help: ArgumentHelp(
      "The JSON description of a Keras checkpoint that holds weights only.", valueName: "file"))
  var configuration: String?

  /// Reads the checkpoint.
  func read(_ path: String) throws -> Checkpoint {
    // Checked even where the checkpoint needs no name, so that a wrong one is never ignored.
    if let architecture { _ = try Architecture.named(architecture) }
    guard !isFolder(path) else {
      let best = "\(path)/best.h5"
      let hint = FileManager.default.fileExists(atPath: best) ? "; did you mean \(best)?" : ""
      throw CommandFailure(message: "\(path) is a folder, not a checkpoint\(hint)", status: 1)
    }
    return try Checkpoint.read(path, architecture: architecture, configuration: configuration)
  }
}

/// Tells checkpoints from other files.
enum CheckpointFile {
  /// Whether a file begins as HDF5 files do, or has the ending of one.
  static func isOne(_ path: String) throws -> Bool {
    if path.hasSuffix(".h5") || path.hasSuffix(".hdf5") || path.hasSuffix(".keras") { return true }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw CommandFailure(message: "\(path): \(SystemReason.last)", status: 1)
    }
    defer { try? handle.close() }
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
    return try handle.read(upToCount: signature.count).map { Array($0) == signature } ?? false
  }
}

/// Whether a path leads to a folder.
func isFolder(_ path: String) -> Bool {
  var isDirectory: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    && isDirectory.boolValue
}
