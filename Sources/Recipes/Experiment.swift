public import Checkpoints
internal import Datasets
internal import Files
internal import Foundation
public import Networks
internal import RemoteTails
internal import Reports
internal import Splitting
internal import Tensors
public import Training

/// What can be done with a recipe or a run; each command calls one of these.
public enum Experiment {
  /// The version of the toolkit, as checkpoints and exports carry it.
  public static let version = "0.1.0"

  // MARK: - Training

  /// Trains a recipe and measures the result on the test images.
  ///
  /// - Parameters:
  ///   - recipe: what to train.
  ///   - path: the folder of the run.
  ///   - resumes: whether to go on with the run in that folder.
  ///   - allowsChanges: whether to go on though recipe, data or files it builds on have changed.
  ///   - processes: those that train together, each of which calls this.
  ///   - observer: told about progress.
  ///   - isInterrupted: asked after each step; true saves the state and ends the run.
  ///   - willMeasure: called when training is done and saved, before the method chooses what it has
  ///     to and the test images are measured.
  /// - Returns: the report, which is also in the folder; nil in all processes but the first.
  /// - Throws: `RunDirectoryError` or ``ExperimentError`` if the folder holds something else,
  ///   `RecipeProblems` for what data or network show to be wrong with the recipe, or whatever
  ///   ends training.
  public static func train(
    _ recipe: Recipe, in path: String, resumes: Bool, allowsChanges: Bool = false,
    with processes: any ProcessGroup, observer: any TrainingObserver,
    isInterrupted: @escaping () -> Bool = { false }, willMeasure: () -> Void = {}
  ) throws -> EvaluationReport? {
    let directory = RunDirectory(path)
    let setting = setting(
      of: recipe, temporaryDirectory: path, observer: observer, processes: processes)
    // The folder belongs to the first process, for as long as this lasts.
    let ready = try processes.beginning {
      try prepared(recipe, directory, setting, resumes: resumes, allowsChanges: allowsChanges)
    }
    defer { withExtendedLifetime(ready.folder) {} }
    var (method, provenance) = (ready.method, ready.provenance)
    let outcome = try Trainer(
      method, setting: setting, directory: directory, provenance: provenance,
      watchedImages: try setting.data.validation(), isInterrupted: isInterrupted
    ).run(resumes: resumes, allowsChanges: allowsChanges)
    guard processes.isFirst else { return nil }
    if isInterrupted() { throw TrainingError.interrupted(saved: directory.path(of: .last)) }
    willMeasure()

    if let choice = try method.choose(for: outcome.network) {
      try directory.write(choice, to: directory.choicePath)
    }
    var report = try method.evaluate(outcome.network)
    report.add(setting.data.notes)
    report.testData = try setting.data.test().identifier()
    if type(of: method).trains {
      report.training = EvaluationReport.TrainingSummary(outcome)
    }
    provenance.figures = ["best_epoch": Double(outcome.bestEpoch)]
    // What is not defined is left out.
    for (name, value) in report.judgedFigures { provenance.figures["test_\(name)"] = value }
    for (name, value) in report.training?.validation.values ?? [:] {
      provenance.figures["validation_\(name)"] = value
    }
    var best = Checkpoint(
      network: outcome.network, inputTransform: method.inputTransform,
      imageSizing: setting.data.imageSizing, provenance: provenance)
    try best.setClasses(of: method, on: setting.data)
    best.setCodecTables(try method.codecTables(outcome.network))
    try best.write(to: directory.path(of: .best))
    for (name, text) in try method.documents() {
      try directory.write(text, to: "\(directory.path)/\(name)")
    }
    let page = try page(
      method, outcome.network, setting.data, report, history: outcome.history,
      provenance: provenance, folder: path, observer: observer)
    try directory.write(page.text, to: directory.pagePath)
    // Last, as the run is done when it is there.
    try directory.write(try json(report) + "\n", to: directory.reportPath)
    return report
  }

  /// Trains a recipe in this process alone and measures the result on the test images.
  ///
  /// - Returns: the report, which is also in the folder.
  /// - Throws: as in several processes.
  public static func train(
    _ recipe: Recipe, in path: String, resumes: Bool, observer: any TrainingObserver,
    isInterrupted: @escaping () -> Bool = { false }, willMeasure: () -> Void = {}
  ) throws -> EvaluationReport {
    let report = try train(
      recipe, in: path, resumes: resumes, with: SingleProcess(), observer: observer,
      isInterrupted: isInterrupted, willMeasure: willMeasure)
    guard let report else { preconditionFailure("the first process has no report") }
    return report
  }

