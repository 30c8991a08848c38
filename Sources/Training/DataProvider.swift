public import Datasets
public import Tensors

/// A part of a data set that can be measured on.
public enum MeasuredPart: String, Codable, CaseIterable, Sendable {
  /// The test images.
  case test
  /// The images put aside to choose by.
  case validation
  /// The images that were trained on.
  case train
}

/// The parts of a recipe's data set, each read when it is first asked for.
public final class DataProvider {
  /// What the recipe says.
  public let configuration: DataConfiguration

  /// What a person should know of what was read, in the order in which it was found out.
  public private(set) var notes: [String] = []

  private let directory: DataDirectory
  private let allowsUnlabelled: Bool
  private let usualSizing: ImageSizing?
  private let progress: DatasetProgress.Handler?
  private let noted: ((String) -> Void)?
  private var splits: DatasetSplits?
  private var testPart: ImageDataset?
  /// Images measured in place of the test part, and the provider whose training images stay.
  private let measured: (dataset: ImageDataset, userClasses: [Int]?, own: DataProvider)?
  /// What annotations' classes have to be, in the order in which it was said.
  private var expectations: [(annotation: String, classes: ClassList)] = []
  /// Those of the expectations of which it is said how they were met.
  private var said: Set<Int> = []
  /// The parts with the classes they have to be of; none until they are asked for.
  private var matched: [Part: ImageDataset] = [:]

  /// The parts that a run uses.
  private enum Part { case train, validation, test }

  /// Creates a provider.
  ///
  /// - Parameters:
  ///   - configuration: the data set and what of it.
  ///   - directory: where fetched data sets are.
  ///   - allowsUnlabelled: whether a folder of images without classes is data too.
  ///   - usualSizing: how images are brought to size where the configuration does not say, such as the
  ///     network's origin does.
  ///   - progress: called while images are read or rendered.
  ///   - noted: called with what a person should know of what was read.
  public init(
    _ configuration: DataConfiguration, directory: DataDirectory = DataDirectory(),
    allowsUnlabelled: Bool = false, usualSizing: ImageSizing? = nil,
    progress: DatasetProgress.Handler? = nil,
    noted: ((String) -> Void)? = nil
  ) {
    self.configuration = configuration
    self.directory = directory
    self.allowsUnlabelled = allowsUnlabelled
    self.usualSizing = usualSizing
    self.progress = progress
    self.noted = noted
    measured = nil
  }

  /// Creates a provider of other test images for what was trained on a data set.
  ///
  /// Training and validation images stay those of the data set, and are read only if they are asked
  /// for.
  ///
  /// - Parameters:
  ///   - dataset: the images that are measured, labelled by the classes of the data set.
  ///   - userClasses: the classes of their user, nil for all.
  ///   - own: the data set that was trained on.
  public init(measuring dataset: ImageDataset, userClasses: [Int]?, trainedOn own: DataProvider) {
    configuration = own.configuration
    directory = own.directory
    allowsUnlabelled = own.allowsUnlabelled
    usualSizing = own.usualSizing
    progress = own.progress
    noted = own.noted
    measured = (dataset, userClasses, own)
  }

  /// Way of bringing images to size: that of the data, or that of the network's origin where the data come
  /// in one size.
  public var imageSizing: ImageSizing? {
    configuration.dataset.takes(.resize)
      ? configuration.dataset.sizing(usual: usualSizing) : usualSizing
  }

  // MARK: - Classes

  /// Numbers the classes of an annotation, or of the samples themselves, as others are: by name where both
  /// have names.
  ///
  /// All parts have these classes from then on; those that were asked for before must be asked for again.
  ///
  /// - Throws: `DatasetError.classes` if a part that has been read has a class that is not among them.
  public func expect(
    _ classes: ClassList, of annotation: String = ImageDataset.classAnnotation
  ) throws(DatasetError) {
    expectations.append((annotation, classes))
    matched = [:]
    if splits != nil { _ = try train() }
    if testPart != nil || measured != nil { _ = try test() }
  }

  /// A part with the classes that are expected.
  private func classified(
    _ part: Part, _ dataset: ImageDataset
  ) throws(DatasetError) -> ImageDataset {
    if let known = matched[part] { return known }
    var dataset = dataset
    for (index, (annotation, classes)) in expectations.enumerated() {
      // What is measured may lack annotations.
      if measured != nil, (try? dataset.annotation(annotation)) == nil { continue }
      let matching = try dataset.matching(of: annotation, to: classes)
      dataset = try dataset.relabelled(annotation, by: matching)
      // The parts of a data set have the same classes.
      if let remark = matching.remark, said.insert(index).inserted { note(remark) }
    }
    matched[part] = dataset
    return dataset
  }

  /// Indicates whether the classes of samples have other numbers than in the data set, as others were
  /// expected.
  ///
  /// - Throws: `DatasetError` if the test images cannot be read.
  public func isRenumbered() throws(DatasetError) -> Bool {
    let read = try testAsRead().classNames
    return try !test().classNames.starts(with: read)
  }

