import Datasets
import Foundation
import Tensors
import Testing

@Suite struct ImageSizingTests {
  @Test(arguments: ReferenceSizing.all.cases)
  func sizesAreThoseOfOtherLibraries(reference: ReferenceSizing.Case) {
    let source = ReferenceSizing.all.images[reference.image]
    let image = PixelImage(
      height: source.height, width: source.width, channels: 3, bytes: [UInt8](source.pixels))
    let sizing = ImageSizing(
      resize: reference.resize, interpolation: reference.interpolation,
      antialias: reference.antialias)
    let sized = image.resized(height: reference.height, width: reference.width, sizing)
    #expect(sized.bytes.count == reference.pixels.count)
    #expect(largestDifference(sized.bytes, reference.pixels) <= reference.tolerance)
  }

  @Test func keraSizingIsItsLoaders() {
    #expect(
      ImageSizing.keras
        == ImageSizing(resize: .stretch, interpolation: .bilinear, antialias: false))
    #expect("\(ImageSizing.keras)" == "stretch, bilinear without antialiasing")
    #expect("\(ImageSizing.cropping)" == "crop, area")
  }

  @Test func theAreaOfACutIsTheMeanOfWhatItCovers() {
    // 2 rows of 6; the middle 4 columns are seen, two and two of them in each new pixel.
    let bytes: [UInt8] = [9, 10, 20, 40, 80, 9, 9, 30, 40, 80, 160, 9]
    let image = PixelImage(height: 2, width: 6, channels: 1, bytes: bytes)
    let sized = image.resized(height: 1, width: 2, .cropping)
    #expect(sized.bytes == [25, 90])
  }

  @Test func anImageOfTheSizeIsNotTouched() {
    let image = PixelImage(height: 2, width: 3, channels: 1, bytes: [0, 255, 3, 7, 128, 64])
    for resize in ImageSizing.Fit.allCases {
      for interpolation in ImageSizing.Interpolation.allCases {
        let sizing = ImageSizing(resize: resize, interpolation: interpolation)
        #expect(image.resized(height: 2, width: 3, sizing) == image)
      }
    }
  }

  @Test func theSectionSaysHowImagesAreSized() throws {
    var specification = DatasetSpecification(name: "image-folder", path: "x")
    #expect(specification.sizing() == .cropping)
    #expect(specification.sizing(usual: .keras) == .keras)
    specification.size = 16
    specification.interpolation = "bicubic"
    #expect(specification.sizing() == ImageSizing(resize: .crop, interpolation: .bicubic))
    #expect(
      specification.sizing(usual: .keras)
        == ImageSizing(resize: .stretch, interpolation: .bicubic, antialias: false))
    #expect(DatasetSpecification(name: "coco", path: "x").sizing() == .padding)
    #expect(specification.problems().isEmpty)
    specification.resize = "strech"
    specification.antialias = true
    specification.interpolation = "area"
    #expect(
      specification.problems().map { "\($0.error)" } == [
        "antialias: expected no such key with interpolation area, found true",
        "unknown way of resizing 'strech'; did you mean 'stretch'?",
      ])
    specification.size = nil
    #expect(specification.problems().contains { "\($0.error)".contains("without a size") })
  }
}
