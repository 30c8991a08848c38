/// The folders of a data set's parts, by the names they usually have, in capitals or not.
struct PartFolders {
  /// Those of training images.
  private static let trainNames = ["train", "training"]
  /// Those of images to choose by.
  private static let validationNames = ["val", "valid", "validation", "dev"]
  /// Those of test images.
  private static let testNames = ["test", "testing"]

  /// The folder of the training images.
  let train: String?
  /// The folder of the images to choose by.
  let validation: String?
  /// The folder of the test images.
  let test: String?
  /// The names of folders beside the parts, which belong to none.
  let others: [String]

  /// Looks into a folder.
  ///
  /// - Returns: nil if its folders are no parts: if none is of training images and some are called
  ///   otherwise, as classes are.
  init?(in folder: String) throws(DatasetError) {
    let names = try listFolder(folder).filter { isFolder(joined(folder, $0)) }
    var taken: Set<String> = []
    func find(_ known: [String]) -> String? {
      let name = known.lazy.compactMap { name in names.first { $0.lowercased() == name } }.first
      if let name { taken.insert(name) }
      return name.map { joined(folder, $0) }
    }
    train = find(PartFolders.trainNames)
    validation = find(PartFolders.validationNames)
    test = find(PartFolders.testNames)
    others = names.filter { !taken.contains($0) }
    guard train != nil || (!taken.isEmpty && others.isEmpty) else { return nil }
  }

  /// The folder that images to choose by come from; nil if they are the only ones to test on.
  var ownValidation: String? { train == nil || test == nil ? nil : validation }
}
