import Boxes
import Datasets
import Foundation
import Tensors
import Testing

/// Files that are no part of a data set are counted and named.
@Suite struct LeftOutFilesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func add(_ file: String, as name: String) throws {
    try folder.write([UInt8](ReferenceFile.named(file).file), name)
  }

  private func load(
    _ specification: DatasetSpecification, memoryLimit: Int = 2 << 30
  ) throws -> ImageDataset {
    try specification.load(.test, memoryLimit: memoryLimit)
  }

  private var images: DatasetSpecification {
    var specification = DatasetSpecification(name: "image-folder", path: folder.path)
    specification.size = 8
    return specification
  }

  @Test func everyKindOfFileIsReadWhereverItLies() throws {
    try add("rgb.bmp", as: "ant/a.bmp")
    try add("rgb.jpg", as: "ant/b.JFIF")
    try add("rgb.tif", as: "ant/c.tif")
    try add("palette.gif", as: "ant/camera 2/d.gif")
    try add("rgb.ppm", as: "ant/camera 2/lens/e.ppm")
    try add("lossless.webp", as: "bee/f")
    try add("rgb.png", as: "bee/g.dat")
    let dataset = try load(images)
    #expect(dataset.labels == [0, 0, 0, 0, 0, 1, 1])
    #expect(dataset.remarks.isEmpty)
  }

  @Test func filesThatAreNoImagesAreCountedAndNamed() throws {
    try add("rgb.png", as: "ant/a.png")
    try add("rgb.png", as: "loose.png")
    try folder.write(Array("to do".utf8), "ant/notes.txt")
    try folder.write(Array("x".utf8), "ant/more/Thumbs.db")
    try folder.write([1], "ant/.hidden")
    try FileManager.default.createDirectory(
      atPath: folder.path + "/bee/x.png", withIntermediateDirectories: true)
    let dataset = try load(images)
    #expect(dataset.count == 1 && dataset.classNames == ["ant", "bee"])
    #expect(
      dataset.remarks == [
        "\(folder.path): class folders without images: 1 (bee)",
        "\(folder.path): files left out, as they are no images that are read: 2 "
          + "(ant/notes.txt, ant/more/Thumbs.db)",
        "\(folder.path): images left out, as they lie in no folder of a class: 1 (loose.png)",
      ])
  }

  @Test func foldersThatLeadBackAreNotFollowedForever() throws {
    try add("rgb.png", as: "ant/a.png")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/ant/again", withDestinationPath: ".")
    #expect(try load(images).count == 1)
  }

  @Test func whatCannotBeReadIsAnErrorThatSaysWhatToDo() throws {
    try add("rgb.png", as: "ant/a.png")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/ant/b.png", withDestinationPath: "b.png")
    let error = #expect(throws: DatasetError.self) { try load(images) }
    #expect(
      "\(try #require(error))"
        == "\(folder.path)/ant/b.png: Too many levels of symbolic links; "
        + "`data.unreadable: skip` leaves out what cannot be read")
  }

  @Test(arguments: [2 << 30, 0]) func unreadableFilesAreLeftOutOnRequest(limit: Int) throws {
    try folder.write(Array("broken".utf8), "ant/a.png")
    try add("rgb.png", as: "ant/b.png")
    try addHalf("rgb.bmp", as: "bee/c.bmp")
    try add("grey.jpg", as: "bee/d.jpg")
    var specification = images
    specification.unreadable = "skip"
    let dataset = try load(specification, memoryLimit: limit)
    #expect(dataset.labels == [0, 1])
    let expected = try ReferenceFile.named("rgb.png").image.resized(
      height: 8, width: 8, .cropping)
    #expect(try dataset.bytes(at: [0]) == expected.bytes)
    #expect(dataset.remarks.count == 1)
    let remark = try #require(dataset.remarks.first)
    #expect(remark.hasPrefix("files left out, as they cannot be read: 2 (\(folder.path)/ant/a.png"))
    #expect(remark.contains("bee/c.bmp: BMP image: expected valid data"))
    #expect(!remark.contains("unreadable"))
    specification.unreadable = "ignore"
    #expect(throws: DatasetError.self) { try load(specification) }
  }

  /// The first half of a file.
  private func addHalf(_ file: String, as name: String) throws {
    let bytes = [UInt8](try ReferenceFile.named(file).file)
    try folder.write(Array(bytes.prefix(bytes.count / 2)), name)
  }

  @Test func aDataSetOfUnreadableFilesIsAnError() throws {
    try folder.write(Array("broken".utf8), "ant/a.png")
    var specification = images
    specification.unreadable = "skip"
    let error = #expect(throws: DatasetError.self) { try load(specification) }
    #expect("\(try #require(error))".contains("ant/a.png"))
  }

  @Test func mapsThatCannotBeReadTakeTheirImagesWithThem() throws {
    for name in ["a", "b", "deep/c"] {
      try add("rgb.png", as: "images/\(name).png")
      try add("grey.pgm", as: "masks/\(name).pgm")
    }
    try folder.write(Array("broken".utf8), "masks/b.pgm")
    try folder.write(Array("about".utf8), "images/readme.md")
    var specification = DatasetSpecification(name: "mask-folder")
    specification.images = folder.path + "/images"
    specification.masks = folder.path + "/masks"
    specification.ignored = 0
    let error = #expect(throws: DatasetError.self) { try load(specification) }
    #expect("\(try #require(error))".contains("masks/b.pgm: class map: expected PNG"))
    specification.unreadable = "skip"
    let dataset = try load(specification)
    #expect(dataset.count == 2)
    #expect(dataset.remarks.count == 2)
    #expect(dataset.remarks[0].hasSuffix("1 (readme.md)"))
  }

  @Test func imagesThatAreMissingTakeTheirObjectsWithThem() throws {
    try add("rgb.png", as: "train/a.png")
    try add("rgb.jpg", as: "train/c.jpg")
    let size = #""width": 9, "height": 6"#
    let json = """
      {"categories": [{"id": 1, "name": "x"}], "images": [
        {"id": 1, "file_name": "a.png", \(size)}, {"id": 2, "file_name": "b.png", \(size)},
        {"id": 3, "file_name": "c.jpg"}],
       "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4]},
        {"id": 2, "image_id": 2, "category_id": 1, "bbox": [1, 1, 4, 4]}]}
      """
    try folder.write(Array(json.utf8), "train/_annotations.coco.json")
    var specification = DatasetSpecification(name: "coco", path: folder.path)
    specification.size = 16
    let error = #expect(throws: DatasetError.self) { try specification.load(.train) }
    #expect("\(try #require(error))".contains("lists it as image 2; `data.unreadable: skip`"))
    specification.unreadable = "skip"
    let dataset = try specification.load(.train)
    #expect(dataset.count == 2)
    #expect(dataset.remarks.count == 1 && dataset.remarks[0].contains("train/b.png: no such file"))
  }

  @Test func aFileThatATableListsTwiceIsSaid() throws {
    try add("rgb.png", as: "a.png")
    try add("rgb.png", as: "b.png")
    try folder.write(Array("file,label\na.png,0\nb.png,1\na.png,0\n".utf8), "labels.csv")
    let dataset = try load(images)
    #expect(dataset.count == 3)
    #expect(
      dataset.remarks.contains { $0.contains("several times") && $0.contains("1 (a.png)") })
  }

  @Test func classesOfOneSampleAreSaidWherePartsAreDivided() throws {
    let dataset = ImageDataset(
      name: "few", imageShape: [1, 1, 1], classNames: ["ant", "bee", "cat"],
      pixels: [1, 2, 3, 4, 5], labels: [0, 0, 1, 2, 2])
    let parts = try dataset.split(validationFraction: 0.4, seed: 1)
    #expect(parts.validation.labels == [0, 2])
    #expect(parts.train.remarks.contains { $0.contains("1 (bee)") })
  }

  @Test func imagesThatCOCOJSONDoesNotListAreSaid() throws {
    try add("rgb.png", as: "images/a.png")
    try add("rgb.png", as: "images/b.png")
    try folder.write(
      Array(
        #"""
        {"images": [{"id": 1, "file_name": "a.png", "width": 9, "height": 6}], "annotations": [],
         "categories": [{"id": 1, "name": "ant"}]}
        """#.utf8), "test.json")
    var specification = DatasetSpecification(name: "coco", path: folder.path)
    (specification.testImages, specification.testLabels) = ("images", "test.json")
    (specification.images, specification.labels) = ("images", "test.json")
    specification.size = 8
    let dataset = try load(specification)
    #expect(dataset.remarks.contains { $0.contains("does not list them: 1") })
  }
}
