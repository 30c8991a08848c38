import Checkpoints
import Datasets
import Foundation
import Networks
import Recipes
import Reports
import Tasks
import Tensors
import Testing
import Training

/// A run measured on other data than its own.
@Suite struct RunEvaluationTests {
  /// A SALT run for a user of two of four shapes, and folders of images beside it.
  private final class Fixture {
    let folder: String
    var run: String { "\(folder)/run" }

    init(link: String = "{rate: 1 Mbit/s}") throws {
      folder = NSTemporaryDirectory() + "cleave-evaluation-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      var network = try ResNet.narrow(depth: 8, classes: 4, inputShape: [16, 16, 3])
      network.initializeParameters(seed: 1)
      let parts = try network.cut(at: "layer1")
      try Checkpoint(
        network: parts.head, inputTransform: try InputTransform(scale: 255)
      ).write(to: "\(folder)/head.h5")
      try Checkpoint(
        network: parts.tail, classNames: ["cube", "cylinder", "sphere", "capsule"]
      ).write(to: "\(folder)/tail.h5")
      let recipe = try Recipe(
        RecipeDocument(
          name: "r.yaml",
          text: """
            method: salt
            data: {name: shapes, samples: 40, test_samples: 24, size: 16, classes: [2, cube]}
            network: {head: \(folder)/head.h5, tail: \(folder)/tail.h5}
            train: {epochs: 1, batch_size: 16, optimizer: {name: adam, learning_rate: 0.01}}
            link: \(link)
            """))
      _ = try Experiment.train(recipe, in: run, resumes: false, observer: SilentObserver())
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// The test images of the run.
    func test() throws -> ImageDataset {
      var shapes = DatasetSpecification(name: "shapes")
      (shapes.samples, shapes.testSamples, shapes.size) = (40, 24, 16)
      return try shapes.load(.test)
    }

    /// Writes images as files, in a folder for each class or all in one.
    func write(
      _ dataset: ImageDataset, to name: String, isLabelled: Bool,
      changed: (UInt8, Int) -> UInt8 = { pixel, _ in pixel }
    ) throws -> DataRequest {
      let shape = dataset.imageShape
      for index in 0..<dataset.count {
        let label = Int(dataset.labels[index])
        let place = isLabelled ? "\(name)/\(dataset.classNames[label])" : name
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(place)", withIntermediateDirectories: true)
        let bytes = try dataset.bytes(at: [index]).enumerated().map { changed($1, $0) }
        try ImageFile.write(
          PixelImage(height: shape[0], width: shape[1], channels: shape[2], bytes: bytes),
          to: "\(folder)/\(place)/\(100 + index).png")
      }
      return DataRequest(dataset: "image-folder", path: "\(folder)/\(name)")
    }

    func evaluate(
      _ requests: [DataRequest], part: MeasuredPart = .test
    ) throws -> RunEvaluation {
      try Experiment.evaluate(run: run, on: requests, part: part, observer: SilentObserver())
    }

    /// The report that the run has kept.
    func kept() throws -> String {
      try String(contentsOfFile: "\(run)/report.json", encoding: .utf8)
    }
  }

  /// A report as text without what is measured with a clock, and without training.
  private func figures(_ report: EvaluationReport) throws -> String {
    try figures(Experiment.json(report))
  }

  private func figures(_ json: String) throws -> String {
    var object = try #require(
      JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    object["training"] = nil
    var split = object["split"] as? [String: Any]
    let clocked = [
      "device_time", "server_time", "encode_time", "decode_time", "latency", "device_energy",
    ]
    for key in clocked { split?[key] = nil }
    object["split"] = split
    return String(
      decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys),
      as: UTF8.self)
  }

