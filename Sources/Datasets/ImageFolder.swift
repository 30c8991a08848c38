internal import Foundation
internal import Tensors

/// Reads folders of JPEG, PNG and WebP files.
///
/// Two layouts are understood: one sub-directory for each class, whose name is the class's; or a
/// `labels.csv` beside the images, whose header names the columns: `file` first, then `label`,
/// `class` or `class_index`, holding class indices or class names.
public enum ImageFolder {
  private static let extensions: Set<String> = ["jpg", "jpeg", "png", "webp"]

  /// A data set whose images are decoded when they are asked for.
  ///
  /// - Parameters:
  ///   - height: rows every image is brought to by scaling and cutting out the centre; nil: as the
  ///     first image is, and all must be.
  ///   - width: likewise, columns.
  ///   - classNames: the classes in order; nil: as found, sorted.
  /// - Throws: ``DatasetError`` if there are no images, a label is unknown, or a listed file is
  ///   missing.
  public static func dataset(
    name: String, folder: String, height: Int? = nil, width: Int? = nil,
    classNames: [String]? = nil
  ) throws(DatasetError) -> ImageDataset {
    guard isFolder(folder) else { throw .inaccessible(file: folder, reason: "no such folder") }
    let table = joined(folder, "labels.csv")
    var listing =
      exists(table)
      ? try listing(table: table, folder: folder, classCount: classNames?.count)
      : try listing(folder: folder)
    if let classNames {
      try listing.match(to: ClassList(owner: "class_names", names: classNames), in: name)
    }
    guard let first = listing.files.first else {
      throw .malformed(
        file: folder, what: "images",
        expected: "folders named after classes with JPEG, PNG or WebP files, or labels.csv",
        found: "none")
    }
    return ImageDataset(
      name: name, classNames: listing.classNames, labels: listing.labels,
      source: try pixels(of: listing.files, first: first, height: height, width: width))
  }

  /// A data set of the images in a folder whose classes are not known, see
  /// ``ImageDataset/isLabelled``.
  ///
  /// - Parameters:
  ///   - height: as of a folder with classes.
  ///   - width: likewise.
  /// - Returns: nil if the folder has classes, as folders or in `labels.csv`, or no images.
  /// - Throws: ``DatasetError`` if there is no such folder, or if its first image cannot be read.
  public static func unlabelled(
    name: String, folder: String, height: Int? = nil, width: Int? = nil
  ) throws(DatasetError) -> ImageDataset? {
    guard isFolder(folder) else { throw .inaccessible(file: folder, reason: "no such folder") }
    let entries = try listFolder(folder)
    guard !entries.contains(where: { $0 == "labels.csv" || isFolder(joined(folder, $0)) }) else {
      return nil
    }
    let files = entries.filter(isImage).map { joined(folder, $0) }
    guard let first = files.first else { return nil }
    return ImageDataset(
      name: name, classNames: [ImageDataset.unlabelledClass],
      labels: [Int32](repeating: 0, count: files.count),
      source: try pixels(of: files, first: first, height: height, width: width))
  }

  private static func pixels(
    of files: [String], first: String, height: Int?, width: Int?
  ) throws(DatasetError) -> FilePixels {
    if let height, let width {
      return FilePixels(imageShape: [height, width, 3], files: files, fit: .covering)
    }
    let image = try ImageFile.read(first)
    return FilePixels(imageShape: [image.height, image.width, 3], files: files, fit: .exact)
  }

  /// The classes of a folder, without looking at its images.
  ///
  /// - Throws: ``DatasetError`` if the folder or its table cannot be read.
  static func classes(of folder: String) throws(DatasetError) -> ClassList {
    let table = joined(folder, "labels.csv")
    let listing =
      exists(table)
      ? try listing(table: table, folder: folder, classCount: nil) : try listing(folder: folder)
    return ClassList(owner: folder, names: listing.classNames)
  }

  private struct Listing {
    var classNames: [String]
    var files: [String] = []
    var labels: [Int32] = []

    /// Replaces the classes that were found by expected ones.
    mutating func match(to expected: ClassList, in name: String) throws(DatasetError) {
      let used = Set(labels)
      do throws(ClassMismatch) {
        let matching = try ClassMatching(
          ClassList(owner: name, names: classNames), to: expected
        ) { used.contains(Int32($0)) }
        classNames = expected.names ?? matching.names
        labels = labels.map { matching.indices[Int($0)] }
      } catch { throw .classes(error) }
    }
  }

  private static func listing(folder: String) throws(DatasetError) -> Listing {
    let folders = try listFolder(folder).filter { isFolder(joined(folder, $0)) }
    var listing = Listing(classNames: folders)
    for (label, className) in folders.enumerated() {
      let classFolder = joined(folder, className)
      for file in try listFolder(classFolder) where isImage(file) {
        listing.files.append(joined(classFolder, file))
        listing.labels.append(Int32(label))
      }
    }
    return listing
  }

  private static func listing(
    table: String, folder: String, classCount: Int?
  ) throws(DatasetError) -> Listing {
    let text = String(decoding: try readFile(table), as: UTF8.self)
    let rows = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
      .map { ($0.offset + 1, $0.element.split(separator: ",", omittingEmptySubsequences: false)) }
      .filter { $0.1.count > 1 || $0.1.first?.trimmed.isEmpty == false }
    let header = rows.first?.1.map(\.trimmed) ?? []
    guard let fileColumn = header.firstIndex(of: "file"),
      let labelColumn = header.firstIndex(where: { ["label", "class", "class_index"].contains($0) })
    else {
      throw .malformed(
        file: table, what: "header", expected: "file,label", found: header.joined(separator: ","))
    }
    var files: [String] = []
    var values: [String] = []
    for (line, cells) in rows.dropFirst() {
      guard cells.count == header.count else {
        throw .malformed(
          file: table, what: "line \(line)", expected: "\(header.count) columns",
          found: "\(cells.count)")
      }
      let file = joined(folder, cells[fileColumn].trimmed)
      guard exists(file) else {
        throw .inaccessible(file: file, reason: "no such file, though \(table):\(line) lists it")
      }
      files.append(file)
      values.append(cells[labelColumn].trimmed)
    }
    let numbers = values.map { Int($0) }
    if numbers.allSatisfy({ $0 != nil }) {
      let labels = numbers.map { Int32(clamping: $0 ?? 0) }
      let names = numberedClasses(labels)
      try checkLabels(labels, file: table, classCount: classCount ?? names.count)
      return Listing(classNames: names, files: files, labels: labels)
    }
    let names = Set(values).sorted()
    let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    return Listing(
      classNames: names, files: files, labels: values.compactMap { places[$0] })
  }

  /// Whether a file is called like an image that is read.
  package static func isImage(_ file: String) -> Bool {
    extensions.contains((file as NSString).pathExtension.lowercased())
  }
}
