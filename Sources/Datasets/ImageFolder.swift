internal import Foundation
public import Tensors

/// Reads folders of image files.
///
/// Two layouts are understood: one folder for each class, whose name is the class's and whose images
/// may lie in folders of their own; or a `labels.csv` beside the images, whose header names the
/// columns: `file` first, then `label`, `class` or `class_index`, holding class indices or class
/// names.
public enum ImageFolder {
  /// A data set whose images are decoded when they are asked for; what is left out is among its
  /// remarks.
  ///
  /// - Parameters:
  ///   - height: rows every image is brought to; nil: as the first image is, and all must be.
  ///   - width: likewise, columns.
  ///   - classNames: the classes in order; nil: as found, sorted.
  ///   - sizing: how images of other sizes are brought to that one.
  ///   - unreadable: whether files that are missing are left out; those that cannot be decoded are
  ///     by ``ImageDataset/loaded(byteLimit:unreadable:progress:)``.
  /// - Throws: ``DatasetError`` if there are no images, a label is unknown, or a listed file is
  ///   missing.
  public static func dataset(
    name: String, folder: String, height: Int? = nil, width: Int? = nil,
    classNames: [String]? = nil, sizing: ImageSizing = .cropping,
    unreadable: UnreadableFiles = .fail
  ) throws(DatasetError) -> ImageDataset {
    guard isFolder(folder) else { throw .inaccessible(file: folder, reason: "no such folder") }
    var listing = try listing(folder, classCount: classNames?.count, unreadable)
    if let classNames {
      try listing.match(to: ClassList(owner: "class_names", names: classNames), in: name)
    }
    guard !listing.files.isEmpty else {
      throw .malformed(
        file: folder, what: "images",
        expected: "folders named after classes with \(ImageKind.list) files, or labels.csv",
        found: listing.remarks.isEmpty ? "none" : listing.remarks.joined(separator: "; "))
    }
    var dataset = ImageDataset(
      name: name, classNames: listing.classNames, labels: listing.labels,
      source: try pixels(of: listing.files, height, width, sizing, unreadable))
    dataset.remarks = listing.remarks
    return dataset
  }

  /// A data set of the images in a folder whose classes are not known, see
  /// ``ImageDataset/isLabelled``.
  ///
  /// - Parameters:
  ///   - height: as of a folder with classes, like all others.
  /// - Returns: nil if the folder has classes, as folders or in `labels.csv`, or no images.
  /// - Throws: ``DatasetError`` if there is no such folder, or if its first image cannot be read.
  public static func unlabelled(
    name: String, folder: String, height: Int? = nil, width: Int? = nil,
    sizing: ImageSizing = .cropping, unreadable: UnreadableFiles = .fail
  ) throws(DatasetError) -> ImageDataset? {
    guard isFolder(folder) else { throw .inaccessible(file: folder, reason: "no such folder") }
    let entries = try listFolder(folder)
    guard !entries.contains(where: { $0 == "labels.csv" || isFolder(joined(folder, $0)) }) else {
      return nil
    }
    let listing = try ImageFileListing(folder)
    guard !listing.files.isEmpty else { return nil }
    var dataset = ImageDataset(
      name: name, classNames: [ImageDataset.unlabelledClass],
      labels: [Int32](repeating: 0, count: listing.files.count),
      source: try pixels(of: listing.files, height, width, sizing, unreadable))
    dataset.remarks += [listing.remark].compactMap { $0 }
    return dataset
  }

  private static func pixels(
    of files: [String], _ height: Int?, _ width: Int?, _ sizing: ImageSizing,
    _ unreadable: UnreadableFiles
  ) throws(DatasetError) -> FilePixels {
    if let height, let width {
      return FilePixels(imageShape: [height, width, 3], files: files, sizing: sizing)
    }
    let image = try firstReadable(of: files, unreadable)
    return FilePixels(imageShape: [image.height, image.width, 3], files: files, sizing: nil)
  }

  /// The first image, or the first that can be read if others are left out.
  private static func firstReadable(
    of files: [String], _ unreadable: UnreadableFiles
  ) throws(DatasetError) -> PixelImage {
    var failure = DatasetError.malformed(
      file: files.first ?? "", what: "images", expected: "at least one", found: "none")
    for file in files {
      do throws(DatasetError) { return try ImageFile.read(file) } catch {
        guard unreadable == .skip else { throw .unreadable(error) }
        failure = error
      }
    }
    throw failure
  }

  /// The classes of a folder, without looking at its images.
  ///
  /// - Throws: ``DatasetError`` if the folder or its table cannot be read.
  static func classes(of folder: String) throws(DatasetError) -> ClassList {
    let listing = try listing(folder, classCount: nil, .skip)
    return ClassList(owner: folder, names: listing.classNames)
  }

  private struct Listing {
    var classNames: [String]
    var files: [String] = []
    var labels: [Int32] = []
    var remarks: [String] = []

