import Checkpoints
import Configurations
import Datasets
import Networks
import Tensors
import Testing
import Training

@Suite struct NetworkConfigurationTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ network: Network, _ name: String, transform: InputTransform? = nil) throws
    -> String
  {
    try Checkpoint(network: network, inputTransform: transform, classNames: ["top", "bottom"])
      .write(to: folder.file(name))
    return folder.file(name)
  }

  /// An image of a shape, of one of some classes without names.
  private func images(_ shape: Shape, classes: Int) -> ImageDataset {
    ImageDataset(
      name: "images", imageShape: shape, classNames: (0..<classes).map { "\($0)" },
      pixels: [UInt8](repeating: 0, count: shape.elementCount), labels: [Int32(classes - 1)])
  }

  struct Problem: CustomTestStringConvertible, Sendable {
    var testDescription: String { message }
    var section: NetworkConfiguration
    var key: [String]
    var message: String
  }

  @Test(arguments: [
    Problem(
      section: NetworkConfiguration(), key: [],
      message: "expected a checkpoint, an architecture, blocks, or a head and a tail"),
    Problem(
      section: NetworkConfiguration(architecture: "resnet8", classes: 0), key: ["classes"],
      message: "expected 1 or more, found 0"),
    Problem(
      section: NetworkConfiguration(checkpoint: "/nowhere/a.h5"), key: ["checkpoint"],
      message: "there is no file /nowhere/a.h5"),
    Problem(
      section: NetworkConfiguration(architecture: "resnet8", tail: "/dev/null"), key: ["tail"],
      message: "expected both head and tail, or neither"),
    Problem(
      section: NetworkConfiguration(cut: "layer1", head: "/dev/null", tail: "/dev/null"),
      key: ["cut"], message: "cannot stand beside head and tail"),
    Problem(
      section: {
        var section = NetworkConfiguration(architecture: "resnet8")
        section.blocks = BlockNetwork(stages: [.init(channels: 8, operations: [.skip])])
        return section
      }(), key: ["blocks"], message: "cannot stand beside a checkpoint or an architecture"),
  ]) func whatContradictsItselfIsReportedAtItsKey(_ problem: Problem) {
    var report = ValidationReport()
    problem.section.validate(&report)
    #expect(report.findings.map(\.keys) == [problem.key])
    #expect(report.findings.map(\.message) == [problem.message])
  }

  @Test func aNewNetworkFollowsFromTheSeedAndTheData() throws {
    let section = NetworkConfiguration(architecture: "resnet8")
    let first = try section.load(for: images([12, 12, 1], classes: 3), seed: 1).network
    #expect(first.inputs[0].shape == [12, 12, 1])
    #expect(first.outputShape == [3])
    #expect(try section.load(for: images([12, 12, 1], classes: 3), seed: 1).network == first)
    #expect(try section.load(for: images([12, 12, 1], classes: 3), seed: 2).network != first)
  }

  @Test func aCheckpointBringsItsInputTransformUnlessTheRecipeHasOne() throws {
    let own = try InputTransform(scale: 255)
    let other = try InputTransform(scale: 2)
    let file = try write(ProbeMethod.classifier(), "a.h5", transform: own)
    let section = NetworkConfiguration(checkpoint: file)
    let loaded = try section.load(for: images([6, 6, 1], classes: 2), seed: 0)
    #expect(loaded.inputTransform == own)
    #expect(loaded.classes == ClassList(owner: file, names: ["top", "bottom"]))
    #expect(try loaded.network == ProbeMethod.classifier())
    #expect(
      try NetworkConfiguration(checkpoint: file, input: other)
        .load(for: images([6, 6, 1], classes: 2), seed: 0).inputTransform == other)
    #expect(section.files == [file])
  }

  @Test func partsAreThoseOfTheCutOrOfTheFiles() throws {
    let whole = try ProbeMethod.classifier()
    let (head, tail) = try whole.cut(at: "relu")
    let cut = try NetworkConfiguration(checkpoint: write(whole, "whole.h5"), cut: "relu")
      .loadParts(for: images([6, 6, 1], classes: 2))
    #expect(cut.head == head && cut.tail == tail)
    let section = NetworkConfiguration(
      head: try write(head, "head.h5", transform: InputTransform(scale: 255)),
      tail: try write(tail, "tail.h5"))
    let files = try section.loadParts(for: images([6, 6, 1], classes: 2))
    #expect(files.head == head && files.tail == tail)
    #expect(try files.inputTransform == InputTransform(scale: 255))
    let joined = try section.load(for: images([6, 6, 1], classes: 2), seed: 0).network
    let images = Tensor<Float>([1, 6, 6, 1], (0..<36).map { Float($0) / 36 })
    #expect(joined.predict(images) == whole.predict(images))
  }

  @Test func partsThatDoNotFitAreRefused() throws {
    let whole = try ProbeMethod.classifier()
    let section = NetworkConfiguration(
      head: try write(whole.cut(at: "relu").head, "head.h5"),
      tail: try write(whole.cut(at: "flatten").tail, "tail.h5"))
    #expect {
      try section.loadParts(for: images([6, 6, 1], classes: 2))
    } throws: {
      guard case .partsDoNotFit(let expected, let found) = $0 as? NetworkError else { return false }
      return expected == [144] && found == [6, 6, 4]
    }
  }

  @Test func networksThatDoNotFitTheDataAreRefused() throws {
    let file = try write(ProbeMethod.classifier(), "a.h5")
    let section = NetworkConfiguration(checkpoint: file)
    #expect(
      throws: SetupError.imageShape(network: file, expected: [6, 6, 1], found: [6, 6, 3])
    ) { try section.load(for: images([6, 6, 3], classes: 2), seed: 0) }
    #expect(
      throws: SetupError.classes(
        ClassMismatch(
          expected: ClassList(owner: file, names: ["top", "bottom"]),
          found: ClassList(owner: "images", names: nil, count: 3), unknown: []))
    ) {
      try section.load(for: images([6, 6, 1], classes: 3), seed: 0)
    }
    #expect(throws: SetupError.cutNeeded) {
      try section.loadParts(for: images([6, 6, 1], classes: 2))
    }
    let head = try write(ProbeMethod.classifier().cut(at: "relu").head, "head.h5")
    #expect(throws: SetupError.notAClassifier(network: head, output: [6, 6, 4])) {
      try NetworkConfiguration(checkpoint: head).load(
        for: images([6, 6, 1], classes: 2), seed: 0)
    }
    // Fewer classes than logits are no problem.
    #expect(
      try section.load(for: images([6, 6, 1], classes: 1), seed: 0).network.outputShape == [2])
  }
}
