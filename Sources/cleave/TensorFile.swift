import Checkpoints
import Codecs
import Files
import Foundation
import HDF5
import Tensors

/// Where a tensor is kept: a .npy file, or a dataset of an HDF5 file, `file.h5:path/in/file`.
enum TensorFile {
  /// How many axes a stream can name.
  private static let mostAxes = 8

  /// What commands say of an argument that names one.
  static let help: String =
    "A tensor of float32 or float64: a .npy file, or file.h5:path/in/file."

  /// Reads a tensor; float64 is rounded to float32.
  static func read(_ argument: String) throws -> Tensor<Float> {
    let tensor: Tensor<Float>
    if let (file, path) = try source(argument) {
      tensor = try read(path, in: file)
    } else {
      tensor = try NumPyFile.read(argument)
    }
    guard tensor.shape.rank <= mostAxes else {
      throw CommandFailure(
        message: "\(argument) has \(tensor.shape.rank) axes, streams have at most \(mostAxes)",
        status: 1)
    }
    return tensor
  }

  /// File and path of an argument that leads into an HDF5 file; nil for a NumPy file.
  ///
  /// What a file is, its content says.
  private static func source(_ argument: String) throws -> (file: String, path: String)? {
    let content = FileContent(of: argument)
    switch content {
    case .hdf5: throw try pathNeeded(argument)
    case .missing:
      // Names may have colons in them.
      for colon in argument.indices.reversed() where argument[colon] == ":" {
        let file = String(argument[..<colon])
        let path = String(argument[argument.index(after: colon)...])
        if FileContent(of: file) == .hdf5 {
          if path.isEmpty { throw try pathNeeded(file) }
          return (file, path)
        }
      }
      return try place(argument)
    case .numpyArray, .unreadable, .device: return nil
    default:
      throw CommandFailure(
        message: ForeignFile.message(
          argument, content, expected: "a NumPy array (.npy), or file.h5:path/in/file"), status: 1)
    }
  }

  private static func read(_ path: String, in file: String) throws -> Tensor<Float> {
    let opened = try HDF5File(reading: file)
    let dataset = try opened.dataset(path)
    guard dataset.elementType.isFloatingPoint else {
      throw HDF5Error.wrongType(
        dataset.location, expected: "floating-point numbers", found: "\(dataset.elementType)")
    }
    return Tensor(Shape(dataset.shape), try dataset.read(as: Float.self))
  }

  /// Writes a tensor, whole or not at all.
  ///
  /// An HDF5 file must not be there yet: it would lose what else it holds.
  static func write(_ tensor: Tensor<Float>, to argument: String) throws {
    guard let (file, path) = try place(argument) else {
      return try NumPyFile.write(tensor, to: argument)
    }
    guard !FileManager.default.fileExists(atPath: file) else {
      throw CommandFailure(
        message: "\(file) exists; a tensor is only written to an HDF5 file of its own", status: 1)
    }
    try HDF5File.writeAtomically(to: file) { (opened) throws(HDF5Error) in
      try opened.write(tensor.scalars, to: path, shape: tensor.shape.dimensions)
    }
  }

  /// File and path of an argument that names an HDF5 file; nil for any other.
  private static func place(_ argument: String) throws -> (file: String, path: String)? {
    for ending in [".h5", ".hdf5", ".keras"] {
      if let range = argument.range(of: ending + ":") {
        let path = String(argument[range.upperBound...])
        let file = String(argument[..<argument.index(before: range.upperBound)])
        if !path.isEmpty { return (file, path) }
        throw try pathNeeded(file)
      }
      if argument.hasSuffix(ending) { throw try pathNeeded(argument) }
    }
    return nil
  }

  private static func pathNeeded(_ file: String) throws -> CommandFailure {
    var message = "\(file) needs a path in it, as in \(file):path/in/file"
    if FileManager.default.fileExists(atPath: file) {
      let paths = try HDF5File(reading: file).datasetPaths()
      if !paths.isEmpty {
        message +=
          "; it holds \(paths.prefix(10).joined(separator: ", "))\(paths.count > 10 ? ", …" : "")"
      }
    }
    return CommandFailure(message: message, status: 2)
  }
}
