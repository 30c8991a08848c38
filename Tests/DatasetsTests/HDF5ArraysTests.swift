import Datasets
import HDF5
import Tensors
import Testing

@Suite struct HDF5ArraysTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(
    pixels: [UInt8] = (0..<24).map { $0 }, shape: [Int] = [4, 1, 2, 3],
    labels: [Int64] = [0, 1, 0, 2], as name: String = "data.h5"
  ) throws -> String {
    let path = try folder.file(name)
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

  @Test func planesAreReadAsColours() throws {
    // Two images of 3 planes of 1×5.
    let pixels = (0..<30).map { UInt8($0) }
    let path = try write(pixels: pixels, shape: [2, 3, 1, 5], labels: [0, 1])
    let dataset = try read(path)
    #expect(dataset.imageShape == [1, 5, 3])
    let first: [UInt8] = (0..<5).flatMap { [$0, $0 + 5, $0 + 10] }
    #expect(try dataset.bytes(at: [1, 0]) == first.map { $0 + 15 } + first)
    #expect(dataset.remarks.count == 1)
    #expect(dataset.remarks[0].contains("count × channels × height × width"))
    // What the extents do not tell is said.
    var specification = DatasetSpecification(
      name: "hdf5", path: try write(shape: [4, 3, 1, 2], as: "other.h5"))
    specification.images = "train/images"
    specification.labels = "train/labels"
    #expect(try specification.load(.test).imageShape == [3, 1, 2])
    specification.layout = "nchw"
    let planes = try specification.load(.test)
    #expect(planes.imageShape == [1, 2, 3])
    #expect(try planes.bytes(at: [0]) == [0, 2, 4, 1, 3, 5])
    #expect(planes.remarks.isEmpty)
    specification.layout = "chwn"
    #expect("\(specification.problems()[0].error)".contains("nhwc, nchw"))
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