  /// What a process needs before it trains; the first one takes the folder, and leaves it as it was if
  /// anything is wrong.
  private static func prepared(
    _ recipe: Recipe, _ directory: RunDirectory, _ setting: MethodSetting, resumes: Bool,
    allowsChanges: Bool
  ) throws -> (method: any Method, provenance: Provenance, folder: RunFolder?) {
    if resumes, !directory.hasRecipe { throw RunDirectoryError.noRun(path: directory.path) }
    let isFirst = setting.processes.isFirst
    let folder = isFirst ? try RunFolder(directory.path) : nil
    do {
      if isFirst { try check(directory, for: recipe, resumes: resumes) }
      let method = try recipe.checkedMethod(setting)
      _ = try setting.data.test()
      var provenance = Provenance(
        recipe: try recipe.document.yaml, seed: recipe.seed, toolkitVersion: version,
        dataset: try setting.data.train().identifier(), parents: method.parents,
        parentDigests: try method.parents.map { path throws(FileError) in
          try Fingerprint.of(file: path)
        })
      if resumes {
        try check(directory, isOf: &provenance, recipe, allowsChanges, setting.observer)
      }
      if isFirst, !directory.hasRecipe {
        try directory.write(try recipe.document.yaml, to: directory.recipePath)
      }
      return (method, provenance, folder)
    } catch {
      folder?.discard()
      throw error
    }
  }

  /// Whether a process trains in the folder of a run.
  public static func isBusy(_ path: String) -> Bool { RunFolder.isBusy(path) }

  /// Checks that the folder holds nothing, or the run of the same recipe if that is to go on.
  private static func check(
    _ directory: RunDirectory, for recipe: Recipe, resumes: Bool
  ) throws {
    try directory.create()
    guard directory.hasRecipe else { return }
    let there = try RecipeDocument(contentsOf: directory.recipePath)
    let differences = recipe.document.differences(from: there, ignoring: ["output"])
    guard differences.isEmpty else {
      if resumes {
        throw ExperimentError.otherRecipe(
          path: directory.path, differences: differences.map(\.description))
      }
      throw RunDirectoryError.otherRecipe(
        path: directory.path, differences: differences.map(\.description))
    }
    guard resumes else { throw RunDirectoryError.alreadyThere(path: directory.path) }
  }

  /// Checks that the recipe and the files it builds on are those that the saved state was trained with.
  private static func check(
    _ directory: RunDirectory, isOf provenance: inout Provenance, _ recipe: Recipe,
    _ allowsChanges: Bool, _ observer: any TrainingObserver
  ) throws {
    guard let saved = try directory.savedOrigins() else { return }
    var differences = RunOrigins(provenance).changedParents(since: saved)
    if let text = saved.recipe, text != provenance.recipe {
      let earlier = try RecipeDocument(name: directory.recipePath, text: text)
      differences += recipe.document.differences(from: earlier, ignoring: ["output"])
        .map(\.description)
    }
    guard !differences.isEmpty else { return }
    guard allowsChanges else {
      throw ExperimentError.changedSince(path: directory.path, differences: differences)
    }
    for difference in differences {
      observer.noted("changed since the run was saved: \(difference)")
    }
    provenance.changes = differences
  }

  /// The data of a recipe, whose reading is reported.
  static func provider(of recipe: Recipe, observer: any TrainingObserver) -> DataProvider {
    provider(of: recipe.data, usualSizing: recipe.network.imageSizing, observer: observer)
  }

  /// The data of a section, whose reading is reported.
  static func provider(
    of data: DataConfiguration, allowsUnlabelled: Bool = false, usualSizing: ImageSizing?,
    observer: any TrainingObserver
  ) -> DataProvider {
    DataProvider(
      data, allowsUnlabelled: allowsUnlabelled, usualSizing: usualSizing,
      progress: {
        observer.progressed(
          "reading \($0.subject)", unit: "\($0.unit)", done: $0.completed,
          of: $0.total ?? $0.completed)
      }, noted: { observer.noted($0) })
  }

  private static func setting(
    of recipe: Recipe, data: DataProvider? = nil, temporaryDirectory: String,
    observer: any TrainingObserver, processes: any ProcessGroup = SingleProcess()
  ) -> MethodSetting {
    MethodSetting(
      data: data ?? provider(of: recipe, observer: observer),
      network: recipe.network, training: recipe.training, link: recipe.link.link,
      energy: recipe.link.energy, seed: recipe.seed, tails: TailConnection.connector,
      temporaryDirectory: temporaryDirectory, observer: observer, processes: processes)
  }

  // MARK: - Evaluation