    mutating func remark(_ what: String, _ names: [String]) {
      remarks += [LeftOut.remark(what, names)].compactMap { $0 }
    }

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

  private static func listing(
    _ folder: String, classCount: Int?, _ unreadable: UnreadableFiles
  ) throws(DatasetError) -> Listing {
    let table = joined(folder, "labels.csv")
    guard exists(table) else { return try listing(folders: folder) }
    return try listing(table: table, folder: folder, classCount: classCount, unreadable)
  }

  private static func listing(folders folder: String) throws(DatasetError) -> Listing {
    let entries = try listFolder(folder)
    let folders = entries.filter { isFolder(joined(folder, $0)) }
    var listing = Listing(classNames: folders)
    var others: [String] = []
    var empty: [String] = []
    for (label, className) in folders.enumerated() {
      let found = try ImageFileListing(joined(folder, className))
      listing.files += found.files
      listing.labels += [Int32](repeating: Int32(label), count: found.files.count)
      others += found.others
      if found.files.isEmpty { empty.append(className) }
    }
    listing.remark("\(folder): class folders without images", empty)
    listing.remark(
      "\(folder): files left out, as they are no images that are read",
      relative(others, to: folder))
    listing.remark(
      "\(folder): images left out, as they lie in no folder of a class",
      entries.filter { !folders.contains($0) && ImageKind.isNamed($0) })
    return listing
  }

  private static func listing(
    table: String, folder: String, classCount: Int?, _ unreadable: UnreadableFiles
  ) throws(DatasetError) -> Listing {
    let rows = try DelimitedTable(readText(table), file: table)
    let header = rows.header.map { $0.lowercased() }
    guard
      let fileColumn = header.firstIndex(where: { ["file", "filename", "image"].contains($0) }),
      let labelColumn = header.firstIndex(where: {
        ["label", "class", "class_index"].contains($0)
      })
    else {
      throw .malformed(
        file: table, what: "header", expected: "file,label",
        found: rows.header.isEmpty ? "an empty file" : rows.header.joined(separator: ","))
    }
    var files: [String] = []
    var missing: [DatasetError] = []
    var values: [String] = []
    var known: [String: (label: String, line: Int)] = [:]
    for row in rows.rows {
      let file = located(row.cells[fileColumn], in: folder)
      let label = row.cells[labelColumn]
      guard !label.isEmpty, !label.contains(where: \.isNewline) else {
        throw .malformed(
          file: table, what: "line \(row.line)", expected: "a label in one line",
          found: label.isEmpty ? "none" : "a line break in it, as by a quote that does not end")
      }
      if let before = known.updateValue((label, row.line), forKey: file), before.label != label {
        throw .malformed(
          file: table, what: "line \(row.line)",
          expected: "'\(before.label)', the label of this file in line \(before.line)",
          found: "'\(label)'")
      }
      guard exists(file) else {
        let error = DatasetError.inaccessible(
          file: file, reason: "no such file, though \(table):\(row.line) lists it")
        guard unreadable == .skip else { throw .unreadable(error) }
        missing.append(error)
        continue
      }
      files.append(file)
      values.append(label)
    }
    let (names, labels) = try classes(values, table: table, classCount: classCount)
    var listing = Listing(classNames: names, files: files, labels: labels)
    listing.remarks += [LeftOut.unreadable(missing)].compactMap { $0 }
    let listed = Set(files)
    let twice = Dictionary(grouping: files) { $0 }.filter { $0.value.count > 1 }
    listing.remark(
      "\(table): files that stand there several times, each an image of its own",
      relative(twice.keys.sorted(), to: folder))
    listing.remark(
      "\(folder): images left out, as labels.csv does not list them",
      relative(
        try ImageFileListing(folder).files.filter {
          !listed.contains(NSString(string: $0).standardizingPath)
        }, to: folder))
    return listing
  }

  /// The classes that the values of a table are, and the label of each.
  private static func classes(
    _ values: [String], table: String, classCount: Int?
  ) throws(DatasetError) -> (names: [String], labels: [Int32]) {
    let numbers = values.map { Int($0) }
    if numbers.allSatisfy({ $0 != nil }) {
      let labels = numbers.map { Int32(clamping: $0 ?? 0) }
      let names = numberedClasses(labels)
      try checkLabels(labels, file: table, classCount: classCount ?? names.count)
      return (names, labels)
    }
    let names = Set(values).sorted()
    let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    return (names, values.compactMap { places[$0] })
  }

  /// The path of a file that a table names, with the separators of either kind of system.
  private static func located(_ name: String, in folder: String) -> String {
    func path(_ name: String) -> String {
      NSString(string: name.hasPrefix("/") ? name : joined(folder, name)).standardizingPath
    }
    let file = path(name)
    let other = path(name.replacing("\\", with: "/"))
    return !exists(file) && exists(other) ? other : file
  }
}