  /// The user's classes as indices in order, `nil` if the data set is not restricted.
  ///
  /// A number in the recipe is a class of the data set, whatever classes are expected.
  ///
  /// - Throws: `DatasetError` if a class does not exist.
  public func userClasses() throws(DatasetError) -> [Int]? {
    var dataset: ImageDataset
    var indices: [Int]
    if let measured {
      guard let classes = measured.userClasses else { return nil }
      (dataset, indices) = (measured.dataset, classes)
    } else {
      guard let classes = configuration.classes else { return nil }
      dataset = try testAsRead()
      indices = try dataset.classIndices(classes)
    }
    for (annotation, expected) in expectations where annotation == ImageDataset.classAnnotation {
      let matching = try dataset.matching(to: expected)
      indices = indices.map { Int(matching.indices[$0]) }.filter { $0 >= 0 }
      dataset = try dataset.relabelled(by: matching)
    }
    return indices.sorted()
  }

  // MARK: - Parts

  /// The training images of the user, without those put aside for validation.
  ///
  /// - Throws: `DatasetError` if they cannot be read or nothing is left of them.
  public func train() throws(DatasetError) -> ImageDataset {
    try classified(.train, try loadSplits().train)
  }

  /// The images to choose by, of the user's classes: the data set's own, or those put aside.
  ///
  /// - Throws: `DatasetError` as ``train()``.
  public func validation() throws(DatasetError) -> ImageDataset {
    try classified(.validation, try loadSplits().validation)
  }

  /// The test images of all classes, or what is measured in their place.
  ///
  /// - Throws: `DatasetError` if they cannot be read.
  public func test() throws(DatasetError) -> ImageDataset {
    try classified(.test, try testAsRead())
  }

  private func testAsRead() throws(DatasetError) -> ImageDataset {
    if let measured { return measured.dataset }
    if let testPart { return testPart }
    var part = try load(.test)
    if let limit = configuration.testLimit {
      part = try sample(limit, of: part, for: "test_limit")
    }
    testPart = part
    return part
  }

  /// Some samples of a part, at most a number of them, drawn evenly over the classes with the seed of the
  /// split; a note says so.
  ///
  /// - Parameter purpose: what they are for.
  /// - Throws: `DatasetError.invalidOption` unless the number is positive.
  public func sample(
    _ limit: Int, of dataset: ImageDataset, for purpose: String
  ) throws(DatasetError) -> ImageDataset {
    let seed = configuration.splitSeed
    let sample = try dataset.sample(limit, seed: seed)
    if sample.count < dataset.count {
      note(
        "\(purpose): \(sample.count) of \(dataset.count) images of \(dataset.name), drawn evenly over "
          + "classes with seed \(seed)")
    }
    return sample
  }

  /// The training part as it is, with what would be put aside for validation.
  ///
  /// - Throws: `DatasetError` if it cannot be read.
  public func whole() throws(DatasetError) -> ImageDataset {
    if let measured { return try measured.own.whole() }
    return try load(.train)
  }

  /// A part of the data set by its name.
  ///
  /// - Throws: `DatasetError` as the part.
  public func part(_ part: MeasuredPart) throws(DatasetError) -> ImageDataset {
    switch part {
    case .test: try test()
    case .validation: try validation()
    case .train: try train()
    }
  }

  private func load(_ part: DatasetPart) throws(DatasetError) -> ImageDataset {
    let dataset = try configuration.dataset.load(
      part, directory: directory, allowsUnlabelled: allowsUnlabelled,
      usualSizing: usualSizing, progress: progress)
    for remark in dataset.remarks { note(remark) }
    if let imageSizing, configuration.dataset.takes(.resize), configuration.dataset.size != nil {
      note("images are brought to size by \(imageSizing)")
    }
    return dataset
  }

  /// Says what a person should know of the data, once.
  public func note(_ remark: String) {
    guard !notes.contains(remark) else { return }
    notes.append(remark)
    noted?(remark)
  }

  private func loadSplits() throws(DatasetError) -> DatasetSplits {
    if let measured { return try measured.own.loadSplits() }
    if let splits { return splits }
    var part = try load(.train)
    if let limit = configuration.trainLimit {
      part = try sample(limit, of: part, for: "train_limit")
    }
    if let classes = configuration.classes { part = try part.selecting(classes: classes) }
    let splits = try divided(part)
    for annotation in splits.train.annotations {
      for remark in annotation.learningRemarks(of: splits.train.name) { note(remark) }
    }
    self.splits = splits
    return splits
  }

  /// Training images and those to choose by: the data set's own, unless the recipe says which share of the
  /// training images is put aside.
  private func divided(_ part: ImageDataset) throws(DatasetError) -> DatasetSplits {
    let own = configuration.dataset.validationSource
    if let own, configuration.validationFraction == nil,
      var validation = try configuration.dataset.loadValidation(
        usualSizing: usualSizing, progress: progress)
    {
      for remark in validation.remarks { note(remark) }
      if let classes = configuration.classes {
        validation = try validation.selecting(classes: classes)
      }
      note("validation: the \(validation.count) images of \(own)")
      return DatasetSplits(train: part, validation: validation)
    }
    let fraction = configuration.validationFraction ?? DataConfiguration.usualFraction
    if let own {
      note(
        "validation: \(fraction) of \(part.name), as validation_fraction says; the images of \(own) are "
          + "not used")
    }
    return try part.split(validationFraction: fraction, seed: configuration.splitSeed)
  }
}
