internal import DroneWorlds
internal import Files
internal import Foundation
public import Tensors

extension DatasetSpecification {
  /// Reads or renders one part of the data set.
  ///
  /// The two parts have the same classes. Pixels of image folders and HDF5 files are brought into
  /// memory if they take at most `memoryLimit` bytes.
  ///
  /// - Parameters:
  ///   - directory: where fetched data sets are; by default as environment variables say.
  ///   - allowsUnlabelled: whether a folder of images without classes is read too, see
  ///     ``ImageDataset/isLabelled``.
  ///   - usualSizing: how images are brought to size where the specification does not say, see
  ///     ``sizing(usual:)``.
  /// - Throws: ``DatasetError``; the first of ``problems()`` if there is any.
  public func load(
    _ part: DatasetPart, directory: DataDirectory = DataDirectory(), memoryLimit: Int = 2 << 30,
    allowsUnlabelled: Bool = false, usualSizing: ImageSizing? = nil,
    progress: DatasetProgress.Handler? = nil
  ) throws(DatasetError) -> ImageDataset {
    if let problem = problems().first { throw problem.error }
    try checkPath()
    if allowsUnlabelled, let images = try loadUnlabelled(part, usualSizing) {
      return try withGroups(
        images.loaded(
          byteLimit: memoryLimit, unreadable: onUnreadable, progress: progress))
    }
    return try withGroups(
      loadPart(
        part, directory: directory, memoryLimit: memoryLimit, usualSizing, progress: progress))
  }

  /// Reads the validation part of a data set that has one of its own; nil for others.
  ///
  /// It has the classes of the other parts.
  ///
  /// - Throws: ``DatasetError``; the first of ``problems()`` if there is any.
  public func loadValidation(
    memoryLimit: Int = 2 << 30, usualSizing: ImageSizing? = nil,
    progress: DatasetProgress.Handler? = nil
  ) throws(DatasetError) -> ImageDataset? {
    if let problem = problems().first { throw problem.error }
    guard validationSource != nil, let path else { return nil }
    let folder = NSString(string: path).expandingTildeInPath
    let sizing = sizing(usual: usualSizing)
    let dataset =
      try DatasetKind.named(name) == .coco
      ? loadCOCO(folder, .validation, sizing) : loadFolder(folder, .validation, sizing)
    return try withGroups(
      dataset.loaded(byteLimit: memoryLimit, unreadable: onUnreadable, progress: progress))
  }

  /// The channels that are asked for, and annotations that are groups of classes.
  private func withGroups(_ dataset: ImageDataset) throws(DatasetError) -> ImageDataset {
    var dataset = dataset
    if let channels { dataset = try dataset.withChannels(channels) }
    for (name, groups) in (groups ?? [:]).sorted(by: { $0.key < $1.key }) {
      dataset = try dataset.grouped(name, groups)
    }
    return dataset
  }

  /// Refuses a file where the kind has a folder, and a folder where it has a file.
  ///
  /// What is missing is left to whoever looks for it.
  private func checkPath() throws(DatasetError) {
    guard let path = path.map({ NSString(string: $0).expandingTildeInPath }), !path.isEmpty else {
      return
    }
    let kind = try DatasetKind.named(name)
    let content = FileContent(of: path)
    let isFolder =
      switch content {
      case .folder: true
      case .missing, .unreadable: kind.readsFolder
      default: false
      }
    guard isFolder != kind.readsFolder else { return }
    throw .invalidOption(
      name: DatasetSpecification.CodingKeys.path.rawValue, value: "\(path), \(content)",
      expected: kind.readsFolder ? "the folder of \(name)" : "the file of \(name)")
  }

