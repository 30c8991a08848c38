import Datasets
import Foundation
import Tensors
import Testing

@Suite struct TextDatasetTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func specification(_ text: String, size: Int = 8) throws -> DatasetSpecification {
    try folder.write(Array(text.utf8), "text.txt")
    var specification = DatasetSpecification(name: "text", path: folder.path + "/text.txt")
    specification.size = size
    return specification
  }

  @Test func windowsFollowOneAnotherAndKnowWhatComesNext() throws {
    // Five windows of eight characters and one more: 0.4 of five are two to test.
    let text = "abcdefgh" + "hgfedcba" + "aaaabbbb" + "ccccdddd" + "eeee\nfff" + "g"
    var specification = try specification(text)
    specification.testFraction = 0.4
    let train = try specification.load(.train)
    let test = try specification.load(.test)
    #expect(train.classNames == ["0xA", "a", "b", "c", "d", "e", "f", "g", "h"])
    #expect(test.classNames == train.classNames)
    #expect(train.imageShape == [1, 8, 1])
    #expect(
      try train.bytes(at: [0, 1, 2]) == [
        1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1, 1, 1, 1, 1, 2, 2, 2, 2,
      ])
    #expect(train.labels == [8, 1, 3])
    #expect(try test.bytes(at: [0, 1]) == [3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0, 6, 6, 6])
    #expect(test.labels == [5, 7])
    #expect(train.name == "text.txt/train")
  }

  @Test func aTextThatIsTooShortIsRefused() throws {
    let specification = try specification(String(repeating: "a", count: 24))
    let error = #expect(throws: DatasetError.self) { try specification.load(.train) }
    #expect("\(try #require(error))".contains("more than 24 characters"))
    let enough = try self.specification(String(repeating: "a", count: 25))
    #expect(try enough.load(.train).count == 2)
    #expect(try enough.load(.test).count == 1)
  }

  @Test func generatedTextRepeatsAndItsPartsAreConsecutive() throws {
    var specification = DatasetSpecification(name: "text")
    specification.size = 16
    specification.samples = 30
    specification.testSamples = 10
    let (train, test) = (try specification.load(.train), try specification.load(.test))
    #expect((train.count, test.count) == (30, 10))
    #expect(train.classNames.count == 29)
    #expect(train.classNames == test.classNames)
    // What comes after the last window of training is the first character to test.
    #expect(try train.labels[29] == Int32(test.bytes(at: [0])[0]))
    #expect(try specification.load(.train).bytes(at: [7]) == train.bytes(at: [7]))
    specification.seed = 1
    #expect(try specification.load(.train).bytes(at: [7]) != train.bytes(at: [7]))
  }

  @Test func keysOfGeneratedTextDoNotStandBesideAFile() throws {
    var specification = try specification("abc")
    specification.samples = 5
    specification.size = 4
    #expect(specification.problems().map(\.key) == [.size, .samples])
  }
}
