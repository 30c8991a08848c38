import Datasets
import Tensors
import Testing

@Suite struct IDXFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ images: [UInt8], _ labels: [UInt8]) throws -> ImageDataset {
    try IDXFile.dataset(
      name: "tiny", images: folder.write(images, "images"), labels: folder.write(labels, "labels"),
      classNames: ["a", "b", "c"])
  }

  @Test(arguments: [false, true]) func imagesAndLabelsAreReadGzippedOrNot(compressed: Bool) throws {
    let images = idx([3, 1, 2], [10, 20, 30, 40, 50, 60])
    let labels = idx([3], [2, 0, 1])
    let dataset = try read(
      compressed ? gzipped(images) : images, compressed ? gzipped(labels) : labels)
    #expect(dataset.imageShape == [1, 2, 1])
    #expect(dataset.labels == [2, 0, 1])
    let pixels = try dataset.pixels(at: [2, 0])
    #expect(pixels == Tensor([2, 1, 2, 1], [50, 60, 10, 20]))
  }

  @Test func fourDimensionsCarryChannels() throws {
    let dataset = try read(idx([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]), idx([1], [0]))
    #expect(dataset.imageShape == [1, 2, 3])
  }

  struct Damage: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var images: [UInt8]
    var labels: [UInt8] = idx([2], [0, 1])
    var what: String
  }

  static let good = idx([2, 1, 2], [1, 2, 3, 4])

  @Test(arguments: [
    Damage(testDescription: "empty", images: [], what: "magic number"),
    Damage(testDescription: "text", images: Array("hello there".utf8), what: "magic number"),
    Damage(
      testDescription: "floats", images: idx([1], [0, 0, 0, 0], type: 0x0d), what: "element type"),
    Damage(testDescription: "no dimensions", images: [0, 0, 8, 0], what: "number of dimensions"),
    Damage(testDescription: "cut header", images: Array(good.prefix(9)), what: "header"),
    Damage(testDescription: "too short", images: good.dropLast(), what: "elements"),
    Damage(testDescription: "too long", images: good + [9], what: "elements"),
    Damage(
      testDescription: "extents beyond any memory",
      images: idx([0xffff_ffff, 0xffff_ffff, 0xffff_ffff], []), what: "extents"),
    Damage(testDescription: "labels as images", images: idx([2], [0, 1]), what: "images"),
    Damage(testDescription: "images as labels", images: good, labels: good, what: "labels"),
    Damage(
      testDescription: "fewer labels", images: good, labels: idx([1], [0]), what: "number of labels"
    ),
    Damage(
      testDescription: "no samples", images: idx([0, 1, 2], []), labels: idx([0], []),
      what: "images"),
  ])
  func damagedFilesAreRefused(_ damage: Damage) throws {
    let error = #expect(throws: DatasetError.self) { try read(damage.images, damage.labels) }
    guard case .malformed(_, let what, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(what == damage.what)
  }

  @Test func aLabelOutOfRangeIsNamedWithItsSample() throws {
    #expect(
      throws: DatasetError.labelOutOfRange(
        file: folder.path + "/labels", sample: 1, label: 3, classCount: 3)
    ) { try read(IDXFileTests.good, idx([2], [0, 3])) }
  }

  @Test func truncatedGzipIsRefusedAtEveryLength() throws {
    let whole = try gzipped(idx([2, 1, 2], [1, 2, 3, 4]))
    for length in 2..<whole.count {
      #expect(throws: DatasetError.self, "\(length) of \(whole.count) bytes") {
        try Gzip.inflate(Array(whole.prefix(length)), file: "f")
      }
    }
  }

  @Test func damagedGzipIsRefused() throws {
    let content = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * $0) }
    var bytes = try gzipped(content)
    #expect(try Gzip.inflate(bytes, file: "f") == content)
    // The checksum of the contents is in the last eight bytes.
    bytes[bytes.count - 8] ^= 1
    #expect(throws: DatasetError.self) { try Gzip.inflate(bytes, file: "f") }
  }

  @Test func gzipMembersAreJoinedAndAnythingElseAfterThemIsRefused() throws {
    let two = try gzipped([1, 2]) + gzipped([3])
    #expect(try Gzip.inflate(two, file: "f") == [1, 2, 3])
    #expect(throws: DatasetError.self) { try Gzip.inflate(two + [7], file: "f") }
  }

  @Test func anUnpackedSizeBeyondTheLimitIsRefused() throws {
    let bomb = try gzipped([UInt8](repeating: 0, count: 1 << 20))
    #expect(throws: DatasetError.self) { try Gzip.inflate(bomb, file: "f", limit: 1 << 19) }
  }
}
