internal import Checkpoints
internal import Datasets
internal import Methods
internal import Networks
internal import Splitting
internal import Tasks
public import Training

extension Experiment {
  /// Measures a run on its own data and on others, a row each.
  ///
  /// The run's own data come first, measured as ``evaluate(run:observer:)`` does if they are test
  /// images. Classes of other data are matched to those of the run by name, and their user is the
  /// run's unless the request says otherwise. Data without labels give the fidelity to the uncut
  /// network.
  ///
  /// - Parameters:
  ///   - path: the folder of the run.
  ///   - requests: the other data.
  ///   - part: the part of every data set that is measured on.
  ///   - observer: told about progress.
  /// - Throws: `RunDirectoryError.noRun` if there is no run, ``ExperimentError`` if it has no epoch,
  ///   ``MeasurementError`` or `DatasetError` if data do not fit or cannot be read, before anything
  ///   is measured.
  public static func evaluate(
    run path: String, on requests: [DataRequest], part: MeasuredPart = .test,
    observer: any TrainingObserver
  ) throws -> RunEvaluation {
    let directory = RunDirectory(path)
    guard directory.hasRecipe else { throw RunDirectoryError.noRun(path: path) }
    guard directory.hasBest else { throw ExperimentError.noFinishedEpoch(path) }
    let document = try RecipeDocument(contentsOf: directory.recipePath)
    let recipe = try Recipe(document)
    let best = try Checkpoint.read(directory.path(of: .best))
    let own = provider(of: recipe, observer: observer)
    if let name = flyingMethod(of: recipe), !requests.isEmpty || part != .test {
      throw MeasurementError.notByImages(method: name)
    }
    let reader = MeasuredDataReader(
      subject: path, own: (document, own), classNames: best.classNames, part: part,
      observer: observer)
    let data = try reader.all(requests)
    // Everything is read and found to fit before anything is measured.
    let runs = try data.map { data in
      do {
        return try open(
          run: path,
          data: data.facts.isOwn && part == .test
            ? own
            : DataProvider(
              measuring: data.dataset, userClasses: data.userClasses, trainedOn: own),
          observer: observer)
      } catch { throw data.explained(error) }
    }
    return RunEvaluation(
      subject: path,
      trainedOn: RunEvaluation.TrainedOn(
        dataset: best.provenance?.dataset, classes: best.classNames ?? [],
        userClasses: try reader.ownUserClassNames()),
      rows: try zip(data, runs).map { data, run in try row(data, run, observer) })
  }

  /// The name of a recipe's method if it is measured by flights.
  static func flyingMethod(of recipe: Recipe) -> String? {
    MethodRegistry.methods.first { $0.name == recipe.methodName && $0 is any FlyingMethod.Type }?
      .name
  }

  private static func row(
    _ data: MeasuredData, _ run: OpenRun, _ observer: any TrainingObserver
  ) throws -> RunEvaluation.Row {
    if data.isLabelled(for: run.method.tasks) {
      return RunEvaluation.Row(
        name: data.name, measuredOn: data.facts, report: try run.evaluate(), fidelity: nil)
    }
    guard let system = try system(of: run) else {
      throw MeasurementError.nothingToCompare(data: data.name, reason: "this run is not cut")
    }
    var facts = data.facts
    if run.recipe.link.link.isNoisy { facts.remarks.append(NoiseNote.without(run.folder)) }
    return RunEvaluation.Row(
      name: data.name, measuredOn: facts, report: nil,
      fidelity: try FidelityReport(
        of: system, to: run.method.uncut(run.network),
        tasks: run.method.tasks ?? .classification(of: data.dataset), on: data.dataset,
        observer: observer))
  }
}
