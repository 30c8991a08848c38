import Datasets
import Foundation
import Testing

@Suite struct ImageDecodingTests {
  @Test func everyReferenceIsThere() {
    #expect(ReferenceFile.all.count > 100 && ReferenceSizing.all.cases.count > 60)
  }

  @Test(arguments: ReferenceFile.all)
  func filesDecodeAsByPillow(reference: ReferenceFile) throws {
    let image: PixelImage
    do {
      image = try ImageFile.decode([UInt8](reference.file), name: reference.name)
    } catch DatasetError.unsupportedFormat(let format) {
      // Some builds of the image library lack it.
      #expect(format == "AVIF")
      return
    }
    #expect(image.height == reference.height && image.width == reference.width)
    #expect(largestDifference(image.bytes, reference.image.bytes) <= reference.tolerance)
  }

  @Test(arguments: ReferenceFile.all)
  func cutOffFilesAreNoPictures(reference: ReferenceFile) throws {
    let bytes = [UInt8](reference.file)
    for part in 0..<12 {
      let cut = Array(bytes.prefix(bytes.count * part / 24))
      #expect(throws: DatasetError.self, "\(part)/24") {
        try ImageFile.decode(cut, name: reference.name)
      }
    }
  }

  /// Headers that lie about sizes, offsets and counts must not be believed.
  ///
  /// Sizes themselves are left as they are, as larger ones only take time.
  @Test(
    arguments: [
      ("runs8.bmp", 18..<26), ("565.bmp", 18..<26), ("rgb-large-file.tif", 0..<0),
      ("bits-white-is-zero.tif", 0..<0), ("exif-6.jpg", 0..<0), ("exif-6.png", 0..<0),
      ("animated-in-part.webp", 24..<30), ("in-part-transparent.gif", 6..<10),
      ("plain.ppm", 0..<0), ("rgb16.ppm", 0..<0),
    ] as [(String, Range<Int>)])
  func damagedHeadersDoNoHarm(name: String, sizes: Range<Int>) throws {
    let bytes = [UInt8](try ReferenceFile.named(name).file)
    var refused = 0
    for position in 0..<min(bytes.count, 120) where !sizes.contains(position) {
      for value: UInt8 in [0x00, 0x7f, 0xff] where bytes[position] != value {
        var damaged = bytes
        damaged[position] = value
        do {
          let image = try ImageFile.decode(damaged, name: name)
          #expect(image.bytes.count == 3 * image.height * image.width)
        } catch { refused += 1 }
      }
    }
    #expect(refused > 0)
  }

  @Test func aPictureEndsAtItsOwnEndMarker() throws {
    let whole = [UInt8](try ReferenceFile.named("rgb.jpg").file)
    // The end marker of a trailer is not that of the picture.
    let cut = whole[..<(whole.count - 40)] + [0, 1, 2, 3] + Array("MotionPhoto".utf8)
    let error = #expect(throws: DatasetError.self) {
      try ImageFile.decode(Array(cut), name: "x.jpg")
    }
    #expect("\(try #require(error))".contains("damaged or cut-off"))
  }

  @Test(arguments: [
    ("<!DOCTYPE html>\n<html>", "text beginning '<!DOCTYPE html>'"), ("%PDF-1.7", "PDF"),
    ("PK\u{3}\u{4}", "a zip archive"), ("8BPS\0\u{1}", "a document of Photoshop"),
    ("", "an empty file"), ("BMX is no picture", "text beginning 'BMX is no picture'"),
  ])
  func otherFilesAreCalledWhatTheyAre(content: String, found: String) throws {
    let error = #expect(throws: DatasetError.self) {
      try ImageFile.decode(Array(content.utf8), name: "x.png")
    }
    let text = "\(try #require(error))"
    #expect(text.contains("found \(found)") && text.contains("expected JPEG, PNG"), "\(text)")
  }

  @Test func numbersThatAreNoLevelsAreRefusedByName() throws {
    // One sample of 32 bits in floating point.
    let file: [UInt8] =
      [0x49, 0x49, 42, 0, 8, 0, 0, 0, 2, 0] + [2, 1, 3, 0, 1, 0, 0, 0, 32, 0, 0, 0]
      + [83, 1, 3, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]
    let error = #expect(throws: DatasetError.self) {
      try ImageFile.decode(file, name: "x.tif")
    }
    #expect("\(try #require(error))".hasSuffix("found floating-point numbers"))
  }

  @Test(arguments: [
    ("palette.png", true), ("palette.gif", true), ("palette.bmp", true), ("grey.pgm", false),
    ("grey.tif", false), ("grey.bmp", true), ("bits.tif", false), ("rgb.jpg", false),
  ])
  func classMapsAreIndicesOrGreyValues(name: String, hasPalette: Bool) throws {
    let folder = try TemporaryFolder()
    let reference = try ReferenceFile.named(name)
    let path = try folder.write([UInt8](reference.file), name)
    guard name != "rgb.jpg" else {
      let error = #expect(throws: DatasetError.self) { try ImageFile.readClassMap(path) }
      #expect("\(try #require(error))".contains("which keep pixels exactly, found JPEG"))
      return
    }
    let map = try ImageFile.readClassMap(path)
    let levels = stride(from: 0, to: reference.pixels.count, by: 3).map { reference.pixels[$0] }
    if name == "bits.tif" {
      #expect(map.bytes == levels.map { $0 / 255 })
    } else if hasPalette, name != "grey.bmp" {
      // Equal colours are equal indices, and others are others.
      let pairs = Set(
        zip(
          map.bytes,
          stride(from: 0, to: levels.count, by: 1).map { pixel in
            Array(reference.pixels[3 * pixel..<3 * pixel + 3])
          }
        ).map { "\($0)" })
      #expect(pairs.count == Set(map.bytes).count && map.bytes.max() ?? 0 < 12)
    } else {
      #expect(map.bytes == levels)
    }
  }
}
