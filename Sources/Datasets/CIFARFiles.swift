internal import Tensors

/// Reads the binary layouts of CIFAR-10 and CIFAR-100.
///
/// A record is one label byte (CIFAR-100: a coarse one, then a fine one) and 3,072 pixel bytes, the
/// red plane before the green and the blue. See https://www.cs.toronto.edu/~kriz/cifar.html.
public enum CIFARFiles {
  private static let side = 32
  private static let pixelCount = side * side

  /// The class names of CIFAR-10, for a folder without `batches.meta.txt`.
  package static let classNames10 = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  /// Reads one part of CIFAR-10 from a folder.
  ///
  /// The training part is every `data_batch_*.bin` there is, in the order of their numbers; the
  /// test part is `test_batch.bin`.
  ///
  /// - Throws: ``DatasetError`` if a file is missing, not a whole number of records, or holds a
  ///   label out of range.
  public static func cifar10(
    folder: String, part: DatasetPart
  ) throws(DatasetError) -> ImageDataset {
    let metadata = joined(folder, "batches.meta.txt")
    let classNames = exists(metadata) ? try readNames(metadata, count: 10) : classNames10
    let files: [String]
    switch part {
    case .train:
      files = try listFolder(folder)
        .filter { $0.hasPrefix("data_batch_") && $0.hasSuffix(".bin") }
        .sorted { ($0.count, $0) < ($1.count, $1) }
      guard !files.isEmpty else {
        throw .inaccessible(file: joined(folder, "data_batch_1.bin"), reason: "no such file")
      }
    case .test: files = ["test_batch.bin"]
    }
    var records = Records(labelCount: 1)
    for file in files { try records.append(joined(folder, file), classCounts: [10]) }
    var dataset = ImageDataset(
      name: "cifar10/\(part.rawValue)", imageShape: [side, side, 3], classNames: classNames,
      pixels: records.pixels, labels: records.labels[0])
    if part == .train, files != (1...5).map({ "data_batch_\($0).bin" }) {
      dataset.remarks.append(
        "\(folder): the training images are those of \(files.joined(separator: ", ")) "
          + "(\(dataset.count)); all of CIFAR-10 are data_batch_1.bin to data_batch_5.bin (50000)")
    }
    return dataset
  }

  /// Reads one part of CIFAR-100 from a folder: `train.bin` or `test.bin`.
  ///
  /// The class is the fine label; the annotations are `fine` and `coarse`.
  ///
  /// - Throws: ``DatasetError`` if a file is missing, not a whole number of records, or holds a
  ///   label out of range.
  public static func cifar100(
    folder: String, part: DatasetPart
  ) throws(DatasetError) -> ImageDataset {
    let fineNames = try readNames(joined(folder, "fine_label_names.txt"), count: 100)
    let coarseNames = try readNames(joined(folder, "coarse_label_names.txt"), count: 20)
    var records = Records(labelCount: 2)
    try records.append(joined(folder, part.rawValue + ".bin"), classCounts: [20, 100])
    return ImageDataset(
      name: "cifar100/\(part.rawValue)", imageShape: [side, side, 3], classNames: fineNames,
      pixels: records.pixels, labels: records.labels[1],
      annotations: [
        AnnotationSet(name: "fine", content: .classes(names: fineNames, labels: records.labels[1])),
        AnnotationSet(
          name: "coarse", content: .classes(names: coarseNames, labels: records.labels[0])),
      ])
  }

  private static func readNames(_ path: String, count: Int) throws(DatasetError) -> [String] {
    let text = try readText(path)
    let names = text.split(whereSeparator: \.isNewline).map { $0.trimmed }.filter { !$0.isEmpty }
    guard names.count == count else {
      throw .malformed(
        file: path, what: "class names", expected: "\(count) lines", found: "\(names.count)")
    }
    return names
  }

  /// The records of one or more files.
  private struct Records {
    var pixels: [UInt8] = []
    var labels: [[Int32]]

    init(labelCount: Int) { labels = Array(repeating: [], count: labelCount) }

    mutating func append(_ path: String, classCounts: [Int]) throws(DatasetError) {
      let bytes = try readFile(path)
      let labelCount = classCounts.count
      let recordLength = labelCount + 3 * pixelCount
      guard !bytes.isEmpty, bytes.count % recordLength == 0 else {
        throw .malformed(
          file: path, what: "size", expected: "records of \(recordLength) bytes",
          found: bytes.isEmpty
            ? "an empty file"
            : "\(bytes.count / recordLength) records and \(bytes.count % recordLength) bytes")
      }
      let count = bytes.count / recordLength
      for task in 0..<labelCount {
        let column = (0..<count).map { Int32(bytes[$0 * recordLength + task]) }
        try checkLabels(column, file: path, classCount: classCounts[task])
        labels[task] += column
      }
      let interleaved = [UInt8](unsafeUninitializedCapacity: count * 3 * pixelCount) {
        target, initialized in
        bytes.withUnsafeBufferPointer { source in
          for record in 0..<count {
            let planes = record * recordLength + labelCount
            let base = record * 3 * pixelCount
            for pixel in 0..<pixelCount {
              for channel in 0..<3 {
                target[base + 3 * pixel + channel] = source[planes + channel * pixelCount + pixel]
              }
            }
          }
        }
        initialized = count * 3 * pixelCount
      }
      pixels += interleaved
    }
  }
}

extension StringProtocol {
  /// The text without white space around it.
  var trimmed: String {
    let inner = drop(while: \.isWhitespace)
    return String(
      inner[
        ..<(inner.lastIndex { !$0.isWhitespace }.map(inner.index(after:))
          ?? inner.startIndex)])
  }
}
