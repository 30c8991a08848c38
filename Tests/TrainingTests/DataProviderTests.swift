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
    #expect(try data.userClasses() == nil)
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
