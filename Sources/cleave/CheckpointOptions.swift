import ArgumentParser
import Checkpoints
import Files
import Foundation
import Networks
import Tensors

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

  @Option(
    help: ArgumentHelp(
      "The images that the network takes, such as 32x32x3, in place of what the file says or "
        + "leaves open. (default: those of the data set, or the architecture's)",
      valueName: "hxwxc"),
    transform: CheckpointOptions.shape)
  var inputShape: Shape?

  /// A shape written with crosses between its extents.
  private static func shape(_ text: String) throws -> Shape {
    let parts = text.split(omittingEmptySubsequences: false) { "x×".contains($0) }
    let extents = parts.compactMap { Int($0) }
    guard extents.count == parts.count, Checkpoint.isInputShape(extents) else {
      throw ValidationError(
        "--input-shape expects \(Checkpoint.inputShapeWords), such as 32x32x3, found '\(text)'")
    }
    return Shape(extents)
  }

  /// The options by their names, and whether each is given.
  var given: [(name: String, isGiven: Bool)] {
    [
      ("--architecture", architecture != nil), ("--input-shape", inputShape != nil),
      ("--configuration", configuration != nil),
    ]
  }

  /// Reads the checkpoint.
  ///
  /// - Parameter imageShape: the shape of the images that are to go in, if it is known.
  func read(_ path: String, imageShape: Shape? = nil) throws -> Checkpoint {
    // Checked even where the checkpoint needs no name, so that a wrong one is never ignored.
    if let architecture { _ = try Architecture.named(architecture) }
    if case .folder(isSavedModel: false) = FileContent(of: path) {
      let best = "\(path)/best.h5"
      let hint = FileManager.default.fileExists(atPath: best) ? "; did you mean \(best)?" : ""
      throw CommandFailure(message: "\(path) is a folder, not a checkpoint\(hint)", status: 1)
    }
    return try Checkpoint.read(
      path, architecture: architecture, inputShape: inputShape, imageShape: imageShape,
      configuration: configuration)
  }
}

/// Whether a path leads to a folder.
func isFolder(_ path: String) -> Bool {
  var isDirectory: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    && isDirectory.boolValue
}
