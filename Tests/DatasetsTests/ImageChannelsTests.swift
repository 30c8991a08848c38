import Datasets
import Foundation
import Tensors
import Testing

@Suite struct ImageChannelsTests {
  private let colour = ImageDataset(
    name: "c", imageShape: [1, 2, 3], classNames: ["a", "b"],
    pixels: [1, 2, 4, 10, 20, 30, 0, 0, 255, 9, 9, 9], labels: [0, 1])

  @Test func greyIsTheLumaOfTheColours() throws {
    // 0.299 R + 0.587 G + 0.114 B of (1, 2, 4), (10, 20, 30) and (0, 0, 255): 1.93, 18.15 and 29.07.
    let grey = try colour.withChannels(1)
    #expect(grey.imageShape == [1, 2, 1])
    #expect(try grey.bytes(at: [1, 0]) == [29, 9, 2, 18])
    #expect(grey.labels == [0, 1])
    #expect(try grey.subset([1]).bytes(at: [0]) == [29, 9])
    #expect(try grey.loaded().bytes(at: [0]) == [2, 18])
    #expect(try grey.bytes(at: []).isEmpty)
  }

  @Test func colourRepeatsGrey() throws {
    let grey = try colour.withChannels(1)
    #expect(try grey.withChannels(3).bytes(at: [0]) == [2, 2, 2, 18, 18, 18])
    #expect(try colour.withChannels(3).identifier() == colour.identifier())
    #expect(try grey.identifier() != colour.identifier())
  }

  @Test func otherNumbersOfChannelsAreRefused() {
    #expect(throws: DatasetError.self) { try colour.withChannels(2) }
    var folder = DatasetSpecification(name: "image-folder", path: "x")
    folder.channels = 4
    #expect(folder.problems().map(\.key) == [.channels])
  }
}
