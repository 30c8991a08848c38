/// A public data set that can be fetched.
public struct CatalogEntry: Hashable, Sendable {
  /// A file to transfer.
  public struct File: Hashable, Sendable {
    /// The file's name; one that ends in `.tar.gz` is unpacked.
    public let name: String
    /// Where it is published, the first choice first.
    public let urls: [String]
    /// Its published MD5 in lower-case hexadecimal.
    public let md5: String

    /// Creates a file.
    public init(name: String, urls: [String], md5: String) {
      self.name = name
      self.urls = urls
      self.md5 = md5
    }

    var isArchive: Bool { name.hasSuffix(".tar.gz") }
  }

  /// The name of the data set, which is also its folder's.
  public let name: String
  /// What it is, in one line.
  public let summary: String
  /// Its licence, or how its authors ask to be cited.
  public let terms: String
  /// Its files.
  public let files: [File]

  /// Creates an entry.
  public init(name: String, summary: String, terms: String, files: [File]) {
    self.name = name
    self.summary = summary
    self.terms = terms
    self.files = files
  }
}

extension CatalogEntry {
  /// Fashion-MNIST; checksums from its authors' page,
  /// https://github.com/zalandoresearch/fashion-mnist.
  package static let fashionMNIST = CatalogEntry(
    name: "fashion-mnist", summary: "Fashion-MNIST, 70,000 grey images of clothes, 28×28, 31 MB",
    terms: "MIT; Xiao, Rasul and Vollgraf 2017, https://arxiv.org/abs/1708.07747",
    files: [
      ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
      ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
      ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
      ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
    ].map { name, md5 in
      File(
        name: name,
        urls: [
          "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
          "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ].map { $0 + name }, md5: md5)
    })

  /// CIFAR-10; checksum from its authors' page, https://www.cs.toronto.edu/~kriz/cifar.html.
  package static let cifar10 = CatalogEntry(
    name: "cifar10", summary: "CIFAR-10, 60,000 colour images in 10 classes, 32×32, 162 MB",
    terms: "cite Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
    files: [
      File(
        name: "cifar-10-binary.tar.gz",
        urls: ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"],
        md5: "c32a1d4ab5d03f1284b67883e8d87530")
    ])

  /// CIFAR-100; checksum from its authors' page, https://www.cs.toronto.edu/~kriz/cifar.html.
  package static let cifar100 = CatalogEntry(
    name: "cifar100", summary: "CIFAR-100, 60,000 colour images in 100 classes, 32×32, 161 MB",
    terms: "cite Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
    files: [
      File(
        name: "cifar-100-binary.tar.gz",
        urls: ["https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"],
        md5: "03b5dce01913d631647c71ecec9e9cb8")
    ])
}
