public import Datasets

/// The parts of a recipe's data set, each read when it is first asked for.
public final class DataProvider {
  /// What the recipe says.
  public let configuration: DataConfiguration

  private let directory: DataDirectory
  private let progress: DatasetProgress.Handler?
  private let noted: ((String) -> Void)?
  private var splits: DatasetSplits?
  private var testPart: ImageDataset?

  /// Creates a provider.
  ///
  /// - Parameters:
  ///   - configuration: the data set and what of it.
  ///   - directory: where fetched data sets are.
  ///   - progress: called while images are read or rendered.
  ///   - noted: called with what a person should know of what was read.
  public init(
    _ configuration: DataConfiguration, directory: DataDirectory = DataDirectory(),
    progress: DatasetProgress.Handler? = nil, noted: ((String) -> Void)? = nil
  ) {
    self.configuration = configuration
    self.directory = directory
    self.progress = progress
    self.noted = noted
  }

  /// The training images of the user, without those put aside for validation.
  ///
  /// - Throws: `DatasetError` if they cannot be read or nothing is left of them.
  public func train() throws(DatasetError) -> ImageDataset { try loadSplits().train }

  /// The images put aside to choose by, of the user's classes.
  ///
  /// - Throws: `DatasetError` as ``train()``.
  public func validation() throws(DatasetError) -> ImageDataset { try loadSplits().validation }

  /// The test images of all classes.
  ///
  /// - Throws: `DatasetError` if they cannot be read.
  public func test() throws(DatasetError) -> ImageDataset {
    if let testPart { return testPart }
    var part = try load(.test)
    if let limit = configuration.testLimit { part = try part.taking(limit) }
    testPart = part
    return part
  }

  /// The user's classes as indices in order, `nil` if the data set is not restricted.
  ///
  /// - Throws: `DatasetError` if a class does not exist.
  public func userClasses() throws(DatasetError) -> [Int]? {
    guard let classes = configuration.classes else { return nil }
    return try test().classIndices(classes)
  }

  /// The training part as it is, with what would be put aside for validation.
  ///
  /// - Throws: `DatasetError` if it cannot be read.
  public func whole() throws(DatasetError) -> ImageDataset { try load(.train) }

  private func load(_ part: DatasetPart) throws(DatasetError) -> ImageDataset {
    let dataset = try configuration.dataset.load(part, directory: directory, progress: progress)
    for remark in dataset.remarks { noted?(remark) }
    return dataset
  }

  private func loadSplits() throws(DatasetError) -> DatasetSplits {
    if let splits { return splits }
    var part = try load(.train)
    if let limit = configuration.trainLimit { part = try part.taking(limit) }
    if let classes = configuration.classes { part = try part.selecting(classes: classes) }
    let splits = try part.split(
      validationFraction: configuration.validationFraction, seed: configuration.splitSeed)
    self.splits = splits
    return splits
  }
}
