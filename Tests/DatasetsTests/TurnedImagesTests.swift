import Boxes
import Datasets
import Foundation
import Tensors
import Testing

/// Annotations and pixels of pictures that cameras store turned.
@Suite struct TurnedImagesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A data set of one picture of 9 rows and 6 columns, stored as 6 rows of 9.
  private func coco(width: Int, height: Int) throws -> ImageDataset {
    try folder.write([UInt8](ReferenceFile.named("exif-6.png").file), "train/a.png")
    let json = """
      {"categories": [{"id": 1, "name": "x"}],
       "images": [{"id": 1, "file_name": "a.png", "width": \(width), "height": \(height)}],
       "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 3, 2]}]}
      """
    try folder.write(Array(json.utf8), "train/_annotations.coco.json")
    var specification = DatasetSpecification(name: "coco", path: folder.path)
    specification.size = 18
    specification.interpolation = "nearest"
    return try specification.load(.train)
  }

  @Test func boxesAreOfThePixelsThatTheirSizeIsOf() throws {
    let upright = try ReferenceFile.named("exif-6.png").image
    let stored = try ReferenceFile.named("rgb.png").image
    let sizing = ImageSizing(resize: .pad, interpolation: .nearest)
    #expect(
      try coco(width: 9, height: 6).bytes(at: [0])
        == stored.resized(height: 18, width: 18, sizing).bytes)
    #expect(
      try coco(width: 6, height: 9).bytes(at: [0])
        == upright.resized(height: 18, width: 18, sizing).bytes)
    let error = #expect(throws: DatasetError.self) { try coco(width: 7, height: 9) }
    #expect("\(try #require(error))".contains("expected 9×7 as"))
  }

  @Test func picturesOfAFolderAreTurned() throws {
    try folder.write([UInt8](ReferenceFile.named("exif-6.png").file), "ant/a.png")
    let dataset = try ImageFolder.dataset(name: "x", folder: folder.path)
    #expect(dataset.imageShape == [9, 6, 3])
    #expect(try dataset.bytes(at: [0]) == ReferenceFile.named("exif-6.png").image.bytes)
  }

  @Test func masksAreOfThePixelsThatTheirSizeIsOf() throws {
    try folder.write([UInt8](ReferenceFile.named("exif-6.png").file), "images/a.png")
    for (mask, image) in [("grey.pgm", "rgb.png"), ("turned.pgm", "exif-6.png")] {
      let upright = try ReferenceFile.named("exif-6.png").image
      let bytes =
        mask == "turned.pgm"
        ? Array("P5 6 9 255\n".utf8) + [UInt8](repeating: 1, count: 54)
        : [UInt8](try ReferenceFile.named(mask).file)
      try folder.write(bytes, "masks/a.pgm")
      let dataset = try MaskFolder.dataset(
        name: "x", images: folder.path + "/images", masks: folder.path + "/masks")
      let expected = image == "rgb.png" ? try ReferenceFile.named(image).image : upright
      #expect(dataset.imageShape == [expected.height, expected.width, 3])
      #expect(try dataset.bytes(at: [0]) == expected.bytes)
    }
  }

  @Test func objectsFollowHoweverImagesAreSized() throws {
    try folder.write([UInt8](ReferenceFile.named("rgb.png").file), "train/a.png")
    let json = """
      {"categories": [{"id": 1, "name": "x"}],
       "images": [{"id": 1, "file_name": "a.png", "width": 9, "height": 6}],
       "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [3, 1, 3, 4], "area": 12},
        {"id": 2, "image_id": 1, "category_id": 1, "bbox": [0.5, 0, 2, 6], "area": 12},
        {"id": 3, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 6], "area": 6}]}
      """
    try folder.write(Array(json.utf8), "train/_annotations.coco.json")
    var specification = DatasetSpecification(name: "coco", path: folder.path)
    specification.size = 12
    func boxes(_ resize: String) throws -> (rows: [LabelledBox], remarks: [String]) {
      specification.resize = resize
      let dataset = try specification.load(.train)
      guard case .boxes(_, let rows) = try dataset.annotation("boxes").content else {
        return ([], [])
      }
      return (rows[0] ?? [], dataset.remarks)
    }
    let stretched = try boxes("stretch")
    #expect(
      stretched.rows[0]
        == LabelledBox(BoundingBox(left: 4, top: 2, right: 8, bottom: 10), category: 0, area: 32))
    #expect(stretched.rows.count == 3 && stretched.remarks.isEmpty)
    // Columns 1.5 to 7.5 are seen, twice as large.
    let cropped = try boxes("crop")
    #expect(
      cropped.rows == [
        LabelledBox(BoundingBox(left: 3, top: 2, right: 9, bottom: 10), category: 0, area: 48),
        LabelledBox(BoundingBox(left: 0, top: 0, right: 2, bottom: 12), category: 0, area: 24),
      ])
    #expect(
      cropped.remarks.first?.hasSuffix("objects left out, as `resize: crop` cuts them off: 1")
        == true)
  }
}
