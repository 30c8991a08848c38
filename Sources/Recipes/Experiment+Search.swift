internal import Datasets
internal import Files
internal import Foundation
internal import Methods
internal import Networks
internal import Plots
internal import Reports
internal import Splitting
internal import Tensors
public import Training

extension Experiment {
  /// What a search has found, and what became of it by itself.
  public struct SearchOutcome: Codable, Sendable {
    /// The search, with weights that all candidates share.
    public let search: EvaluationReport
    /// The found network, trained from the beginning; nil if that was not asked for.
    public let network: EvaluationReport?
  }

  /// What a search is about to do.
  public enum SearchPhase: String, Sendable {
    /// Networks are compared.
    case search
    /// What was found is trained.
    case network
  }

  /// Searches an architecture and a split, and trains what was found from the beginning.
  ///
  /// The folder holds the search (`search`), the recipe of what was found (`found.yaml`), its run
  /// (`network`) and a plot of what was evaluated (`pareto.svg`, `pareto.png`). What is finished is not
  /// done again, and what was interrupted goes on.
  ///
  /// - Parameters:
  ///   - recipe: what to search.
  ///   - path: the folder.
  ///   - resumes: whether to go on with what is in the folder.
  ///   - retrains: whether the found network is trained.
  ///   - observer: told about progress.
  ///   - isInterrupted: asked after each step; true saves the state and ends.
  ///   - begins: told which part begins.
  ///   - willMeasure: called when training of a part is done and saved.
  /// - Throws: ``ExperimentError/notASearch(method:)``, or as
  ///   ``train(_:in:resumes:observer:isInterrupted:willMeasure:)``.
  public static func search(
    _ recipe: Recipe, in path: String, resumes: Bool, retrains: Bool,
    observer: any TrainingObserver, isInterrupted: @escaping () -> Bool = { false },
    begins: (SearchPhase) -> Void = { _ in }, willMeasure: () -> Void = {}
  ) throws -> SearchOutcome {
    guard recipe.methodName == NASC.name else {
      throw ExperimentError.notASearch(method: recipe.methodName)
    }
    func run(_ recipe: Recipe, _ phase: SearchPhase) throws -> EvaluationReport {
      let directory = RunDirectory("\(path)/\(phase.rawValue)")
      if resumes, directory.hasReport {
        let there = try RecipeDocument(contentsOf: directory.recipePath)
        let differences = recipe.document.differences(from: there, ignoring: ["output"])
        guard differences.isEmpty else {
          throw ExperimentError.otherRecipe(
            path: directory.path, differences: differences.map(\.description))
        }
        let report = try directory.report(as: EvaluationReport.self)
        let found = try provider(of: recipe, observer: observer).test().identifier()
        if let measured = report.testData, measured != found {
          throw ExperimentError.changedSince(
            path: directory.path, differences: ["the test data: \(found), \(measured) before"])
        }
        return report
      }
      begins(phase)
      return try train(
        recipe, in: directory.path, resumes: resumes && directory.hasRecipe, observer: observer,
        isInterrupted: isInterrupted, willMeasure: willMeasure)
    }
    let searched = try run(recipe, .search)
    guard let search = searched.search else {
      throw ExperimentError.notASearch(method: recipe.methodName)
    }
    let file = "\(path)/found.yaml"
    let found = try foundRecipe(recipe, search, name: file)
    try AtomicFile.write(try found.yaml.utf8, to: file)
    let drawing = search.paretoPlot.drawing()
    try AtomicFile.write(drawing.svg(isStandalone: true).utf8, to: "\(path)/pareto.svg")
    try AtomicFile.write(try drawing.png(), to: "\(path)/pareto.png")
    let network = retrains ? try run(Recipe(RecipeDocument(contentsOf: file)), .network) : nil
    let outcome = SearchOutcome(search: searched, network: network)
    try AtomicFile.write((try json(outcome) + "\n").utf8, to: "\(path)/report.json")
    return outcome
  }

  /// The recipe that trains what was found.
  private static func foundRecipe(
    _ recipe: Recipe, _ search: ArchitectureSearchReport, name: String
  ) throws -> RecipeDocument {
    struct FoundNetwork: Encodable {
      let blocks: BlockNetwork
      let cut: String?
      let classes: Int?
      let input: InputTransform?
    }
    let document = recipe.document
    let network = FoundNetwork(
      blocks: search.found.blocks, cut: search.found.cut, classes: recipe.network.classes,
      input: recipe.network.input)
    var changes: [(key: String, change: RecipeDocument.Change)] = [
      ("method", .json("supervised")), ("output", .removed), ("nasc", .removed),
      ("network", .json(try json(network))),
    ]
    if search.found.cut != nil {
      changes.append(("supervised", .json("{bits: \(search.bits)}")))
    }
    if let retraining = document.root["nasc"]?["retraining"] {
      changes.append(("train", .copied(retraining, without: [])))
    } else if let training = document.root["train"] {
      // The search is judged by its steps, a network by what it can do.
      changes.append(("train", .copied(training, without: ["monitor"])))
    }
    return try document.with(name: name, changes)
  }
}
