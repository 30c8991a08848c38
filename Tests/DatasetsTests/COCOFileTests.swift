import Boxes
import Datasets
import Foundation
import Tensors
import Testing

@Suite struct COCOFileTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["a.png", "b.png"] {
      let bytes = (0..<16 * 32 * 3).map { UInt8($0 % 251) }
      try ImageFile.write(
        PixelImage(height: 16, width: 32, channels: 3, bytes: bytes),
        to: folder.file("pictures/\(name)"))
    }
  }

  private static let images = """
    {"id": 7, "file_name": "a.png", "width": 32, "height": 16}, {"id": 3, "file_name": "b.png"}
    """
  private static let categories = #"{"id": 9, "name": "cat"}, {"id": 2, "name": "dog"}"#

  private func read(
    _ annotations: String, images: String = COCOFileTests.images,
    categories: String = COCOFileTests.categories
  ) throws -> COCOFile {
    try read(
      whole:
        #"{"images": [\#(images)], "annotations": [\#(annotations)], "categories": [\#(categories)]}"#
    )
  }

  private func read(whole: String) throws -> COCOFile {
    let path = try folder.write(Array(whole.utf8), "labels.json")
    return try COCOFile(reading: path, images: folder.path + "/pictures")
  }

  @Test func objectsAreSortedToTheirImagesAndCategories() throws {
    let file = try read(
      """
      {"id": 1, "image_id": 7, "category_id": 9, "bbox": [2, 3, 10, 5], "area": 20, "iscrowd": 0},
      {"id": 2, "image_id": 7, "category_id": 2, "bbox": [-4, 8, 100, 100], "iscrowd": true},
      {"id": 3, "image_id": 7, "category_id": 2, "bbox": [4, 8, 0, 100]}
      """)
    #expect(file.categories == ["dog", "cat"])
    #expect(file.images.map(\.id) == [7, 3])
    // The size that is not given is that of the file.
    #expect(file.images[1].height == 16 && file.images[1].width == 32)
    #expect(file.images[1].objects.isEmpty)
    #expect(
      file.images[0].objects == [
        LabelledBox(BoundingBox(left: 2, top: 3, right: 12, bottom: 8), category: 1, area: 20),
        LabelledBox(
          BoundingBox(left: 0, top: 8, right: 32, bottom: 16), category: 0, isCrowd: true),
      ])
    #expect(file.emptyBoxCount == 1)
  }

  @Test(arguments: [
    (
      #"{"id": 1, "image_id": 8, "category_id": 9, "bbox": [2, 3, 10, 5]}"#,
      "annotation 1: expected the id of one of the images as its image_id, found 8"
    ),
    (
      #"{"id": 1, "image_id": 7, "category_id": 1, "bbox": [2, 3, 10, 5]}"#,
      "annotation 1: expected one of the category ids 2, 9, found 1"
    ),
    (
      #"{"id": 5, "image_id": 7, "category_id": 9, "bbox": [40, 3, 10, 5]}"#,
      "annotation 5: expected a bbox that reaches into the image of 16×32"
    ),
    (
      #"{"id": 5, "image_id": 7, "category_id": 9, "bbox": [40, 3, 10]}"#,
      "expected a bbox of four numbers, left, top, width and height, found 3 numbers"
    ),
    (#"{"image_id": 7, "category_id": 9}"#, "annotations[0]: expected an id, found none"),
    (
      """
      {"id": 5, "image_id": 7, "category_id": 9, "bbox": [4, 3, 9, 9]},
      {"id": 5, "image_id": 7, "category_id": 9, "bbox": [4, 3, 9, 9]}
      """, "annotation 5: expected an id of its own"
    ),
    (#"{"id": 5, "image_id": "seven"}"#, "annotations[0].image_id"),
    (
      #"{"id": 5, "image_id": 7, "category_id": 9, "bbox": [1, 2, 3, 4], "area": -1}"#,
      "expected an area of at least 0, found -1.0"
    ),
  ])
  func aBadAnnotationIsNamed(annotation: String, message: String) throws {
    let error = #expect(throws: DatasetError.self) { try read(annotation) }
    let text = "\(try #require(error))"
    #expect(text.contains(message) && text.contains("labels.json"), "\(text)")
  }

  @Test func badImagesAndCategoriesAreNamed() throws {
    func message(
      images: String = COCOFileTests.images, categories: String = COCOFileTests.categories
    ) throws -> String {
      let error = #expect(throws: DatasetError.self) {
        try read("", images: images, categories: categories)
      }
      return "\(try #require(error))"
    }
    #expect(try message(images: #"{"id": 1, "file_name": "c.png"}"#).contains("c.png"))
    #expect(
      try message(images: #"{"id": 1, "file_name": "../a.png"}"#)
        .contains("expected a file_name inside the folder of images"))
    #expect(
      try message(images: #"{"id": 1, "file_name": "a.png", "width": 0, "height": 4}"#)
        .contains("expected a positive height and width, found 4×0"))
    #expect(try message(images: "").contains("images: expected at least one"))
    #expect(try message(categories: "").contains("categories: expected at least one"))
    #expect(
      try message(categories: #"{"id": 1, "name": "x"}, {"id": 2, "name": "x"}"#)
        .contains("category 2: expected a name of its own, found 'x' twice"))
  }

  @Test func textThatIsNoJSONIsNamedWithItsLine() throws {
    let error = #expect(throws: DatasetError.self) { try read(whole: "{\n  \"images\": [,]\n}") }
    #expect("\(try #require(error))".contains("line 2"))
  }

  @Test func imagesFitIntoOneSizeAndTheirBoxesWithThem() throws {
    let file = try read(
      #"{"id": 1, "image_id": 7, "category_id": 9, "bbox": [8, 4, 16, 8], "area": 64}"#)
    let dataset = COCODataset.dataset(name: "pets", file: file, height: 64, width: 64)
    #expect(dataset.imageShape == [64, 64, 3])
    guard case .boxes(_, let rows) = try dataset.annotation("boxes").content else {
      Issue.record("no boxes")
      return
    }
    // Twice as large, with 16 rows of black above.
    #expect(
      rows[0] == [
        LabelledBox(BoundingBox(left: 16, top: 24, right: 48, bottom: 40), category: 1, area: 256)
      ])
    #expect(rows[1] == [])
    #expect(dataset.labels == [1, 0])
    let bytes = try dataset.bytes(at: [0])
    #expect(bytes[0..<15 * 64 * 3].allSatisfy { $0 == 0 })
    #expect(bytes[16 * 64 * 3..<48 * 64 * 3].contains { $0 > 0 })
  }

  @Test func anObjectBelowAPixelStaysInTheTruth() throws {
    // A quarter of the size, so that the first object is half a pixel.
    let file = try read(
      """
      {"id": 1, "image_id": 7, "category_id": 9, "bbox": [4, 4, 2, 2]},
      {"id": 2, "image_id": 7, "category_id": 2, "bbox": [8, 4, 8, 8]}
      """)
    let dataset = COCODataset.dataset(name: "small", file: file, height: 8, width: 8)
    let set = try dataset.annotation("boxes")
    guard case .boxes(_, let rows) = set.content else {
      Issue.record("no boxes")
      return
    }
    let small = LabelledBox(
      BoundingBox(left: 1, top: 3, right: 1.5, bottom: 3.5), category: 1, area: 0.25)
    #expect(rows[0]?.first == small && !small.isLearnable)
    let draw = try Augmentation(cropPadding: 1)
    // An image that is not changed keeps what it has; what a change moves must be large enough.
    #expect(Augmentation.Draw.none.boxes(rows[0] ?? [], height: 8, width: 8) == rows[0])
    for seed in 0..<8 {
      let changed = draw.draw(seed: UInt64(seed), epoch: 0, sample: 0)
      guard changed != .none else { continue }
      #expect(changed.boxes(rows[0] ?? [], height: 8, width: 8).allSatisfy { $0.isLearnable })
    }
    #expect(set.areaScale(0) == 1.0 / 16 && set.areaScale(1) == 1.0 / 16)
    #expect(dataset.subset([1, 0]).annotations[0].areaScale(1) == 1.0 / 16)
    #expect(
      set.learningRemarks(of: "small") == [
        "small: 1 of 2 objects of boxes are less than a pixel wide or high at this size and cannot be "
          + "learned from; tests count them"
      ])
  }

  @Test func recipesFindTheUsualLayouts() throws {
    let empty = #"{"id": 1, "image_id": 7, "category_id": 9, "bbox": [4, 8, 0, 5]}"#
    let json =
      #"{"images": [\#(COCOFileTests.images)], "annotations": [\#(empty)], "categories": [\#(COCOFileTests.categories)]}"#
    try folder.write(Array(json.utf8), "train.json")
    var specification = DatasetSpecification(name: "coco", path: folder.path)
    specification.size = 32
    specification.images = "pictures"
    specification.labels = "train.json"
    let train = try specification.load(.train)
    #expect(train.count == 2 && train.imageShape == [32, 32, 3])
    #expect(train.remarks.count == 1 && train.remarks[0].hasSuffix("not positive: 1"))
    specification.groups = ["pet": ["small": [.name("cat")]]]
    #expect(try specification.load(.train).remarks == train.remarks)
    let error = #expect(throws: DatasetError.self) { try specification.load(.test) }
    let message = "\(try #require(error))"
    #expect(message.contains("Give their path as `test_labels`"), "\(message)")
  }
}
