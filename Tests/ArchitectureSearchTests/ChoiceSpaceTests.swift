import ArchitectureSearch
import Foundation
import Testing

@Suite struct ChoiceSpaceTests {
  @Test(arguments: [[2], [2, 3], [5, 2, 4], [3, 3, 3, 3]])
  func everyPointHasItsOwnIndexAndBack(counts: [Int]) throws {
    let space = try space(counts)
    let all = points(space)
    #expect(space.count == counts.reduce(1, *))
    #expect(Set(all).count == space.count)
    #expect(all.map { space.index(of: $0) } == Array(0..<all.count))
    #expect(all.allSatisfy(space.contains))
    // The last dimension counts fastest.
    #expect(all.last == Choice(counts.map { $0 - 1 }))
    #expect(all[1].options.last == 1)
  }

  @Test func aSpaceTooLargeToCountSaysSo() throws {
    // 2⁶² points fit into Int, 2⁶³ do not.
    let countable = try space(Array(repeating: 2, count: 62))
    #expect(countable.count == 1 << 62)
    #expect(countable.index(of: countable.point(at: 1 << 61 + 5)) == 1 << 61 + 5)
    let uncountable = try space(Array(repeating: 2, count: 63))
    #expect(uncountable.count == nil)
    #expect(uncountable.index(of: Choice(Array(repeating: 1, count: 63))) == Int.max)
    let larger = try space(Array(repeating: 2, count: 64))
    #expect(larger.index(of: Choice(Array(repeating: 1, count: 64))) == nil)
    #expect(throws: ArchitectureSearchError.spaceTooLarge(points: nil, limit: 100)) {
      try larger.count(upTo: 100)
    }
  }

  @Test func namesAndChoicesBelongTogether() throws {
    let space = try ChoiceSpace([
      ChoiceDimension("layer_1", options: ["k3_e1", "k5_e6", "skip"]),
      ChoiceDimension("split", options: ["1", "2"]),
    ])
    #expect(space.names(of: [2, 0]) == ["skip", "1"])
    #expect(try space.choice(named: ["split": "2", "layer_1": "k5_e6"]) == [1, 1])
    #expect(space.degreesOfFreedom == 3)
    #expect(throws: ArchitectureSearchError.missingDimension("split")) {
      try space.choice(named: ["layer_1": "skip"])
    }
    #expect(
      throws: ArchitectureSearchError.unknownOption(
        dimension: "split", option: "3", known: ["1", "2"])
    ) { try space.choice(named: ["split": "3", "layer_1": "skip"]) }
    #expect(
      throws: ArchitectureSearchError.unknownDimension("splot", known: ["layer_1", "split"])
    ) { try space.choice(named: ["splot": "2", "layer_1": "skip"]) }
  }

  @Test(arguments: [[0, 0, 0], [0], [0, 3], [-1, 0]])
  func choicesOfAnotherSpaceAreNotContained(options: [Int]) throws {
    #expect(try !space([2, 3]).contains(Choice(options)))
  }

  @Test(arguments: [
    ([], ArchitectureSearchError.emptySpace),
    ([ChoiceDimension("Layer", options: ["a", "b"])], .dimensionName("Layer")),
    ([ChoiceDimension("layer__1", options: ["a", "b"])], .dimensionName("layer__1")),
    ([ChoiceDimension("1_layer", options: ["a", "b"])], .dimensionName("1_layer")),
    ([ChoiceDimension("", options: ["a", "b"])], .dimensionName("")),
    (
      [ChoiceDimension("a", options: ["x", "y"]), ChoiceDimension("a", options: ["x", "y"])],
      .repeatedDimension("a")
    ),
    ([ChoiceDimension("a", options: ["x"])], .tooFewOptions(dimension: "a", count: 1)),
    ([ChoiceDimension("a", options: ["x", "x"])], .repeatedOption(dimension: "a", option: "x")),
    ([ChoiceDimension("a", options: ["x", ""])], .unnamedOption(dimension: "a", index: 1)),
  ])
  func aSpaceThatCannotBeIsRefused(
    dimensions: [ChoiceDimension], error: ArchitectureSearchError
  ) throws {
    #expect(throws: error) { try ChoiceSpace(dimensions) }
    // Nor can it be read from a file.
    let data = try JSONEncoder().encode(dimensions)
    let read = #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(ChoiceSpace.self, from: data)
    }
    #expect(String(describing: read).contains(error.description))
  }

  @Test func aSpaceSurvivesJSON() throws {
    let space = try space([2, 3, 4])
    #expect(try coded(space) == space)
    let text = try String(decoding: JSONEncoder().encode([1, 0, 3] as Choice), as: UTF8.self)
    #expect(text == "[1,0,3]")
    #expect(try coded([1, 0, 3] as Choice) == [1, 0, 3])
  }
}
