import Datasets
import Tensors
import Testing

@Suite struct ImageFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A smooth picture, which lossy formats keep well.
  static func ramp(height: Int, width: Int) -> PixelImage {
    var bytes: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        bytes += [UInt8(x * 255 / max(1, width - 1)), UInt8(y * 255 / max(1, height - 1)), 128]
      }
    }
    return PixelImage(height: height, width: width, channels: 3, bytes: bytes)
  }

  @Test func pngKeepsEveryPixel() throws {
    let image = Self.ramp(height: 7, width: 5)
    try ImageFile.write(image, to: folder.path + "/a.png")
    #expect(try ImageFile.read(folder.path + "/a.png") == image)
  }

  @Test func greyIsWrittenInEveryChannel() throws {
    let grey = PixelImage(height: 1, width: 2, channels: 1, bytes: [3, 250])
    let bytes = try ImageFile.encode(grey, as: .png)
    #expect(try ImageFile.decode(bytes, name: "a").bytes == [3, 3, 3, 250, 250, 250])
  }

  @Test(arguments: [ImageFormat.jpeg(quality: 95), .webp(quality: 95)])
  func lossyFormatsStayClose(format: ImageFormat) throws {
    let image = Self.ramp(height: 32, width: 48)
    let decoded = try ImageFile.decode(ImageFile.encode(image, as: format), name: "a")
    #expect(decoded.height == 32 && decoded.width == 48)
    let errors = zip(image.bytes, decoded.bytes).map { abs(Int($0) - Int($1)) }
    #expect(errors.reduce(0, +) < 4 * errors.count)
  }

  @Test func lowerQualityTakesFewerBytes() throws {
    let image = Self.ramp(height: 64, width: 64)
    let sizes = try [10, 50, 90].map { try ImageFile.encode(image, as: .jpeg(quality: $0)).count }
    #expect(sizes == sizes.sorted() && Set(sizes).count == 3)
  }

  @Test func aLargerImageIsScaledAndCutToItsCentre() throws {
    // 4 rows of 8: the left and right quarter are red, the middle half is green.
    let red: [UInt8] = [255, 0, 0]
    let green: [UInt8] = [0, 255, 0]
    let bytes = (0..<32).flatMap { (2..<6).contains($0 % 8) ? green : red }
    let image = PixelImage(height: 4, width: 8, channels: 3, bytes: bytes)
    let png = try ImageFile.encode(image, as: .png)
    let cut = try ImageFile.decode(png, name: "a").resized(height: 2, width: 2, .cropping)
    #expect(cut.bytes == [0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0])
  }

  @Test(arguments: [ImageFormat.png, .jpeg(quality: 90), .webp(quality: 90)])
  func cutOffFilesAreRefused(format: ImageFormat) throws {
    let bytes = try ImageFile.encode(Self.ramp(height: 40, width: 40), as: format)
    for part in 1..<8 {
      let path = try folder.write(Array(bytes.prefix(bytes.count * part / 8)), "cut")
      let error = #expect(throws: DatasetError.self, "\(part)/8") { try ImageFile.read(path) }
      #expect("\(try #require(error))".hasPrefix(path))
    }
  }

  @Test(arguments: [[], Array("not an image".utf8), [0xff, 0xd8, 0xff, 0xd9]] as [[UInt8]])
  func otherFilesAreRefused(bytes: [UInt8]) throws {
    #expect(throws: DatasetError.self) { try ImageFile.decode(bytes, name: "a") }
  }
}