  private func loadPart(
    _ part: DatasetPart, directory: DataDirectory, memoryLimit: Int, _ usualSizing: ImageSizing?,
    progress: DatasetProgress.Handler?
  ) throws(DatasetError) -> ImageDataset {
    let kind = try DatasetKind.named(name)
    let path = path.map { NSString(string: $0).expandingTildeInPath }
    switch kind {
    case .fashionMNIST:
      let folder = try FashionMNIST.folder(path: path, directory: directory)
      return try FashionMNIST.dataset(folder: folder, part: part)
    case .cifar10:
      let folder = try locateCIFAR(
        "cifar-10-batches-bin", ["data_batch_1.bin", "test_batch.bin"], path, directory)
      return try CIFARFiles.cifar10(folder: folder, part: part)
    case .cifar100:
      let folder = try locateCIFAR(
        "cifar-100-binary", ["train.bin", "test.bin"], path, directory)
      return try CIFARFiles.cifar100(folder: folder, part: part).labelled(by: label ?? "fine")
    case .idx:
      return try loadIDX(folder: path ?? "", part)
    case .hdf5:
      return try loadHDF5(file: path ?? "", part)
        .loaded(byteLimit: memoryLimit, progress: progress)
    case .imageFolder:
      return try loadFolder(path ?? "", FolderPart(part), sizing(usual: usualSizing))
        .loaded(byteLimit: memoryLimit, unreadable: onUnreadable, progress: progress)
    case .maskFolder:
      return try loadMasks(part, sizing(usual: usualSizing))
        .loaded(byteLimit: memoryLimit, unreadable: onUnreadable, progress: progress)
    case .coco:
      return try loadCOCO(path ?? "", FolderPart(part), sizing(usual: usualSizing))
        .loaded(byteLimit: memoryLimit, unreadable: onUnreadable, progress: progress)
    case .text:
      let size = size ?? Standards.textSize
      guard let path else {
        return TextDataset.generated(
          part: part, samples: samples ?? Standards.textSamples,
          testSamples: testSamples ?? Standards.textTestSamples, size: size,
          seed: seed ?? 0)
      }
      return try TextDataset.file(
        path, name: NSString(string: path).lastPathComponent, part: part, size: size,
        testFraction: testFraction ?? Standards.textTestFraction)
    case .drone:
      return try DroneDataset.dataset(
        part: part,
        count: part == .train
          ? samples ?? Standards.droneSamples : testSamples ?? Standards.droneTestSamples,
        options: world ?? WorldOptions(), seed: seed ?? 0, progress: progress)
    case .shapes:
      let factor = label.flatMap(ShapeFactor.init(rawValue:)) ?? .shape
      return try ShapesDataset.dataset(
        part: part,
        count: part == .train
          ? samples ?? Standards.shapesSamples : testSamples ?? Standards.shapesTestSamples,
        seed: seed ?? 0, size: size ?? Standards.shapesSize, factor: factor,
        annotations: Set((annotations ?? []).compactMap(ShapesAnnotation.init(rawValue:))),
        split: split.flatMap(ShapesSplit.init(rawValue:)) ?? .random, noise: try imageNoise(),
        progress: progress)
    }
  }

  private func locateCIFAR(
    _ archiveFolder: String, _ files: [String], _ path: String?, _ directory: DataDirectory
  ) throws(DatasetError) -> String {
    let base = path ?? directory.folder(of: name)
    return try directory.locate(
      name, among: [base, joined(base, archiveFolder)], holding: files,
      remedy: "Run `cleave data fetch \(name)`, or give its path.")
  }

  private func loadIDX(folder: String, _ part: DatasetPart) throws(DatasetError) -> ImageDataset {
    var names = classNames
    if names == nil {
      // Both parts must agree in their classes.
      let both = try IDXNames.labels.values.sorted()
        .map { name throws(DatasetError) in
          try IDXFile.readLabels(IDXFile.locate(name, in: folder), classCount: nil)
        }
      names = numberedClasses(both.flatMap { $0 })
    }
    return try IDXFile.dataset(
      name: "\(NSString(string: folder).lastPathComponent)/\(part.rawValue)", part: part,
      folder: folder, classNames: names ?? [])
  }

