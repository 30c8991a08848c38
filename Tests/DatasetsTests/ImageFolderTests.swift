import Datasets
import Tensors
import Testing

@Suite struct ImageFolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func image(_ value: UInt8, _ name: String, size: Int = 8) throws {
    let bytes = [UInt8](repeating: value, count: size * size * 3)
    let image = PixelImage(height: size, width: size, channels: 3, bytes: bytes)
    try ImageFile.write(image, to: folder.file(name))
  }

  @Test func subfoldersAreClasses() throws {
    try image(10, "dog/1.png")
    try image(20, "cat/1.png")
    try image(30, "cat/2.PNG")
    try folder.write([1], "cat/notes.txt")
    let dataset = try ImageFolder.dataset(name: "pets", folder: folder.path)
    #expect(dataset.classNames == ["cat", "dog"])
    #expect(dataset.labels == [0, 0, 1])
    #expect(dataset.imageShape == [8, 8, 3])
    #expect(try [0, 1, 2].map { try dataset.bytes(at: [$0])[0] } == [20, 30, 10])
  }

  @Test(arguments: [
    ("file,class_index", ["2", "0"], [2, 0], 3),
    ("file,label", ["dog", "cat"], [1, 0], 2),
    ("id,file,class", ["dog", "dog"], [0, 0], 1),
  ])
  func aTableGivesLabels(
    header: String, values: [String], labels: [Int], classes: Int
  ) throws {
    try image(1, "a.png")
    try image(2, "b.png")
    let prefix = header.hasPrefix("id") ? "7," : ""
    let table = "\(header)\r\n\(prefix)a.png,\(values[0])\r\n\(prefix)b.png,\(values[1])\r\n"
    try folder.write(Array(table.utf8), "labels.csv")
    let dataset = try ImageFolder.dataset(name: "table", folder: folder.path)
    #expect(dataset.labels == labels.map(Int32.init))
    #expect(dataset.classNames.count == classes)
  }

  @Test(arguments: [
    "name,kind\na.png,1\n", "file,label\na.png\n", "file,label\nmissing.png,0\n", "file,label\n",
    "file,label\na.png,\n", "file,label\na.png,cat\n./a.png,dog\n",
    "file,label\na.png,\"cat\nb.png,dog\"\n",
  ])
  func badTablesAreRefused(table: String) throws {
    try image(1, "a.png")
    try folder.write(Array(table.utf8), "labels.csv")
    #expect(throws: DatasetError.self) {
      try ImageFolder.dataset(name: "table", folder: folder.path)
    }
  }

  @Test func aCorruptedImageIsNamed() throws {
    try image(1, "cat/1.png")
    try folder.write([0x89, 0x50, 0x4e, 0x47, 1, 2, 3], "cat/2.png")
    let dataset = try ImageFolder.dataset(name: "pets", folder: folder.path)
    let error = #expect(throws: DatasetError.self) { try dataset.loaded() }
    #expect("\(try #require(error))".contains("cat/2.png"))
  }

  @Test func anotherSizeIsAnErrorUnlessImagesAreScaled() throws {
    try image(1, "cat/1.png")
    try image(2, "cat/2.png", size: 16)
    let strict = try ImageFolder.dataset(name: "pets", folder: folder.path)
    #expect(throws: DatasetError.self) { try strict.pixels(at: [1]) }
    let scaled = try ImageFolder.dataset(name: "pets", folder: folder.path, height: 8, width: 8)
    #expect(try scaled.bytes(at: [1]) == [UInt8](repeating: 2, count: 192))
  }

  @Test func anEmptyFolderIsRefused() {
    #expect(throws: DatasetError.self) {
      try ImageFolder.dataset(name: "none", folder: folder.path)
    }
    #expect(throws: DatasetError.self) {
      try ImageFolder.dataset(name: "none", folder: folder.path + "/nowhere")
    }
  }

  @Test func loadingIntoMemoryChangesNoPixel() throws {
    for index in 0..<5 { try image(UInt8(index * 40), "cat/\(index).png") }
    let lazy = try ImageFolder.dataset(name: "pets", folder: folder.path)
    let loaded = try lazy.subset([4, 0, 2]).loaded()
    #expect(try loaded.bytes(at: [0, 1, 2]) == lazy.bytes(at: [4, 0, 2]))
    #expect(try lazy.loaded(byteLimit: 10).bytes(at: [1]) == lazy.bytes(at: [1]))
  }
}