  @Test func ownDataCorruptedImagesAnotherUserAndImagesWithoutLabelsAreRowsOfOneReport() throws {
    // Noise on the link is drawn alike, too.
    let fixture = try Fixture(link: "{rate: 1 Mbit/s, loss: 0.1}")
    let test = try fixture.test()
    let corrupted = try fixture.write(test, to: "corrupted", isLabelled: true) { pixel, index in
      index % 3 == 0 ? 255 - pixel : pixel
    }
    let plain = try fixture.write(test, to: "plain", isLabelled: false)
    let result = try fixture.evaluate([
      corrupted, DataRequest(overrides: ["data.classes=[cylinder, capsule]"]), plain,
    ])
    #expect(result.rows.count == 4)
    #expect(result.trainedOn?.userClasses == ["cube", "sphere"])
    #expect(result.trainedOn?.dataset?.hasPrefix("shapes/train:") == true)
    #expect(result.rows.map(\.measuredOn.isOwn) == [true, false, false, false])
    let reports = result.rows.map(\.report)
    #expect(try figures(#require(reports[0])) == figures(fixture.kept()))
    for report in try [#require(reports[0]), #require(reports[1]), #require(reports[2])] {
      #expect(
        report.comparisons.map(\.name) == [
          "original", "original, masked", "residual", "residual, masked",
        ])
      // Those of the user's classes, which the accuracy is of.
      let user = report.userClasses ?? []
      #expect(
        report.samples
          == report.perClass.filter { user.contains($0.name) }.reduce(0) { $0 + $1.samples })
      #expect((1..<24).contains(report.samples))
    }
    #expect(reports[1]?.userClasses == ["cube", "sphere"])
    #expect(reports[2]?.userClasses == ["cylinder", "capsule"])
    #expect(reports[3] == nil)
    let fidelity = try #require(result.rows[3].fidelity)
    #expect(fidelity.samples == 24)
    #expect(
      fidelity.tasks.map { $0.metrics.map(\.name) } == [
        ["agreement", "kl_divergence", "logit_mse"]
      ]
    )
    #expect(result.table.rows.map { $0[0] } == result.rows.map(\.name))
    #expect(Set(result.rows.map(\.name)).count == 4)
    #expect(result.page.contains("agreement"))
  }

  @Test func aCopyOfTheTestImagesGivesTheSameFiguresAsClassesAreMatchedByName() throws {
    let fixture = try Fixture()
    // Folders stand in the order of the alphabet, the classes of the run do not.
    let copy = try fixture.write(fixture.test(), to: "copy", isLabelled: true)
    let rows = try fixture.evaluate([copy]).rows
    let own = try #require(rows[0].report)
    let other = try #require(rows[1].report)
    #expect(other.accuracy == own.accuracy)
    #expect(other.perClass.map(\.accuracy) == own.perClass.map(\.accuracy))
    #expect(other.perClass.map(\.name) == own.perClass.map(\.name))
    #expect(other.split?.uplinkBytes == own.split?.uplinkBytes)
    #expect(
      other.comparisons.map { [$0.userAccuracy, $0.otherAccuracy] }
        == own.comparisons.map { [$0.userAccuracy, $0.otherAccuracy] })
  }

  @Test func fidelityIsThatOfTheAdaptedToTheOriginalNetwork() throws {
    let fixture = try Fixture()
    let test = try fixture.test()
    let plain = try fixture.write(test, to: "plain", isLabelled: false)
    let fidelity = try #require(try fixture.evaluate([plain]).rows[1].fidelity)
    let files = try ["head", "run/best", "tail"].map {
      try Checkpoint.read("\(fixture.folder)/\($0).h5").network
    }
    let images = try InputTransform(scale: 255)(test.pixels(at: Array(0..<test.count)))
    let latent = files[0].predict(images)
    let original = files[2].predict(latent).scalars
    let adapted = files[2].predict(files[1].predict(latent)).scalars
    func best(_ logits: [Float], _ row: Int) -> Int? {
      let own = logits[4 * row..<4 * row + 4]
      return own.firstIndex(of: own.max() ?? 0).map { $0 - 4 * row }
    }
    let agreeing = (0..<test.count).filter { best(original, $0) == best(adapted, $0) }.count
    #expect(fidelity["agreement"] == Double(agreeing) / Double(test.count))
    let squares = zip(original, adapted).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    let error = try #require(fidelity["logit_mse"])
    #expect(abs(error - squares / Double(original.count)) < 1e-4 * (1 + error))
  }

  @Test func imagesThatDoNotFitAreNamedWithTheirExtentsAndARemedy() throws {
    let fixture = try Fixture()
    var shapes = DatasetSpecification(name: "shapes")
    (shapes.testSamples, shapes.size) = (2, 24)
    var large = try fixture.write(shapes.load(.test), to: "large", isLabelled: true)
    // The run says how large images are, so another size has to be asked for.
    large.overrides = ["data.size=24", "data.channels=1"]
    #expect {
      try fixture.evaluate([large])
    } throws: {
      let text = "\($0)"
      return text.contains("large does not fit")
        && text.contains("height × width are 24×24, expected 16×16")
        && text.contains("channels are 1 (grey), expected 3 (colour)")
        && text.contains("`--set data.size=16` and `--set data.channels=3`")
    }
    large.overrides = []
    let fitted = try fixture.evaluate([large])
    #expect(fitted.rows[1].report?.perClass.reduce(0) { $0 + $1.samples } == 2)
  }

  @Test func otherPartsOfTheRunsDataCanBeMeasured() throws {
    let fixture = try Fixture()
    let result = try fixture.evaluate([], part: .validation)
    let kept = try JSONDecoder().decode(
      EvaluationReport.self, from: Data(fixture.kept().utf8))
    let row = try #require(result.rows.first)
    #expect(row.measuredOn.part == .validation && row.measuredOn.isOwn)
    #expect(row.report?.accuracy == kept.training?.validation["accuracy"])
    let train = try fixture.evaluate([], part: .train)
    #expect(train.rows[0].measuredOn.dataset == "shapes/train")
  }

  @Test func anAdapterApartFromItsRunIsMeasuredAsItsRun() throws {
    let fixture = try Fixture(link: "{rate: 1 Mbit/s, noise: 0.2}")
    let copy = try fixture.write(fixture.test(), to: "copy", isLabelled: true)
    let files = AdapterFiles(
      head: "\(fixture.folder)/head.h5", adapter: "\(fixture.run)/best.h5",
      tail: "\(fixture.folder)/tail.h5")
    let run = try fixture.evaluate([copy])
    let own = try Experiment.evaluate(files, on: [], observer: SilentObserver())
    #expect(own.rows.map(\.measuredOn.isOwn) == [true])
    let other = try Experiment.evaluate(files, on: [copy], observer: SilentObserver())
    #expect(other.rows.map(\.measuredOn.isOwn) == [false])
    for (row, expected) in [(own.rows[0], run.rows[0]), (other.rows[0], run.rows[1])] {
      #expect(row.report?.accuracy == expected.report?.accuracy)
      #expect(
        row.report?.comparisons.map(\.userAccuracy)
          == expected.report?.comparisons.map(\.userAccuracy))
      #expect(row.report?.split?.uplinkBytes == expected.report?.split?.uplinkBytes)
    }
  }

  @Test func onlyTheDataOfARunCanBeSet() throws {
    let fixture = try Fixture()
    #expect {
      try fixture.evaluate([DataRequest(overrides: ["train.epochs=3"])])
    } throws: { "\($0)".contains("--set train.epochs=3: expected data.… here") }
    #expect {
      try fixture.evaluate([DataRequest(overrides: ["data.classes=[cone]"])])
    } throws: { "\($0)".contains("unknown class 'cone'") }
  }

  @Test func theRunsOwnDataAreMeasuredOnce() throws {
    let fixture = try Fixture()
    let result = try fixture.evaluate([
      DataRequest(overrides: ["data.name=shapes"]),
      DataRequest(overrides: ["data.classes=[sphere, 0]"]),
    ])
    #expect(result.rows.count == 1)
  }
}