  private func loadHDF5(file: String, _ part: DatasetPart) throws(DatasetError) -> ImageDataset {
    var names = classNames
    if names == nil, let labels, let testLabels {
      names = numberedClasses(
        try HDF5Arrays.labels(file: file, path: labels)
          + HDF5Arrays.labels(file: file, path: testLabels))
    }
    let hasTest = testImages != nil
    let isTest = part == .test && hasTest
    let base = NSString(string: file).lastPathComponent
    let order = layout.flatMap(ArrayLayout.init(rawValue:))
    let paths =
      isTest
      ? HDF5ArrayPaths(
        images: testImages ?? "", labels: testLabels, masks: testMasks, depth: testDepth,
        layout: order)
      : HDF5ArrayPaths(
        images: images ?? "", labels: labels, masks: masks, depth: depth, layout: order)
    let dataset = try HDF5Arrays.dataset(
      name: hasTest ? "\(base)/\(part.rawValue)" : base, file: file, paths: paths,
      classNames: names, maskClassNames: try maskNames(file),
      ignored: UInt8(ignored ?? Standards.ignored),
      depthScale: depthScale ?? 1)
    return hasTest ? dataset : try split(dataset, part)
  }

  /// The classes of the maps of an HDF5 file, if they have names or two parts must agree in them.
  private func maskNames(_ file: String) throws(DatasetError) -> [String]? {
    if labels == nil, let classNames { return classNames }
    guard let images, let masks, let testImages, let testMasks else { return nil }
    return try HDF5Arrays.maskClassNames(
      file: file, parts: [(images, masks), (testImages, testMasks)],
      ignored: UInt8(ignored ?? Standards.ignored),
      layout: layout.flatMap(ArrayLayout.init(rawValue:)))
  }

  private func loadMasks(
    _ part: DatasetPart, _ sizing: ImageSizing
  ) throws(DatasetError) -> ImageDataset {
    let hasTest = testImages != nil
    let isTest = part == .test && hasTest
    let folder = (isTest ? testImages : images) ?? ""
    let base = NSString(string: folder).lastPathComponent
    let dataset = try MaskFolder.dataset(
      name: hasTest ? "\(base)/\(part.rawValue)" : base, images: folder,
      masks: (isTest ? testMasks : masks) ?? "", height: size, width: size, classNames: classNames,
      ignored: UInt8(ignored ?? Standards.ignored), sizing: sizing, unreadable: onUnreadable)
    return hasTest ? dataset : try split(dataset, part)
  }

  private func loadCOCO(
    _ folder: String, _ part: FolderPart, _ sizing: ImageSizing
  ) throws(DatasetError) -> ImageDataset {
    let given: (String?, String?) =
      switch part {
      case .train: (images, labels)
      case .validation: (nil, nil)
      case .test: (testImages, testLabels)
      }
    let location: COCODataset.Location
    if let images = given.0, let labels = given.1 {
      location = COCODataset.Location(
        annotations: joined(folder, labels), images: joined(folder, images))
    } else {
      location = try COCODataset.locate(part, in: folder)
    }
    var file = try COCOFile(
      reading: location.annotations, images: location.images, unreadable: onUnreadable)
    var remarks = file.remarks
    if part != .train, let training = cocoLabels(folder, .train), training != file.path {
      // Every file numbers its categories on its own.
      let expected = ClassList(
        owner: training, names: try COCOFile.categories(reading: training))
      if let remark = try file.match(to: expected).remark { remarks.append(remark) }
    }
    var dataset = COCODataset.dataset(
      name: "\(NSString(string: folder).lastPathComponent)/\(part.rawValue)", file: file,
      height: size ?? Standards.cocoSize, width: size ?? Standards.cocoSize, sizing: sizing)
    dataset.remarks += remarks
    // Where parts share a folder, what one does not list is another's.
    let other = part == .train ? FolderPart.test : .train
    if let labels = cocoLabels(folder, other), labels != location.annotations,
      let others = try? COCODataset.locate(other, in: folder), others.images == location.images
    {
      return dataset
    }
    guard file.missing.isEmpty else { return dataset }
    let listed = Set(file.images.map(\.path))
    dataset.remarks += [
      LeftOut.remark(
        "\(location.images): images left out, as \(location.annotations) does not list them",
        try ImageFileListing(location.images).files.filter { !listed.contains($0) })
    ].compactMap { $0 }
    return dataset
  }

