internal import Datasets
internal import Foundation
internal import Tensors

/// Image files as a network takes them.
struct ImageInput {
  /// `[height, width, channels]` of what is taken.
  let shape: Shape

  /// Takes the shape of a network's images.
  ///
  /// - Throws: ``ExperimentError/notImages(_:)`` if it is none of images in grey or colour; `name` is
  ///   what it is called.
  init(_ shape: Shape, of name: String) throws {
    guard PixelImage.holds(shape) else { throw ExperimentError.notImages(name) }
    self.shape = shape
  }

  /// Pixels of a file, brought to the shape: `[1, height, width, channels]`.
  ///
  /// - Throws: `DatasetError` naming the file.
  func pixels(of file: String) throws -> Tensor<Float> {
    var image = try ImageFile.read(file, height: shape[0], width: shape[1])
    image = shape[2] == 1 ? image.grey() : image.colour()
    return Tensor(shape.prepending(1), image.bytes.map(Float.init))
  }

  /// An image file, or those in a folder and the folders below it in the order of their paths.
  ///
  /// - Throws: ``ExperimentError/noImageFiles(_:)`` if there are none.
  static func files(_ path: String) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ExperimentError.noImageFiles(path)
    }
    guard isFolder.boolValue else { return [path] }
    let names = (FileManager.default.subpaths(atPath: path) ?? []).sorted()
      .filter { !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
      .filter(ImageFolder.isImage)
    guard !names.isEmpty else { throw ExperimentError.noImageFiles(path) }
    return names.map { "\(path)/\($0)" }
  }
}
