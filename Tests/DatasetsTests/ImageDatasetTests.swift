import Datasets
import Tensors
import Testing

@Suite struct ImageDatasetTests {
  @Test func pixelsAreBetween0And255AndChannelsLast() throws {
    let pixels = try counting(64).pixels(at: [63, 1])
    #expect(pixels == Tensor([2, 2, 2, 1], [252, 253, 254, 255, 4, 5, 6, 7]))
  }

  @Test func aUserSeesItsClassesUnderTheirOldIndex() throws {
    let user = try counting(9).selecting(classes: [.name("c"), .index(0)])
    #expect(user.labels == [0, 2, 0, 2, 0, 2])
    #expect(user.classNames == ["a", "b", "c"])
    #expect(user.classCounts == [3, 0, 3])
    #expect(try user.bytes(at: [1]) == [8, 9, 10, 11])
    #expect(try user.subset([1, 2]).bytes(at: [0]) == [8, 9, 10, 11])
  }

  @Test func badClassSelectionsAreRefused() throws {
    let dataset = counting(3, classes: ["ankle boot", "bag", "coat", "dress"])
    #expect(throws: DatasetError.self) { try dataset.selecting(classes: []) }
    #expect(throws: DatasetError.self) { try dataset.selecting(classes: [.index(4)]) }
    #expect(throws: DatasetError.self) { try dataset.selecting(classes: [.index(-1)]) }
    // No sample has the fourth class.
    #expect(throws: DatasetError.self) { try dataset.selecting(classes: [.name("dress")]) }
    let error = #expect(throws: DatasetError.self) {
      try dataset.selecting(classes: [.name("Ankle bot")])
    }
    #expect("\(try #require(error))" == "unknown class 'Ankle bot'; did you mean 'ankle boot'?")
  }

  @Test func splitsAreStratifiedDisjointAndRepeatable() throws {
    let dataset = counting(60)
    let parts = try dataset.split(validationFraction: 0.2, seed: 7)
    // 20 samples of each of three classes: 4 of each are put aside.
    #expect(parts.validation.classCounts == [4, 4, 4])
    #expect(parts.train.classCounts == [16, 16, 16])
    let first = try parts.train.bytes(at: Array(0..<48)) + parts.validation.bytes(at: Array(0..<12))
    #expect(Set(first).count == 240)
    let again = try dataset.split(validationFraction: 0.2, seed: 7)
    #expect(
      try again.validation.bytes(at: Array(0..<12)) == parts.validation.bytes(at: Array(0..<12)))
    let other = try dataset.split(validationFraction: 0.2, seed: 8)
    #expect(
      try other.validation.bytes(at: Array(0..<12)) != parts.validation.bytes(at: Array(0..<12)))
  }

  @Test(arguments: [0, 1, -0.5, .nan]) func impossibleFractionsAreRefused(fraction: Double) {
    #expect(throws: DatasetError.self) {
      try counting(6).split(validationFraction: fraction, seed: 0)
    }
  }

  @Test func everyClassOfTwoKeepsATrainingSample() throws {
    let parts = try counting(6).split(validationFraction: 0.01, seed: 0)
    #expect(parts.validation.classCounts == [1, 1, 1])
  }

  @Test func classesOfASingleSampleAreDividedWhateverTheirClass() throws {
    let parts = try counting(3).split(validationFraction: 0.5, seed: 0)
    #expect(parts.validation.count == 2 && parts.train.count == 1)
    #expect(
      parts.train.remarks.last?.contains("no class has two samples; 2 of 3 are put aside") == true)
    // Where any class has two samples, the others are trained on.
    let remarks = try counting(4).split(validationFraction: 0.5, seed: 0).train.remarks
    #expect(remarks.count == 1 && remarks[0].contains("classes of one sample"))
    #expect(throws: DatasetError.self) {
      try counting(1).split(validationFraction: 0.5, seed: 0)
    }
  }

  @Test func identifiersTellContentsApart() throws {
    let base = try counting(6).identifier()
    #expect(try counting(6).identifier() == base)
    #expect(try counting(7).identifier() != base)
    #expect(try counting(6).subset([0, 1, 2, 3, 5, 4]).identifier() != base)
    #expect(try counting(6).subset(Array(0..<6)).identifier() == base)
    let relabelled = ImageDataset(
      name: "counting", imageShape: [2, 2, 1], classNames: ["a", "b", "c"],
      pixels: (0..<24).map { $0 }, labels: [0, 1, 2, 0, 1, 1])
    #expect(try relabelled.identifier() != base)
  }
}
