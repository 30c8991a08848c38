/// The kinds of data set a recipe can name.
public enum DatasetKind: String, CaseIterable, Sendable {
  /// Fashion-MNIST, found where it was fetched to or where Debian's package puts it.
  case fashionMNIST = "fashion-mnist"
  /// CIFAR-10 in its binary layout.
  case cifar10 = "cifar10"
  /// CIFAR-100 in its binary layout.
  case cifar100 = "cifar100"
  /// A folder with the four files of the MNIST family.
  case idx = "idx"
  /// Arrays in an HDF5 file.
  case hdf5 = "hdf5"
  /// A folder of image files.
  case imageFolder = "image-folder"
  /// A folder of images beside a folder of class maps.
  case maskFolder = "mask-folder"
  /// Objects in images, annotated in the JSON of COCO.
  case coco = "coco"
  /// The synthetic 3-D shapes world.
  case shapes = "shapes"
  /// What a drone's camera sees in generated worlds, with the distance of every pixel.
  case drone = "drone"
  /// A text, from a file or generated, whose next characters are predicted.
  case text = "text"

  /// The kind of a name.
  ///
  /// - Throws: ``DatasetError/unknownName(kind:name:nearest:known:)``.
  public static func named(_ name: String) throws(DatasetError) -> DatasetKind {
    guard let kind = DatasetKind(rawValue: name) else {
      throw .unknown("data set", name, among: allCases.map(\.rawValue))
    }
    return kind
  }

  /// The keys of a ``DatasetSpecification`` that mean something for the kind, `name` excepted.
  var keys: Set<DatasetSpecification.CodingKeys> {
    let own: Set<DatasetSpecification.CodingKeys> =
      switch self {
      case .fashionMNIST, .cifar10: [.path]
      case .cifar100: [.path, .label]
      case .idx: [.path, .classNames]
      case .hdf5:
        [
          .path, .images, .labels, .testImages, .testLabels, .classNames, .testFraction, .seed,
          .masks, .testMasks, .depth, .testDepth, .ignored, .depthScale, .layout,
        ]
      case .maskFolder:
        [
          .images, .masks, .testImages, .testMasks, .classNames, .testFraction, .seed, .size,
          .ignored,
        ]
      case .coco:
        [.path, .images, .labels, .testImages, .testLabels, .size]
      case .imageFolder: [.path, .size, .classNames, .testFraction, .seed]
      case .shapes:
        [
          .samples, .testSamples, .seed, .size, .label, .annotations, .split, .noise, .noiseAmount,
        ]
      case .drone: [.samples, .testSamples, .seed, .world]
      case .text: [.path, .size, .testFraction, .samples, .testSamples, .seed]
      }
    let more: Set<DatasetSpecification.CodingKeys> =
      switch self {
      case .text: []
      case .imageFolder, .maskFolder, .coco:
        [.groups, .channels, .unreadable, .resize, .interpolation, .antialias]
      default: [.groups, .channels]
      }
    return own.union(more)
  }

  /// Whether what a path leads to is a folder, where the kind has a path.
  var readsFolder: Bool {
    switch self {
    case .hdf5, .text: false
    case .fashionMNIST, .cifar10, .cifar100, .idx, .imageFolder, .maskFolder, .coco, .shapes,
      .drone:
      true
    }
  }

  /// Whether a path must be given.
  var needsPath: Bool {
    switch self {
    case .idx, .hdf5, .imageFolder, .coco: true
    case .maskFolder, .fashionMNIST, .cifar10, .cifar100, .shapes, .drone, .text: false
    }
  }
}
