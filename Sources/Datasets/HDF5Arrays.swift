internal import HDF5
internal import Tensors

/// Reads data sets that are arrays in an HDF5 file.
public enum HDF5Arrays {
  /// A data set of images, uint8 `[count, height, width, channels]`, `[count, channels, height, width]`
  /// or `[count, height, width]`, and labels, integers `[count]` or `[count, 1]`, at two paths of a file.
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
  /// The order of the axes in the file.
  let layout: ArrayLayout
  private let dataset: HDF5Dataset
  private let file: String

  /// Remark on how the array is read, if it needs one.
  let remark: String?

  /// Opens an array.
  ///
  /// - Parameter layout: the order of its axes; as its extents speak for if nil.
  init(file: String, path: String, layout: ArrayLayout?) throws(DatasetError) {
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
          dataset.location,
          expected: "count × height × width × channels, or count × channels × height × width",
          found: extents)
      }
      count = extents[0]
      let order = extents.count == 4 ? layout ?? ArrayLayout(of: extents) : .nhwc
      self.layout = order
      switch (extents.count, order) {
      case (3, _): imageShape = [extents[1], extents[2], 1]
      case (_, .nhwc): imageShape = [extents[1], extents[2], extents[3]]
      case (_, .nchw): imageShape = [extents[2], extents[3], extents[1]]
      }
      remark =
        layout == nil && order == .nchw
        ? "\(dataset.location): read as count × channels × height × width; data.layout says otherwise"
        : nil
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
        let pixels = UnsafeMutableBufferPointer(
          start: target + row * length, count: (end - row) * length)
        try dataset.read(rows: positions[row]..<positions[row] + end - row, into: pixels)
        if layout == .nchw { interleave(pixels) }
      } catch { throw .hdf5(error) }
      row = end
    }
  }

  /// Puts the planes of images that lie one after the other together, in place.
  private func interleave(_ pixels: UnsafeMutableBufferPointer<UInt8>) {
    let length = imageShape.elementCount
    let (channels, area) = (imageShape[2], imageShape[0] * imageShape[1])
    guard channels > 1 else { return }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { planes in
      for start in stride(from: 0, to: pixels.count, by: length) {
        _ = planes.initialize(from: pixels[start..<start + length])
        for channel in 0..<channels {
          for place in 0..<area {
            pixels[start + place * channels + channel] = planes[channel * area + place]
          }
        }
      }
    }
  }

  func updateFingerprint(
    of positions: [Int], _ update: (UnsafeRawBufferPointer) -> Void
  ) throws(DatasetError) {
    try Datasets.updateFingerprint(ofFile: file, update)
    Array("\(dataset.location)\(layout == .nchw ? " nchw" : "")\n".utf8).withUnsafeBytes(update)
    positions.withUnsafeBytes(update)
  }
}
