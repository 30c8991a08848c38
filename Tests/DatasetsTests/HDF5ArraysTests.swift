import Datasets
import HDF5
import Tensors
import Testing

@Suite struct HDF5ArraysTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(
    pixels: [UInt8] = (0..<24).map { $0 }, shape: [Int] = [4, 1, 2, 3],
    labels: [Int64] = [0, 1, 0, 2]
  ) throws -> String {
    let path = try folder.file("data.h5")
    let file = try HDF5File(creating: path)
    try file.write(pixels, to: "train/images", shape: shape)
    try file.write(labels, to: "train/labels", shape: [labels.count])
    try file.close()
    return path
  }

  private func read(_ path: String, classNames: [String]? = nil) throws -> ImageDataset {
    try HDF5Arrays.dataset(
      name: "arrays", file: path, images: "train/images", labels: "train/labels",
      classNames: classNames)
  }

  @Test func samplesAreReadInAnyOrder() throws {
    let dataset = try read(write())
    #expect(dataset.imageShape == [1, 2, 3])
    #expect(dataset.classNames == ["0", "1", "2"])
    #expect(try dataset.bytes(at: [2, 3, 0]) == Array(12..<24) + Array(0..<6))
    #expect(try dataset.loaded().bytes(at: [2, 3, 0]) == Array(12..<24) + Array(0..<6))
  }

  @Test func threeDimensionsAreGrey() throws {
    #expect(try read(write(shape: [4, 2, 3])).imageShape == [2, 3, 1])
  }

  @Test func badFilesAreRefused() throws {
    #expect(throws: DatasetError.self) { try read(folder.path + "/none.h5") }
    #expect(throws: DatasetError.self) { try read(folder.write([1, 2, 3], "text.h5")) }
    let missing = #expect(throws: DatasetError.self) {
      try HDF5Arrays.dataset(
        name: "arrays", file: write(), images: "train/image", labels: "train/labels")
    }
    #expect("\(try #require(missing))".contains("did you mean 'images'?"))
    #expect(throws: DatasetError.self) { try read(write(shape: [24])) }
    #expect(throws: DatasetError.self) { try read(write(labels: [0, 1])) }
    #expect(throws: DatasetError.self) { try read(write(labels: [0, -1, 0, 0])) }
    #expect(throws: DatasetError.self) { try read(write(), classNames: ["one", "two"]) }
    let floats = try folder.file("floats.h5")
    let file = try HDF5File(creating: floats)
    try file.write([Float](repeating: 0, count: 4), to: "train/images", shape: [1, 2, 2, 1])
    try file.write([Int32(0)], to: "train/labels", shape: [1])
    try file.close()
    let wrongType = #expect(throws: DatasetError.self) { try read(floats) }
    #expect("\(try #require(wrongType))".contains("uint8"))
  }
}