  /// Measures a finished or interrupted run on its test images.
  ///
  /// - Throws: `RunDirectoryError.noRun` if there is none, ``ExperimentError`` if it has no epoch.
  public static func evaluate(
    run path: String, observer: any TrainingObserver
  ) throws -> EvaluationReport {
    let run = try open(run: path, observer: observer)
    return try run.evaluate()
  }

  /// Measures a recipe's system on its test images as training would find it.
  public static func evaluate(
    _ recipe: Recipe, observer: any TrainingObserver
  ) throws -> EvaluationReport {
    let setting = setting(
      of: recipe, temporaryDirectory: NSTemporaryDirectory(), observer: observer)
    var method = try recipe.checkedMethod(setting)
    let network = method.network
    _ = try method.choose(for: network)
    var report = try method.evaluate(network)
    report.add(setting.data.notes)
    return report
  }

  /// A run: its recipe, its data, its method and its best network.
  package struct OpenRun {
    package let folder: String
    package let recipe: Recipe
    package let data: DataProvider
    package let method: any Method
    package let network: Network

    /// Measures the run on its test images.
    package func evaluate() throws -> EvaluationReport {
      var report = try method.evaluate(network)
      report.add(data.notes)
      report.testData = try data.test().identifier()
      return report
    }
  }

  /// Prepares the method of a run and reads its best network.
  ///
  /// - Parameter data: the run's data set, with other images to measure on; as the recipe says if
  ///   nil.
  package static func open(
    run path: String, data: DataProvider? = nil, observer: any TrainingObserver
  ) throws -> OpenRun {
    let directory = RunDirectory(path)
    guard directory.hasRecipe else { throw RunDirectoryError.noRun(path: path) }
    guard directory.hasBest else { throw ExperimentError.noFinishedEpoch(path) }
    let recipe = try Recipe(RecipeDocument(contentsOf: directory.recipePath))
    let setting = setting(
      of: recipe, data: data, temporaryDirectory: path, observer: observer)
    do throws(DatasetError) { _ = try setting.data.test() } catch {
      guard data == nil, case .inaccessible = error else { throw error }
      throw ExperimentError.ownDataMissing(run: path, reason: "\(error)")
    }
    let best = try Checkpoint.read(directory.path(of: .best))
    try checkParents(of: best, in: path)
    // The data may have changed since, or be others.
    try best.expectClasses(of: setting.data, owner: directory.path(of: .best))
    var method = try recipe.method(setting)
    var network = method.network
    // A network that is built for the images at hand may not be what was trained.
    guard best.network.inputs.map(\.shape) == network.inputs.map(\.shape) else {
      let found = try setting.data.test().imageShape
      throw SetupError.imageShape(
        network: path,
        expected: network.inputs[0].shape == found
          ? best.network.inputs[0].shape
          : try provider(of: recipe, observer: observer).test().imageShape,
        found: found)
    }
    try network.setParameters(best.network.parameters)
    if let choice = try directory.choice() {
      try method.adopt(choice)
    } else {
      _ = try method.choose(for: network)
    }
    return OpenRun(
      folder: path, recipe: recipe, data: setting.data, method: method, network: network)
  }

  /// Checks that the files a run was built on have not changed since.
  private static func checkParents(of best: Checkpoint, in path: String) throws {
    guard let provenance = best.provenance else { return }
    let saved = RunOrigins(provenance)
    var now = saved
    // One that is gone is missed where it is needed.
    for file in saved.parents.keys {
      if let digest = try? Fingerprint.of(file: file) { now.parents[file] = digest }
    }
    let differences = now.changedParents(since: saved)
    guard differences.isEmpty else {
      throw ExperimentError.otherParents(path: path, differences: differences)
    }
  }

  /// A value as JSON with keys in order, as `--json` prints it.
  public static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

extension Experiment {
  /// Writes the head and the tail of a network to files of their own.
  ///
  /// - Returns: what the cut is like.
  /// - Throws: `NetworkError` if the cut is not valid, `CheckpointError` if a file cannot be
  ///   written.
  public static func split(
    _ checkpoint: Checkpoint, named name: String, at cut: String, head: String, tail: String
  ) throws -> CutPoint {
    let network = checkpoint.network
    let (headPart, tailPart) = try network.cut(at: cut)
    var provenance = checkpoint.provenance ?? Provenance()
    provenance.parents = [name]
    provenance.toolkitVersion = version
    try Checkpoint(
      network: headPart, inputTransform: checkpoint.inputTransform,
      imageSizing: checkpoint.imageSizing, provenance: provenance
    ).write(to: head)
    try Checkpoint(
      network: tailPart, classNames: checkpoint.classNames, provenance: provenance
    ).write(to: tail)
    return CutPoint(between: headPart, and: tailPart)
  }
}
