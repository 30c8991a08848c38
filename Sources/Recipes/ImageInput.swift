internal import Datasets
internal import Foundation
internal import Tensors
internal import Training

/// Image files as a network takes them.
struct ImageInput {
  /// `[height, width, channels]` of what is taken.
  let shape: Shape
  /// Way in which images of other sizes are brought to it.
  let sizing: ImageSizing

  /// Takes the shape of a network's images.
  ///
  /// - Throws: ``ExperimentError/takesNoImages(_:_:)`` if it is none of images in grey or colour; `name` is
  ///   what it is called.
  init(_ shape: Shape, _ sizing: ImageSizing?, of name: String) throws {
    guard PixelImage.holds(shape) else { throw ExperimentError.takesNoImages(name, shape) }
    self.shape = shape
    self.sizing = sizing ?? .cropping
  }

  /// Pixels of a file, brought to the shape: `[1, height, width, channels]`; and where its picture lies
  /// in them.
  ///
  /// - Throws: `DatasetError` naming the file.
  func pixels(of file: String) throws -> (pixels: Tensor<Float>, placement: ImagePlacement) {
    let picture = try ImageFile.read(file)
    let placement = ImagePlacement(
      of: ImageSize(height: picture.height, width: picture.width),
      in: ImageSize(height: shape[0], width: shape[1]), sizing.resize)
    var image = picture.resized(height: shape[0], width: shape[1], sizing)
    image = shape[2] == 1 ? image.grey() : image.colour()
    return (Tensor(shape.prepending(1), image.bytes.map(Float.init)), placement)
  }

  /// Image files, and those in folders and the folders below them in the order of their paths.
  ///
  /// A path of nothing is among them if others are of something: what cannot be read is said as
  /// such.
  ///
  /// - Parameter observer: told of files that are left out.
  /// - Throws: ``ExperimentError/noImageFiles(_:)`` for a folder without images, or if there is
  ///   nothing at any path.
  static func files(_ paths: [String], observer: any TrainingObserver) throws -> [String] {
    guard paths.contains(where: FileManager.default.fileExists) else {
      throw ExperimentError.noImageFiles(paths.first ?? "")
    }
    return try paths.flatMap { path in
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      guard isFolder.boolValue else { return [path] }
      let listing = try ImageFileListing(path)
      if let remark = listing.remark { observer.noted(remark) }
      guard !listing.files.isEmpty else { throw ExperimentError.noImageFiles(path) }
      return listing.files
    }
  }
}
