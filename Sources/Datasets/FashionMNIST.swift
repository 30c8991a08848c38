/// Finds and reads Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, https://arxiv.org/abs/1708.07747).
public enum FashionMNIST {
  /// The classes in the order of their labels.
  public static let classNames = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
  ]

  /// The folder of its files: the given path, or else where it is fetched to, or else where
  /// Debian's package puts it.
  ///
  /// - Throws: ``DatasetError/notFound(dataset:searched:remedy:)``, which says how to get it.
  public static func folder(
    path: String? = nil, directory: DataDirectory = DataDirectory()
  ) throws(DatasetError) -> String {
    try folder(
      path: path, directory: directory, packaged: DataDirectory.debianFashionMNIST)
  }

  package static func folder(
    path: String?, directory: DataDirectory, packaged: String
  ) throws(DatasetError) -> String {
    let folders = path.map { [$0] } ?? [directory.folder(of: "fashion-mnist"), packaged]
    return try directory.locate(
      "Fashion-MNIST", among: folders,
      holding: IDXNames.images.values.flatMap { [$0, $0 + ".gz"] },
      remedy: "Run `apt-get install dataset-fashion-mnist` or `cleave data fetch fashion-mnist`.")
  }

  /// Reads one part from a folder.
  ///
  /// - Throws: ``DatasetError`` if a file is missing or bad.
  public static func dataset(
    folder: String, part: DatasetPart
  ) throws(DatasetError) -> ImageDataset {
    try IDXFile.dataset(
      name: "fashion-mnist/\(part.rawValue)", part: part, folder: folder, classNames: classNames)
  }
}

/// The file names of the MNIST family.
enum IDXNames {
  static let images: [DatasetPart: String] = [
    .train: "train-images-idx3-ubyte", .test: "t10k-images-idx3-ubyte",
  ]
  static let labels: [DatasetPart: String] = [
    .train: "train-labels-idx1-ubyte", .test: "t10k-labels-idx1-ubyte",
  ]
}

extension IDXFile {
  /// Reads one part of a data set from a folder with the file names of the MNIST family, gzipped
  /// or not.
  ///
  /// - Throws: ``DatasetError`` if a file is missing or bad.
  public static func dataset(
    name: String, part: DatasetPart, folder: String, classNames: [String]
  ) throws(DatasetError) -> ImageDataset {
    try dataset(
      name: name, images: locate(IDXNames.images[part] ?? "", in: folder),
      labels: locate(IDXNames.labels[part] ?? "", in: folder), classNames: classNames)
  }
}
