internal import Datasets
internal import Foundation
internal import Tensors
internal import Training

/// Image files as a network takes them.
struct ImageInput {
  /// `[height, width, channels]` of what is taken.
  let shape: Shape
  /// How images of other sizes are brought to it.
  let sizing: ImageSizing

  /// Takes the shape of a network's images.
  ///
  /// - Throws: ``ExperimentError/notImages(_:)`` if it is none of images in grey or colour; `name` is
  ///   what it is called.
  init(_ shape: Shape, _ sizing: ImageSizing?, of name: String) throws {
    guard PixelImage.holds(shape) else { throw ExperimentError.notImages(name) }
    self.shape = shape
    self.sizing = sizing ?? .cropping
  }

  /// Pixels of a file, brought to the shape: `[1, height, width, channels]`.
  ///
  /// - Throws: `DatasetError` naming the file.
  func pixels(of file: String) throws -> Tensor<Float> {
    var image = try ImageFile.read(file).resized(height: shape[0], width: shape[1], sizing)
    image = shape[2] == 1 ? image.grey() : image.colour()
    return Tensor(shape.prepending(1), image.bytes.map(Float.init))
  }

  /// An image file, or those in a folder and the folders below it in the order of their paths.
  ///
  /// - Parameter observer: told of files that are left out.
  /// - Throws: ``ExperimentError/noImageFiles(_:)`` if there are none.
  static func files(_ path: String, observer: any TrainingObserver) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ExperimentError.noImageFiles(path)
    }
    guard isFolder.boolValue else { return [path] }
    let listing = try ImageFileListing(path)
    if let remark = listing.remark { observer.noted(remark) }
    guard !listing.files.isEmpty else { throw ExperimentError.noImageFiles(path) }
    return listing.files
  }
}
