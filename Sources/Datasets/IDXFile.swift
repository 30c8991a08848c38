internal import Files
internal import Tensors

/// Reads the IDX format of the MNIST family, gzipped or not.
///
/// Format: two zero bytes, a type code, the number of dimensions, each extent as a big-endian
/// 32-bit number, then the elements. See http://yann.lecun.com/exdb/mnist/.
public enum IDXFile {
  private static let unsignedByte: UInt8 = 0x08

  /// Reads an array of unsigned bytes.
  ///
  /// - Throws: ``DatasetError`` if the file is unreadable, not of this format, of another element
  ///   type, or shorter or longer than its extents say.
  public static func read(_ path: String) throws(DatasetError) -> ByteArray {
    let bytes = try readFileUnpacked(path)
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0 else {
      throw .malformed(
        file: path, what: "magic number", expected: "00 00 08 and the number of dimensions",
        found: "\(FileContent(of: path))")
    }
    guard bytes[2] == unsignedByte else {
      throw .malformed(
        file: path, what: "element type", expected: "08 (unsigned byte)", found: byteText(bytes[2]))
    }
    let rank = Int(bytes[3])
    guard (1...4).contains(rank) else {
      throw .malformed(
        file: path, what: "number of dimensions", expected: "1 to 4", found: "\(rank)")
    }
    let headerLength = 4 + 4 * rank
    guard bytes.count >= headerLength else {
      throw .malformed(
        file: path, what: "header", expected: "\(headerLength) bytes", found: "\(bytes.count)")
    }
    let extents = (0..<rank).map { axis in
      bytes[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
    }
    var elementCount = 1
    for extent in extents {
      let (product, overflow) = elementCount.multipliedReportingOverflow(by: extent)
      guard !overflow, extent <= Int(Int32.max) else {
        throw .malformed(
          file: path, what: "extents", expected: "an array that fits into memory",
          found: extents.map(String.init).joined(separator: "×"))
      }
      elementCount = product
    }
    guard bytes.count - headerLength == elementCount else {
      throw .malformed(
        file: path, what: "elements",
        expected: "\(elementCount) bytes for \(Shape(extents))",
        found: "\(bytes.count - headerLength)")
    }
    return ByteArray(shape: Shape(extents), bytes: Array(bytes[headerLength...]))
  }

  /// Reads labels and checks that each is below a number of classes.
  static func readLabels(_ path: String, classCount: Int?) throws(DatasetError) -> [Int32] {
    let array = try read(path)
    guard array.shape.rank == 1 else {
      throw .malformed(
        file: path, what: "labels", expected: "one dimension", found: "\(array.shape)")
    }
    let labels = array.bytes.map(Int32.init)
    if let classCount { try checkLabels(labels, file: path, classCount: classCount) }
    return labels
  }

  /// Reads a data set from a file of images, `[count, height, width]` or
  /// `[count, height, width, channels]`, and a file of labels, `[count]`.
  ///
  /// - Throws: ``DatasetError`` if either file is bad, they disagree in the number of samples, or a
  ///   label is not an index into `classNames`.
  public static func dataset(
    name: String, images imagePath: String, labels labelPath: String, classNames: [String]
  ) throws(DatasetError) -> ImageDataset {
    let images = try read(imagePath)
    guard images.shape.rank == 3 || images.shape.rank == 4 else {
      throw .malformed(
        file: imagePath, what: "images", expected: "3 or 4 dimensions", found: "\(images.shape)")
    }
    let labels = try readLabels(labelPath, classCount: classNames.count)
    guard labels.count == images.shape[0] else {
      throw .malformed(
        file: labelPath, what: "number of labels", expected: "\(images.shape[0]), one an image",
        found: "\(labels.count)")
    }
    guard images.shape.elementCount > 0 else {
      throw .malformed(
        file: imagePath, what: "images", expected: "at least one", found: "\(images.shape)")
    }
    let extents = images.shape.dimensions
    return ImageDataset(
      name: name, imageShape: Shape([extents[1], extents[2], extents.count == 4 ? extents[3] : 1]),
      classNames: classNames, pixels: images.bytes, labels: labels)
  }

  /// The path of an IDX file in a folder, with `.gz` or without, under the names in use.
  static func locate(_ name: String, in folder: String) throws(DatasetError) -> String {
    // Some copies of MNIST write a dot where the original has a dash.
    let stems = [name, name.replacing("-idx", with: ".idx")]
    for stem in stems {
      for candidate in [stem, stem + ".gz"] where exists(joined(folder, candidate)) {
        return joined(folder, candidate)
      }
    }
    throw .inaccessible(file: joined(folder, name), reason: "no such file, gzipped or not")
  }
}

/// Checks that labels are class indices.
func checkLabels(_ labels: [Int32], file: String, classCount: Int) throws(DatasetError) {
  if let sample = labels.firstIndex(where: { $0 < 0 || Int($0) >= classCount }) {
    throw .labelOutOfRange(
      file: file, sample: sample, label: Int(labels[sample]), classCount: classCount)
  }
}
