public import Configurations
public import Datasets

/// The `data` section of a recipe: which data set, and what of it.
public struct DataConfiguration: Hashable, Sendable {
  /// The data set and where it is.
  public var dataset: DatasetSpecification

  /// The share of the training part that is put aside to choose by, whatever else the data set has; if
  /// nil, the validation part of a data set that has one, or ``usualFraction``.
  public var validationFraction: Double?

  /// The share that is put aside unless another is given.
  public static let usualFraction = 0.1

  /// Which draw of the validation split and of limits; the same for every seed of a study, so that a network
  /// and what is trained on it later have the same training images.
  public var splitSeed: UInt64

  /// The classes of the user whose data this is; `nil` for all.
  public var classes: [ClassReference]?

  /// The most training samples that are used, drawn evenly over the classes before the validation split.
  public var trainLimit: Int?

  /// The most test samples that are used, drawn evenly over the classes.
  public var testLimit: Int?

  /// Whether training images are mirrored at random.
  public var horizontalFlip: Bool

  /// How many pixels training images are shifted at random in each direction, at most.
  public var cropPadding: Int

  /// Creates a section with its defaults.
  public init(_ dataset: DatasetSpecification) {
    self.dataset = dataset
    splitSeed = 0
    horizontalFlip = false
    cropPadding = 0
  }

  /// The random changes of training images.
  ///
  /// - Throws: `DatasetError` if the padding is out of range.
  public func augmentation() throws(DatasetError) -> Augmentation {
    try Augmentation(flipsHorizontally: horizontalFlip, cropPadding: cropPadding)
  }
}

extension DataConfiguration: Codable {
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case validationFraction = "validation_fraction"
    case splitSeed = "split_seed"
    case classes
    case trainLimit = "train_limit"
    case testLimit = "test_limit"
    case horizontalFlip = "horizontal_flip"
    case cropPadding = "crop_padding"
  }

  /// Reads the section; the keys of the data set stand beside its own.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    validationFraction = try container.decodeIfPresent(
      Double.self, forKey: .validationFraction)
    splitSeed = try container.decodeIfPresent(UInt64.self, forKey: .splitSeed) ?? 0
    classes = try container.decodeIfPresent([ClassReference].self, forKey: .classes)
    trainLimit = try container.decodeIfPresent(Int.self, forKey: .trainLimit)
    testLimit = try container.decodeIfPresent(Int.self, forKey: .testLimit)
    horizontalFlip = try container.decodeIfPresent(Bool.self, forKey: .horizontalFlip) ?? false
    cropPadding = try container.decodeIfPresent(Int.self, forKey: .cropPadding) ?? 0
    dataset = try DatasetSpecification(from: decoder)
  }

  /// Writes the section.
  public func encode(to encoder: any Encoder) throws {
    try dataset.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(validationFraction, forKey: .validationFraction)
    try container.encode(splitSeed, forKey: .splitSeed)
    try container.encodeIfPresent(classes, forKey: .classes)
    try container.encodeIfPresent(trainLimit, forKey: .trainLimit)
    try container.encodeIfPresent(testLimit, forKey: .testLimit)
    try container.encode(horizontalFlip, forKey: .horizontalFlip)
    try container.encode(cropPadding, forKey: .cropPadding)
  }
}

extension DataConfiguration: Validatable {
  /// Reports what is out of range, and what the data set does not know.
  public func validate(_ report: inout ValidationReport) {
    for problem in dataset.problems() {
      // The report names the key already.
      if case .invalidOption(_, let value, let expected) = problem.error {
        report.add("expected \(expected), found \(value)", at: problem.key.rawValue)
      } else {
        report.add("\(problem.error)", at: problem.key.rawValue)
      }
    }
    if let validationFraction, !(validationFraction > 0 && validationFraction < 1) {
      report.add(
        "expected a number between 0 and 1, both excluded, found \(validationFraction)",
        at: CodingKeys.validationFraction.rawValue)
    }
    if let classes, Set(classes).count < classes.count {
      report.add("expected every class once", at: CodingKeys.classes.rawValue)
    }
    if let classes, classes.isEmpty {
      report.add("expected at least one class, found none", at: CodingKeys.classes.rawValue)
    }
    for (key, limit) in [(CodingKeys.trainLimit, trainLimit), (.testLimit, testLimit)] {
      if let limit, limit < 1 { report.add("expected 1 or more, found \(limit)", at: key.rawValue) }
    }
    if !(0...4096).contains(cropPadding) {
      report.add(
        "expected 0 to 4096 pixels, found \(cropPadding)", at: CodingKeys.cropPadding.rawValue)
    }
  }
}
