import Checkpoints
import Datasets
import Export
import Foundation
import Recipes
import Reports
import Synchronization
import Testing
import Training

/// Parts of a data set: which images they are of, and what is said of that.
@Suite struct SubsetTests {
  private let colours: Colours
  private static let order = ["red", "green", "blue", "black"]

  init() throws { colours = try Colours() }

  private func recipe(_ more: String, method: String = "supervised", data: String = "") throws
    -> Recipe
  {
    let path = try colours.write("data", count: 8)
    let file = try colours.write("net.h5", Colours.network(Self.order), names: Self.order)
    return try Recipe(
      RecipeDocument(
        name: "r.yaml",
        text: """
          method: \(method)
          data: {name: image-folder, path: \(path), size: 8, split_seed: 5\(data)}
          network: {checkpoint: \(file), cut: relu}
          \(method == "slicer"
            ? "" : "train: {epochs: 2, batch_size: 8, optimizer: {name: sgd, learning_rate: 1.0e-6}}")
          \(more)

          """))
  }

  @Test func limitsDrawFromAllClassesAndTheReportSaysSo() throws {
    let note =
      "8 of 32 images of data/test, drawn evenly over classes with seed 5"
    let limited = try recipe(
      "", data: ", test_limit: 8, train_limit: 16, validation_fraction: 0.25")
    let report = try Experiment.evaluate(limited, observer: SilentObserver())
    #expect(report.perClass.map(\.samples) == [2, 2, 2, 2])
    #expect(try #require(report.notes).contains("test_limit: \(note)"))
    #expect(report.remarks.contains("test_limit: \(note)"))
    let benchmark = try recipe(
      "benchmark: {timed_samples: 2, calibration_samples: 4, "
        + "systems: [{latent: context, bits: [4]}], limit: 8}")
    let measured = try Experiment.benchmark(benchmark, observer: SilentObserver())
    #expect(measured.samples == 8)
    #expect(
      try #require(measured.notes).filter { $0.contains("drawn evenly") } == [
        "limit: \(note)",
        "tables of context: 4 of 28 images of data/train, drawn evenly over classes with seed 5",
      ])
    #expect(try Experiment.json(measured).contains(note))
    #expect(measured.page.contains(note))
  }

  @Test func aSearchTriesImagesOfAllClasses() throws {
    let search = try recipe(
      "slicer: {images: 8, keep: [1], blocks: [1], tolerance: [0]}", method: "slicer",
      data: ", validation_fraction: 0.5")
    let report = try Experiment.evaluate(search, observer: SilentObserver())
    #expect(
      try #require(report.notes).contains(
        "slicer.images: 8 of 16 images of data/train/validation, drawn evenly over classes with seed 5"
      ))
  }

  // MARK: - Validation

  @Test func imagesOfAFolderOfTheirOwnAreChosenBy() throws {
    let own = try recipe("")
    let folder = own.data.dataset.path ?? ""
    let image = "\(folder)/train/red/0.png"
    let val = "\(folder)/val/red"
    try FileManager.default.createDirectory(atPath: val, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: image, toPath: "\(val)/0.png")
    let data = DataProvider(own.data)
    #expect(try data.train().count == 32 && data.validation().count == 1)
    #expect(data.notes.contains("validation: the 1 images of \(folder)/val"))
    let split = DataProvider(try recipe("", data: ", validation_fraction: 0.25").data)
    #expect(try split.train().count == 24 && split.validation().count == 8)
    #expect(split.notes.contains { $0.contains("the images of \(folder)/val are not used") })
  }

  // MARK: - Resuming

  /// Begins a run and ends it in its first epoch.
  private func interrupted(_ recipe: Recipe) throws -> String {
    let run = "\(colours.path)/run"
    let steps = Atomic(0)
    #expect(throws: TrainingError.self) {
      try Experiment.train(
        recipe, in: run, resumes: false, observer: SilentObserver(),
        isInterrupted: { steps.add(1, ordering: .relaxed).newValue >= 3 })
    }
    return run
  }

  @Test func aRunGoesOnWithTheDataItWasBegunWith() throws {
    let recipe = try recipe("")
    let run = try interrupted(recipe)
    let image = "\(recipe.data.dataset.path ?? "")/train/red/0.png"
    let bytes = try #require(FileManager.default.contents(atPath: image))
    try FileManager.default.removeItem(atPath: image)
    #expect {
      try Experiment.train(recipe, in: run, resumes: true, observer: SilentObserver())
    } throws: {
      let message = "\($0)"
      return message.contains("\(run)/last.h5 cannot be resumed") && message.contains("red")
        && message.contains("27 training images, 28 before")
    }
    // Other pixels, as many of each class.
    let other = "\(recipe.data.dataset.path ?? "")/train/green/0.png"
    try FileManager.default.copyItem(atPath: other, toPath: image)
    #expect {
      try Experiment.train(recipe, in: run, resumes: true, observer: SilentObserver())
    } throws: { "\($0)".contains("images of each class, but others, or in another order") }
    try bytes.write(to: URL(fileURLWithPath: image))
    let report = try Experiment.train(recipe, in: run, resumes: true, observer: SilentObserver())
    #expect(report.training?.epochs == 2)
  }

  @Test func aStateThatDoesNotTellItsDataGoesOnWithANote() throws {
    let recipe = try recipe("")
    let run = try interrupted(recipe)
    var checkpoint = try Checkpoint.read("\(run)/last.h5")
    let text = try #require(checkpoint.documents["training_state"])
    var state = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(state.removeValue(forKey: "data") != nil)
    checkpoint.documents["training_state"] = String(
      decoding: try JSONSerialization.data(withJSONObject: state), as: UTF8.self)
    try checkpoint.write(to: "\(run)/last.h5")
    let notes = Notes()
    let report = try Experiment.train(recipe, in: run, resumes: true, observer: notes)
    #expect(report.training?.epochs == 2)
    #expect(notes.all.withLock { $0.contains { $0.contains("does not tell which data") } })
  }

  private final class Notes: TrainingObserver {
    let all = Mutex<[String]>([])
    func progressed(_ task: String, unit: String, done: Int, of total: Int) {}
    func stepped(_ progress: StepProgress) {}
    func finishedEpoch(_ record: EpochRecord) {}
    func noted(_ message: String) { all.withLock { $0.append(message) } }
  }
}
