import Boxes
import Datasets
import Foundation
import Tensors
import Testing

/// The classes of a data set's parts, which are read one by one.
@Suite struct PartClassesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func image(_ name: String) throws {
    let bytes = [UInt8](repeating: 9, count: 8 * 8 * 3)
    try ImageFile.write(
      PixelImage(height: 8, width: 8, channels: 3, bytes: bytes), to: folder.file(name))
  }

  /// A part as Roboflow writes it, with an object of each of some categories.
  private func coco(_ part: String, _ categories: [(id: Int, name: String)], of: [Int]) throws {
    try image("\(part)/i.png")
    let list = categories.map { #"{"id": \#($0.id), "name": "\#($0.name)"}"# }
    let boxes = of.enumerated().map {
      #"{"id": \#($0), "image_id": 1, "category_id": \#($1), "bbox": [\#($0), 0, 2, 2]}"#
    }
    let json = """
      {"images": [{"id": 1, "file_name": "i.png", "width": 8, "height": 8}],
       "categories": [\(list.joined(separator: ", "))],
       "annotations": [\(boxes.joined(separator: ", "))]}
      """
    try folder.write(Array(json.utf8), "\(part)/_annotations.coco.json")
  }

  @Test(arguments: [("Train", "Test"), ("training", "testing"), ("TRAIN", "val")])
  func foldersOfPartsMayBeCalledOtherwise(train: String, test: String) throws {
    for name in ["\(train)/cat/1.png", "\(train)/dog/2.png", "\(test)/dog/3.png", "more/4.png"] {
      try image(name)
    }
    var specification = DatasetSpecification(name: "image-folder", path: folder.path)
    specification.testFraction = 0.5
    let parts = try (specification.load(.train), specification.load(.test))
    #expect(parts.0.classNames == ["cat", "dog"] && parts.1.classNames == ["cat", "dog"])
    #expect(parts.0.count == 2 && parts.1.count == 1 && parts.1.labels == [1])
    #expect(parts.0.remarks.contains { $0.contains("more") })
  }

  @Test func aTestFolderAloneIsTheTestPart() throws {
    for name in ["test/cat/1.png", "test/dog/2.png"] { try image(name) }
    let specification = DatasetSpecification(name: "image-folder", path: folder.path)
    #expect(try specification.load(.test).classNames == ["cat", "dog"])
    #expect(throws: DatasetError.self) { try specification.load(.train) }
  }

  private func categories(_ dataset: ImageDataset) throws -> [String] {
    guard case .boxes(let names, let rows) = try dataset.annotation("boxes").content else {
      return []
    }
    return (rows[0] ?? []).map { names[Int($0.category)] }
  }

  @Test(arguments: [
    // The same names under other identifiers; a category of all that only one part has.
    ([(1, "cat"), (2, "dog")], [(1, "dog"), (2, "cat")], ["cat", "dog"]),
    ([(0, "pets"), (1, "cat"), (2, "dog")], [(1, "cat"), (2, "dog")], ["pets", "cat", "dog"]),
    ([(1, "cat"), (2, "dog")], [(0, "pets"), (1, "cat"), (2, "dog")], ["cat", "dog"]),
  ]) func categoriesOfPartsAreMatchedByName(
    train: [(id: Int, name: String)], test: [(id: Int, name: String)], names: [String]
  ) throws {
    try coco("train", train, of: [1, 2])
    try coco("test", test, of: [1, 2, 2])
    var specification = DatasetSpecification(name: "coco", path: folder.path)
    specification.size = 8
    let parts = (try specification.load(.train), try specification.load(.test))
    #expect(parts.0.classNames == names && parts.1.classNames == names)
    #expect(try parts.1.annotation("boxes").classNames == names)
    let found = test.filter { $0.id > 0 }.map(\.name)
    #expect(try categories(parts.1) == [found[0], found[1], found[1]])
    // The class of a sample is its most frequent category.
    #expect(parts.1.classNames[Int(parts.1.labels[0])] == found[1])
    #expect(parts.1.remarks.count == 1)
  }

  @Test func aCategoryThatTrainingLacksIsAnError() throws {
    try coco("train", [(1, "cat"), (2, "dog")], of: [1, 2])
    try coco("test", [(1, "cat"), (2, "bird")], of: [2])
    let specification = DatasetSpecification(name: "coco", path: folder.path)
    let error = #expect(throws: DatasetError.self) { try specification.load(.test) }
    let message = "\(try #require(error))"
    #expect(message.contains("class 'bird' of \(folder.path)/test/_annotations.coco.json"))
    #expect(message.contains("has 2 ('dog', 'cat')") && message.contains("has 2 ('bird', 'cat')"))
  }

  @Test func foldersOfATestThatTrainingLacksAreAnErrorUnlessTheyAreEmpty() throws {
    for name in ["train/ant/1.png", "train/bee/1.png", "test/bee/1.png"] { try image(name) }
    try folder.write([1], "test/cow/notes.txt")
    let specification = DatasetSpecification(name: "image-folder", path: folder.path)
    let test = try specification.load(.test)
    #expect(test.labels == [1] && test.classNames == ["ant", "bee"])
    try image("test/cow/1.png")
    let error = #expect(throws: DatasetError.self) { try specification.load(.test) }
    let message = "\(try #require(error))"
    #expect(message.contains("class 'cow'"))
    #expect(message.contains("('ant', 'bee')") && message.contains("('cow', 'bee')"))
  }

  @Test func tablesOfPartsAreMatchedByName() throws {
    for name in ["train/1.png", "train/2.png", "test/1.png"] { try image(name) }
    try folder.write(Array("file,label\n1.png,ant\n2.png,bee\n".utf8), "train/labels.csv")
    try folder.write(Array("file,label\n1.png,bee\n".utf8), "test/labels.csv")
    let specification = DatasetSpecification(name: "image-folder", path: folder.path)
    #expect(try specification.load(.test).labels == [1])
    // Names on one side, numbers on the other.
    try folder.write(Array("file,label\n1.png,1\n".utf8), "test/labels.csv")
    let numbered = try specification.load(.test)
    #expect(numbered.labels == [1] && numbered.classNames == ["ant", "bee"])
    #expect(numbered.remarks.count == 1)
    try folder.write(Array("file,label\n1.png,2\n".utf8), "test/labels.csv")
    #expect(throws: DatasetError.self) { try specification.load(.test) }
  }

  @Test(arguments: ["val", "valid", "validation"])
  func aFolderOfValidationImagesBesideTestImagesIsAPart(name: String) throws {
    for name in ["train/ant/1.png", "train/bee/1.png", "\(name)/bee/1.png"] { try image(name) }
    var specification = DatasetSpecification(name: "image-folder", path: folder.path)
    // Alone, they are what there is to test with.
    #expect(try specification.loadValidation() == nil)
    let test = try specification.load(.test)
    #expect(test.labels == [1] && test.remarks.contains { $0.contains("is the test part") })
    try image("test/ant/1.png")
    let validation = try #require(try specification.loadValidation())
    #expect(validation.labels == [1] && validation.classNames == ["ant", "bee"])
    #expect(specification.validationSource == "\(folder.path)/\(name)")
    #expect(try specification.load(.test).labels == [0])
    specification.groups = ["wings": ["some": [.name("bee")]]]
    #expect(try specification.loadValidation()?.annotation("wings").classNames == ["some"])
  }

  @Test func roboflowsThreeFoldersAreThreeParts() throws {
    try coco("train", [(1, "cat"), (2, "dog")], of: [1, 2])
    try coco("valid", [(1, "dog"), (2, "cat")], of: [1])
    var specification = DatasetSpecification(name: "coco", path: folder.path)
    specification.size = 8
    #expect(try specification.loadValidation() == nil)
    #expect(try categories(specification.load(.test)) == ["dog"])
    try coco("test", [(1, "cat"), (2, "dog")], of: [2, 2])
    let validation = try #require(try specification.loadValidation())
    #expect(try categories(validation) == ["dog"] && validation.classNames == ["cat", "dog"])
    #expect(try categories(specification.load(.test)) == ["dog", "dog"])
  }

  @Test func theNamesOfARecipeGiveTheOrder() throws {
    for name in ["a/ant/1.png", "a/bee/1.png"] { try image(name) }
    var specification = DatasetSpecification(name: "image-folder", path: folder.path + "/a")
    specification.classNames = ["cow", "bee", "ant"]
    let dataset = try specification.load(.test)
    #expect(dataset.classNames == ["cow", "bee", "ant"] && dataset.labels == [2, 1])
    specification.classNames = ["cow", "bees", "ant"]
    let error = #expect(throws: DatasetError.self) { try specification.load(.test) }
    #expect("\(try #require(error))".contains("class 'bee' (did you mean 'bees'?)"))
  }
}