/// The order of a command line's options.
@Suite struct DataRequestTests {
  private func requests(_ words: String) throws -> [DataRequest] {
    try DataRequest.all(in: words.split(separator: " ").map(String.init))
  }

  @Test func optionsBelongToTheDataSetBeforeThem() throws {
    #expect(
      try requests(
        "evaluate run --set data.classes=[1] --dataset image-folder --data-path a "
          + "--set data.size=8 --json --dataset=image-folder --data-path=b --set=data.size=9") == [
          DataRequest(overrides: ["data.classes=[1]"]),
          DataRequest(dataset: "image-folder", path: "a", overrides: ["data.size=8"]),
          DataRequest(dataset: "image-folder", path: "b", overrides: ["data.size=9"]),
        ])
  }

  @Test func aKeyThatWasSetBeginsAnotherDataSet() throws {
    #expect(
      try requests("--set data.classes=[1] --set data.seed=2 --set data.classes=[2]") == [
        DataRequest(overrides: ["data.classes=[1]", "data.seed=2"]),
        DataRequest(overrides: ["data.seed=2", "data.classes=[2]"]),
      ])
    #expect(try requests("evaluate run --json").isEmpty)
  }

  @Test func aPathNeedsADataSet() {
    #expect(throws: DataRequestError.pathAlone("a")) { try requests("--data-path a --dataset b") }
    #expect(throws: DataRequestError.pathTwice("b", "c")) {
      try requests("--dataset a --data-path b --data-path c")
    }
  }
}
