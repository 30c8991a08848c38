import Datasets
import Foundation
import Methods
import Networks
import Recipes
import Serving
import Splitting
import Tasks
import Tensors
import Testing
import Training

/// Every method's report beside what its deployed systems send and answer, measured from outside.
@Suite struct OnePathTests {
  /// A recipe of a method, and what is changed of it.
  struct Case: CustomTestStringConvertible, Sendable {
    let method: String
    let file: String
    var changes: [String] = []
    var testDescription: String { "\(method) \(changes.joined(separator: " "))" }
  }

  /// The first recipe of each method that trains or chooses.
  private static func recipe(of method: String) -> String? {
    RecipeFilesTests.files.first { file in
      guard
        let document = try? RecipeDocument(contentsOf: "\(RecipeFilesTests.folder)/\(file)"),
        document.root["benchmark"] == nil
      else { return false }
      return StandIn.text(document, "method") == method
    }
  }

  static let cases: [Case] =
    MethodRegistry.methods.compactMap { method in
      recipe(of: method.name).map { Case(method: method.name, file: $0) }
    } + [
      Case(
        method: "early_exit", file: "sparse-exit/fashion-mnist-exit.yaml",
        changes: ["early_exit.bits=2", "early_exit.target={exit_rate: 0.5}"]),
      // Shares, bytes and times are of the images that the accuracy is of.
      Case(
        method: "early_exit", file: "sparse-exit/fashion-mnist-exit.yaml",
        changes: ["early_exit.target={exit_rate: 0.5}", "data.classes=[1, 4, 7]"]),
      Case(
        method: "semanticnn", file: "semanticnn/fashion-mnist.yaml",
        changes: ["data.classes=[1, 4, 7]"]),
    ]

  @Test func everyMethodHasARecipeToBeMeasuredBy() {
    #expect(Set(Self.cases.map(\.method)) == Set(MethodRegistry.methods.map { $0.name }))
  }

  /// Quality and bytes of a report are those of the first system on the same images: image by image, and
  /// as the benchmark measures them.
  @Test(arguments: cases) func aReportIsOfTheSystemThatIsDeployed(_ test: Case) throws {
    let standIn = try StandIn()
    let path = "\(RecipeFilesTests.folder)/\(test.file)"
    let overrides = try standIn.overrides(for: RecipeDocument(contentsOf: path)) + test.changes
    let recipe = try Recipe(RecipeDocument(contentsOf: path, overrides: overrides))
    let folder = standIn.folder + "/run"
    _ = try Experiment.train(recipe, in: folder, resumes: false, observer: SilentObserver())
    let run = try Experiment.open(run: folder, observer: SilentObserver())
    let report = try run.method.evaluate(run.network)
    // What flies sends by the flight, and what is not cut sends nothing.
    guard report.flights == nil, let split = report.split else { return }
    let system = try #require(try run.method.systems(run.network).first)
    var images = try run.data.test()
    if let classes = try run.data.userClasses() {
      images = try images.selecting(classes: classes.map { .index($0) })
    }
    let row = try TradeOff(
      dataset: images, tasks: run.method.tasks,
      links: [TradeOffReport.NamedLink(name: "link", link: recipe.link.link)],
      energy: recipe.link.energy, timedSamples: 1
    ).report(reference: system, [], observer: nil).systems[0]
    #expect(report.tasks != nil || report.samples == images.count)
    if let clean = report.bitErrors?.first?.points.first(where: { $0.rate == 0 }) {
      #expect(clean.accuracy == report.accuracy)
    }
    if let chosen = report.exits?.named.first(where: { $0.name == "chosen" }) {
      #expect(chosen.accuracy == report.accuracy)
    }
    if let tasks = report.tasks {
      #expect(tasks.map(\.quality) == row.qualities.map { $0.value?.mean })
    } else {
      #expect(report.accuracy == row.accuracy?.mean)
    }
    let stream = try #require(split.stream)
    #expect(abs(stream.mean - row.bytes.mean) < 1e-9)
    #expect(stream.p50 == row.bytes.p50 && stream.p99 == row.bytes.p99)
    #expect(split.uplinkBytes == Int(row.bytes.mean.rounded()))
    #expect(split.sentShare == row.sentShare)
    #expect(split.encoderBytes == row.encoderBytes)
    #expect(abs(split.deviceMACs - row.deviceMACs) <= 1)
    #expect(abs(split.serverMACs - row.serverMACs) <= 1)
    // The sum of what each image sends, one after the other.
    let sent = try (0..<images.count).reduce(0) { sum, index in
      let computed = try system.latent(images.pixels(at: [index]))
      return try system.deviceAnswers(computed) == nil
        ? sum + system.encode(computed).count : sum
    }
    #expect(abs(Double(sent) / Double(images.count) - stream.mean) < 1e-9)
    if let chosen = report.codecs?.first(where: \.isChosen) ?? report.codecs?.first,
      chosen.bitsPerSymbol == nil
    {
      #expect(abs(chosen.meanBytes - stream.mean) < 1e-9)
      #expect(chosen.accuracy == report.accuracy)
    }
  }

  /// A tail in this process that reads what is sent, as a server does.
  private struct StreamTail: TimedTail {
    let system: any SplitSystem
    let latentShape: Shape
    let classCount: Int

    func forward(_ latent: Tensor<Float>) throws -> Tensor<Float> {
      try system.answers(latent)[0]
    }

    func backward(_ latent: Tensor<Float>, labels: [Int32]) throws -> TailGradient {
      throw ExperimentError.benchmarkNeeded
    }

    func share(_ tables: [Int: [UInt8]]) throws -> String { "tables" }

    func answer(_ sent: SentLatents) throws -> TimedLogits {
      guard case .streams(let streams, _) = sent else { throw ExperimentError.benchmarkNeeded }
      let latents = try streams.map { try system.decode($0) }
      return TimedLogits(logits: try forward(Tensor.joined(latents)), served: .zero)
    }
  }

  /// Offloaded, a run sends as many bytes and is right as often as its report says.
  @Test(
    arguments: cases.filter { ["early_exit", "supervised", "salt", "slicer"].contains($0.method) })
  func offloadingSendsWhatTheReportSays(_ test: Case) throws {
    let standIn = try StandIn()
    let path = "\(RecipeFilesTests.folder)/\(test.file)"
    let overrides = try standIn.overrides(for: RecipeDocument(contentsOf: path)) + test.changes
    let folder = standIn.folder + "/run"
    _ = try Experiment.train(
      Recipe(RecipeDocument(contentsOf: path, overrides: overrides)), in: folder, resumes: false,
      observer: SilentObserver())
    let run = try Experiment.open(run: folder, observer: SilentObserver())
    let report = try run.method.evaluate(run.network)
    guard let split = report.split else { return }
    let system = try #require(try run.method.systems(run.network).first)
    let tail = StreamTail(
      system: system, latentShape: try run.method.parts(run.network).device.outputShape,
      classCount: try run.data.test().classNames.count)
    let sent = try Experiment.offload(
      .init(device: folder), to: tail, observer: SilentObserver())
    #expect(sent.accuracy == report.accuracy)
    #expect(abs(sent.uplinkBytes - (try #require(split.stream)).mean) < 1e-9)
    #expect(sent.sentShare == split.sentShare)
  }
}