  /// The annotations of a part of COCO data; nil if there are none.
  private func cocoLabels(_ folder: String, _ part: FolderPart) -> String? {
    if let labels = part == .train ? labels : testLabels { return joined(folder, labels) }
    return try? COCODataset.locate(part, in: folder).annotations
  }

  private func loadFolder(
    _ folder: String, _ part: FolderPart, _ sizing: ImageSizing
  ) throws(DatasetError) -> ImageDataset {
    let base = NSString(string: folder).lastPathComponent
    func images(_ source: String, _ name: String) throws(DatasetError) -> ImageDataset {
      try ImageFolder.dataset(
        name: name, folder: source, height: size, width: size, classNames: classNames,
        sizing: sizing, unreadable: onUnreadable)
    }
    guard isFolder(folder), !exists(joined(folder, "labels.csv")),
      let parts = try PartFolders(in: folder)
    else { return try split(images(folder, base), part == .train ? .train : .test) }
    let test = parts.test ?? parts.validation
    if let train = parts.train, test == nil, testFraction != nil {
      return try split(images(train, base), part == .train ? .train : .test)
    }
    let source: String? =
      switch part {
      case .train: parts.train
      case .validation: parts.ownValidation
      case .test: test
      }
    guard let source else {
      throw .inaccessible(file: joined(folder, part.rawValue), reason: "no such folder")
    }
    var dataset = try images(source, "\(base)/\(part.rawValue)")
    dataset.remarks += [
      LeftOut.remark("\(folder): folders left out, as they are no parts", parts.others)
    ].compactMap { $0 }
    if part == .test, parts.test == nil {
      dataset.remarks.append("\(source) is the test part, as \(folder) has no folder test")
    }
    guard part != .train, classNames == nil, let train = parts.train else { return dataset }
    return try dataset.matched(to: ImageFolder.classes(of: train))
  }

  /// Where the data set has validation images of its own, besides training and test images; nil if it has
  /// none.
  ///
  /// Only `image-folder` and `coco` in their usual layouts can have any.
  public var validationSource: String? {
    guard let path, let kind = DatasetKind(rawValue: name) else { return nil }
    let folder = NSString(string: path).expandingTildeInPath
    switch kind {
    case .imageFolder:
      return (try? PartFolders(in: folder))?.ownValidation
    case .coco:
      guard images == nil, testImages == nil,
        let test = try? COCODataset.locate(.test, in: folder).annotations,
        let found = try? COCODataset.locate(.validation, in: folder).annotations
      else { return nil }
      return found == test ? nil : found
    case .fashionMNIST, .cifar10, .cifar100, .idx, .hdf5, .maskFolder, .shapes, .drone, .text:
      return nil
    }
  }

  /// The images of a folder without classes; nil if there are classes, or no images.
  private func loadUnlabelled(
    _ part: DatasetPart, _ usualSizing: ImageSizing?
  ) throws(DatasetError) -> ImageDataset? {
    guard try DatasetKind.named(name) == .imageFolder, let path, !path.isEmpty else { return nil }
    let folder = NSString(string: path).expandingTildeInPath
    guard
      let dataset = try ImageFolder.unlabelled(
        name: NSString(string: folder).lastPathComponent, folder: folder, height: size, width: size,
        sizing: sizing(usual: usualSizing), unreadable: onUnreadable)
    else { return nil }
    return try split(dataset, part)
  }

  /// Divides data without a test part of their own; without a fraction, they only test.
  private func split(
    _ dataset: ImageDataset, _ part: DatasetPart
  ) throws(DatasetError) -> ImageDataset {
    guard let testFraction else {
      if part == .test { return dataset }
      throw .invalidOption(
        name: CodingKeys.testFraction.rawValue, value: "none",
        expected: "a fraction to put aside for testing, as \(dataset.name) has one part only")
    }
    let parts = try dataset.split(validationFraction: testFraction, seed: seed ?? 0)
    return part == .train
      ? parts.train.renamed(dataset.name + "/train")
      : parts.validation.renamed(dataset.name + "/test")
  }
}
