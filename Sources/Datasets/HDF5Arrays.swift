internal import HDF5
internal import Tensors

/// Reads data sets that are arrays in an HDF5 file.
public enum HDF5Arrays {
  /// A data set of images, uint8 `[count, height, width, channels]` or `[count, height, width]`,
  /// and labels, integers `[count]` or `[count, 1]`, at two paths of a file.
  ///
  /// Pixels are read from the file when they are asked for; see ``ImageDataset/loaded(byteLimit:progress:)``.
  ///
  /// - Parameter classNames: the classes in order; nil: numbers, as many as the labels need.
  /// - Throws: ``DatasetError`` if the file or an array is missing or damaged, has another type or
  ///   shape, or a label is out of range.
  public static func dataset(
    name: String, file: String, images imagePath: String, labels labelPath: String,
    classNames: [String]? = nil
  ) throws(DatasetError) -> ImageDataset {
    try dataset(
      name: name, file: file, paths: HDF5ArrayPaths(images: imagePath, labels: labelPath),
      classNames: classNames)
  }

  static func labels(file: String, path: String) throws(DatasetError) -> [Int32] {
    do throws(HDF5Error) {
      let dataset = try HDF5File(reading: file).dataset(path)
      guard dataset.elementType.isInteger else {
        throw HDF5Error.wrongType(
          dataset.location, expected: "integers", found: "\(dataset.elementType)")
      }
      guard dataset.shape.count == 1 || (dataset.shape.count == 2 && dataset.shape[1] == 1) else {
        throw HDF5Error.wrongShape(
          dataset.location, expected: "one label an image", found: dataset.shape)
      }
      return try dataset.read(as: Int32.self)
    } catch { throw .hdf5(error) }
  }
}

/// Names for classes that have none: the numbers from 0 to the largest label.
func numberedClasses(_ labels: [Int32]) -> [String] {
  // A label beyond any plausible number of classes is left for the range check to report.
  (0...max(0, min(Int(labels.max() ?? 0), 1 << 20))).map { "\($0)" }
}

/// Pixels in an HDF5 file, read when they are asked for.
final class HDF5Pixels: PixelSource {
  let imageShape: Shape
  let count: Int
  private let dataset: HDF5Dataset
  private let file: String

  init(file: String, path: String) throws(DatasetError) {
    self.file = file
    do throws(HDF5Error) {
      let dataset = try HDF5File(reading: file).dataset(path)
      let extents = dataset.shape
      guard dataset.elementType == .uint8 else {
        throw HDF5Error.wrongType(
          dataset.location, expected: "uint8 pixels", found: "\(dataset.elementType)")
      }
      guard extents.count == 3 || extents.count == 4,
        extents.allSatisfy({ $0 > 0 && $0 <= Int(Int32.max) })
      else {
        throw HDF5Error.wrongShape(
          dataset.location, expected: "count × height × width × channels", found: extents)
      }
      count = extents[0]
      imageShape = [extents[1], extents[2], extents.count == 4 ? extents[3] : 1]
      self.dataset = dataset
    } catch { throw .hdf5(error) }
  }

  func read(_ positions: [Int], into target: UnsafeMutablePointer<UInt8>) throws(DatasetError) {
    let length = imageShape.elementCount
    var row = 0
    while row < positions.count {
      // Neighbours in the file are read together.
      var end = row + 1
      while end < positions.count, positions[end] == positions[end - 1] + 1 { end += 1 }
      do throws(HDF5Error) {
        try dataset.read(
          rows: positions[row]..<positions[row] + end - row,
          into: UnsafeMutableBufferPointer(
            start: target + row * length, count: (end - row) * length))
      } catch { throw .hdf5(error) }
      row = end
    }
  }

  func updateFingerprint(
    of positions: [Int], _ update: (UnsafeRawBufferPointer) -> Void
  ) throws(DatasetError) {
    try Datasets.updateFingerprint(ofFile: file, update)
    Array("\(dataset.location)\n".utf8).withUnsafeBytes(update)
    positions.withUnsafeBytes(update)
  }
}
