import Datasets
import HDF5
import Tensors
import Testing

/// What is said of class maps that hardly have a class.
@Suite struct MaskRemarkTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Two images of 8×8 and their maps, half of whose pixels have a value.
  private func dataset(
    _ value: UInt8, size: Int? = nil, every step: Int = 2
  ) throws -> ImageDataset {
    for name in ["a", "b"] {
      try ImageFile.write(
        PixelImage(
          height: 8, width: 8, channels: 3, bytes: [UInt8](repeating: 5, count: 192)),
        to: folder.file("images/\(name).png"))
      try ImageFile.write(
        PixelImage(
          height: 8, width: 8, channels: 1,
          bytes: (0..<64).map { $0 % step == step - 1 ? value : 0 }),
        to: folder.file("masks/\(name).png"))
    }
    var specification = DatasetSpecification(name: "mask-folder")
    specification.images = folder.path + "/images"
    specification.masks = folder.path + "/masks"
    specification.classNames = ["background", "object"]
    specification.size = size
    return try specification.load(.test)
  }

  @Test func manyIgnoredPixelsAndClassesWithoutOneAreSaid() throws {
    let dataset = try dataset(255)
    #expect(
      dataset.remarks == [
        "\(folder.path)/masks: 50 % of all pixels have the value 255, which stands for no class; if it is "
          + "one, give another value as `ignored`"
      ])
    #expect(
      try dataset.annotation("mask").learningRemarks(of: "masks") == [
        "masks: no pixel of mask is of 1 of the 2 classes (object), which cannot be learned"
      ])
  }

  @Test func fewIgnoredPixelsAreSaidWhereAClassHasNone() throws {
    let dataset = try dataset(255, every: 16)
    #expect(dataset.remarks.count == 1)
    #expect(dataset.remarks[0].contains("6 % of all pixels have the value 255"))
  }

  @Test func masksWithAllClassesNeedNoWords() throws {
    // Pixels beside an image that is brought to a size are not counted.
    let dataset = try dataset(1, size: 16)
    #expect(dataset.remarks == [])
    #expect(try dataset.annotation("mask").learningRemarks(of: "masks") == [])
  }

  @Test func mapsInAFileAreCountedToo() throws {
    let path = try folder.file("maps.h5")
    let file = try HDF5File(creating: path)
    try file.write([UInt8](repeating: 1, count: 48), to: "images", shape: [3, 4, 4, 1])
    try file.write((0..<48).map { UInt8($0 % 3 == 0 ? 7 : 0) }, to: "masks", shape: [3, 4, 4])
    try file.close()
    var specification = DatasetSpecification(name: "hdf5", path: path)
    specification.images = "images"
    specification.masks = "masks"
    specification.ignored = 7
    #expect(try specification.load(.test).remarks.count { $0.contains("33 % of all pixels") } == 1)
    specification.ignored = nil
    #expect(try specification.load(.test).remarks == [])
  }
}
