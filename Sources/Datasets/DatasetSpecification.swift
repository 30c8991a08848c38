/// Which data set, and from where: the `data` node of a recipe.
public struct DatasetSpecification: Hashable, Codable, Sendable {
  /// The keys in a recipe.
  public enum CodingKeys: String, CodingKey, CaseIterable, Sendable {
    /// ``DatasetSpecification/name``.
    case name
    /// ``DatasetSpecification/path``.
    case path
    /// ``DatasetSpecification/images``.
    case images
    /// ``DatasetSpecification/labels``.
    case labels
    /// ``DatasetSpecification/testImages``.
    case testImages = "test_images"
    /// ``DatasetSpecification/testLabels``.
    case testLabels = "test_labels"
    /// ``DatasetSpecification/classNames``.
    case classNames = "class_names"
    /// ``DatasetSpecification/testFraction``.
    case testFraction = "test_fraction"
    /// ``DatasetSpecification/size``.
    case size
    /// ``DatasetSpecification/samples``.
    case samples
    /// ``DatasetSpecification/testSamples``.
    case testSamples = "test_samples"
    /// ``DatasetSpecification/seed``.
    case seed
    /// ``DatasetSpecification/label``.
    case label
  }

  /// The kind of data set, a raw value of ``DatasetKind``.
  public var name: String
  /// The folder or file; where it may be left out, the usual places are looked at.
  public var path: String?
  /// `hdf5`: the path of the training images in the file.
  public var images: String?
  /// `hdf5`: the path of the training labels in the file.
  public var labels: String?
  /// `hdf5`: the path of the test images in the file.
  public var testImages: String?
  /// `hdf5`: the path of the test labels in the file.
  public var testLabels: String?
  /// `idx`, `hdf5`, `image-folder`: the classes in the order of their labels.
  public var classNames: [String]?
  /// `hdf5`, `image-folder`: the fraction that is put aside for testing where the data have no test
  /// part of their own; `text`: the part of the file, at its end, that tests, 0.1 if left out.
  public var testFraction: Double?
  /// `image-folder`, `shapes`: the rows and columns that images are brought to; `text`: the
  /// characters of a window, 64 if left out.
  public var size: Int?
  /// `shapes`: the number of training scenes, 20,000 if left out; `text` without a path: the
  /// number of windows, 4,000 if left out.
  public var samples: Int?
  /// `shapes`: the number of test scenes, 4,000 if left out; `text` without a path: the number of
  /// test windows, 400 if left out.
  public var testSamples: Int?
  /// `shapes`: what the choice of scenes follows from; `hdf5`, `image-folder`: what the test
  /// samples are; 0 if left out.
  public var seed: UInt64?
  /// `shapes`: the factor that is the class; `cifar100`: `fine` or `coarse`.
  public var label: String?

  /// Creates a specification; more is set through its properties.
  public init(name: String, path: String? = nil) {
    self.name = name
    self.path = path
  }

  /// Everything that is wrong with the specification, without looking at any file: the key and
  /// what is wrong with its value.
  public func problems() -> [(key: CodingKeys, error: DatasetError)] {
    let kind: DatasetKind
    do throws(DatasetError) { kind = try .named(name) } catch { return [(.name, error)] }
    var problems: [(key: CodingKeys, error: DatasetError)] = []
    func report(_ key: CodingKeys, _ value: String, _ expected: String) {
      problems.append(
        (key, .invalidOption(name: key.rawValue, value: value, expected: expected)))
    }
    for (key, value) in values where !kind.keys.contains(key) {
      let known = kind.keys.map(\.rawValue).sorted().joined(separator: ", ")
      report(key, value, "no such key for \(name), whose keys are \(known)")
    }
    if kind.needsPath, path?.isEmpty != false { report(.path, "none", "a path, for \(name)") }
    if kind == .hdf5 {
      if images == nil { report(.images, "none", "the path of the images in the file") }
      if labels == nil { report(.labels, "none", "the path of the labels in the file") }
      if (testImages == nil) != (testLabels == nil) {
        report(
          testImages == nil ? .testImages : .testLabels, "none",
          "both test_images and test_labels, or neither")
      }
    }
    if let testFraction, !(testFraction > 0 && testFraction < 1) {
      report(.testFraction, "\(testFraction)", "a number between 0 and 1, both excluded")
    }
    if let size, !(8...1024).contains(size) {
      report(.size, "\(size)", "8 to 1024 \(kind == .text ? "characters" : "pixels")")
    }
    if kind == .text, path != nil {
      for (key, value) in values where [.samples, .testSamples, .seed].contains(key) {
        report(key, value, "no such key beside a path")
      }
    }
    let limit = ShapeFactors.sceneCount / 2
    for (key, value) in [(CodingKeys.samples, samples), (.testSamples, testSamples)] {
      if let value, !(1...limit).contains(value) { report(key, "\(value)", "1 to \(limit)") }
    }
    if let label, let known = labelNames(kind), !known.contains(label) {
      problems.append((.label, .unknown("label", label, among: known)))
    }
    if let classNames, Set(classNames).count != classNames.count || classNames.isEmpty {
      report(.classNames, "\(classNames)", "at least one name, and none twice")
    }
    return problems
  }

  private func labelNames(_ kind: DatasetKind) -> [String]? {
    switch kind {
    case .cifar100: ["fine", "coarse"]
    case .shapes: ShapeFactor.allCases.map(\.rawValue)
    default: nil
    }
  }

  /// The keys that are set, with their values as text.
  private var values: [(key: CodingKeys, value: String)] {
    let all: [(CodingKeys, (any Sendable)?)] = [
      (.path, path), (.images, images), (.labels, labels), (.testImages, testImages),
      (.testLabels, testLabels), (.classNames, classNames), (.testFraction, testFraction),
      (.size, size), (.samples, samples), (.testSamples, testSamples), (.seed, seed),
      (.label, label),
    ]
    return all.compactMap { key, value in value.map { (key, "\($0)") } }
  }
}
