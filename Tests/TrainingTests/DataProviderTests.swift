import Configurations
import Datasets
import Testing
import Training

@Suite struct DataProviderTests {
  private func configuration() -> DataConfiguration {
    var dataset = DatasetSpecification(name: "shapes")
    dataset.size = 8
    dataset.samples = 60
    dataset.testSamples = 30
    return DataConfiguration(dataset)
  }

  @Test func trainingAndValidationShareNoSampleAndHaveTheUsersClassesOnly() throws {
    var section = configuration()
    section.classes = [.name("cube"), .index(2)]
    section.validationFraction = 0.25
    let data = DataProvider(section)
    let (train, validation) = (try data.train(), try data.validation())
    #expect(Set(train.labels) == [0, 2] && Set(validation.labels) == [0, 2])
    let all = try section.dataset.load(.train)
    #expect(train.count + validation.count == all.labels.count { $0 == 0 || $0 == 2 })
    let inTraining = try Set((0..<train.count).map { try train.bytes(at: [$0]) })
    for index in 0..<validation.count {
      #expect(try !inTraining.contains(validation.bytes(at: [index])))
    }
    #expect(try data.userClasses() == [0, 2])
    // The others are needed to see what was forgotten.
    #expect(try Set(data.test().labels) == [0, 1, 2, 3])
  }

  @Test func theSplitFollowsFromItsOwnSeed() throws {
    let first = try DataProvider(configuration()).validation().identifier()
    #expect(try DataProvider(configuration()).validation().identifier() == first)
    var other = configuration()
    other.splitSeed = 1
    #expect(try DataProvider(other).validation().identifier() != first)
  }

  @Test func limitsAreTakenBeforeTheSplit() throws {
    var section = configuration()
    section.trainLimit = 20
    section.testLimit = 7
    let data = DataProvider(section)
    #expect(try data.train().count + data.validation().count == 20)
    #expect(try data.test().count == 7)
    #expect(
      data.notes == [
        "train_limit: 20 of 60 images of shapes/train, drawn evenly over classes with seed 0",
        "test_limit: 7 of 30 images of shapes/test, drawn evenly over classes with seed 0",
      ])
    #expect(try data.userClasses() == nil)
  }

  @Test func expectedClassesGiveTheNumbers() throws {
    var section = configuration()
    section.classes = [.name("cube"), .index(2)]
    let read = DataProvider(section)
    let data = DataProvider(section)
    // A part that has been read, and parts that have not.
    _ = try data.test()
    let order = ["cone", "sphere", "cylinder", "cube", "capsule"]
    try data.expect(ClassList(owner: "net", names: order))
    let pairs = [
      (try read.train(), try data.train()), (try read.validation(), try data.validation()),
      (try read.test(), try data.test()),
    ]
    for (before, after) in pairs {
      #expect(after.classNames == order && before.classNames[2] == "sphere")
      #expect(
        after.labels.map { after.classNames[Int($0)] }
          == before.labels.map { before.classNames[Int($0)] })
      #expect(
        try after.bytes(at: Array(0..<after.count)) == before.bytes(at: Array(0..<before.count)))
    }
    // A number in the recipe is the data set's own.
    #expect(try data.userClasses() == [1, 3])
    #expect(data.notes.count { $0.contains("4 of the 5 classes of net") } == 1)
    let error = #expect(throws: DatasetError.self) {
      try data.expect(ClassList(owner: "other", names: ["cube", "cone", "sphere"]))
    }
    #expect("\(try #require(error))".contains("class 'cylinder'"))
  }

  @Test func anUnknownClassIsRefusedWithTheNearestName() throws {
    var section = configuration()
    section.classes = [.name("cub")]
    let data = DataProvider(section)
    #expect { try data.train() } throws: { "\($0)".contains("cube") }
    #expect(throws: DatasetError.self) { try data.userClasses() }
  }

  @Test(arguments: [
    ("validation_fraction", "expected a number between 0 and 1, both excluded, found 1.0"),
    ("classes", "expected at least one class, found none"),
    ("train_limit", "expected 1 or more, found 0"), ("test_limit", "expected 1 or more, found 0"),
    ("crop_padding", "expected 0 to 4096 pixels, found -1"),
  ]) func whatIsOutOfRangeIsReportedAtItsKey(key: String, message: String) {
    var section = configuration()
    section.validationFraction = 1
    section.classes = []
    section.trainLimit = 0
    section.testLimit = 0
    section.cropPadding = -1
    var report = ValidationReport()
    section.validate(&report)
    #expect(report.findings.count == 5)
    #expect(report.findings.contains { $0.keys == [key] && $0.message == message })
  }
}
