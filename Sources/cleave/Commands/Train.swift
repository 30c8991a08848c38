import ArgumentParser
import Recipes
import Terminal
import Training

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a recipe and measure the result.",
    discussion: """
      Makes a folder with recipe.yaml (the recipe with all overrides), metrics.jsonl (a line for \
      each epoch), best.h5 and last.h5 (the best epoch, and the state to go on from) and \
      report.json (what was measured on the test images).

      Ctrl-C saves the state and ends with status 130. --resume goes on exactly there, or where a \
      killed process last saved, with the same losses as a run that was never stopped.

      Examples:
        cleave train Recipes/salt/fashion-mnist.yaml
        cleave train Recipes/salt/shapes.yaml --set seed=2 --output runs/seed-2
        cleave train --resume runs/seed-2
      """)

  @Argument(help: "The recipe, a YAML file. Not needed with --resume.")
  var recipe: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A value to use instead of the recipe's, such as train.epochs=3. May be repeated.",
      valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(
    help: ArgumentHelp(
      "The folder to make for the run. (default: the recipe's, or runs/ and its name)",
      valueName: "dir"))
  var output: String?

  @Option(help: ArgumentHelp("The folder of a run to go on with.", valueName: "dir"))
  var resume: String?

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if recipe == nil, resume == nil {
      throw ValidationError("expected a recipe, or --resume with the folder of a run")
    }
    if output != nil, resume != nil {
      throw ValidationError(
        "--output and --resume cannot stand together: a run stays in its folder")
    }
  }

  func run() throws {
    try reporting {
      let recipe = try Recipe(RecipeDocument(contentsOf: recipePath(), overrides: overrides))
      let folder = resume ?? output ?? recipe.defaultDirectory
      let observer = ConsoleObserver()
      Interruption.watch()
      let report = try shared.withThreads {
        try Experiment.train(
          recipe, in: folder, resumes: resume != nil, observer: observer,
          isInterrupted: { Interruption.isRequested },
          willMeasure: {
            Interruption.endsAtOnce(
              saying: "interrupted; training is done and saved, --resume \(folder) measures it")
          })
      }
      observer.finish()
      if shared.json {
        try Output.json(report)
      } else {
        ReportText.write(report, to: FileSink.standardError)
        FileSink.standardError.write("\nThe run is in \(folder).\n")
      }
    }
  }

  /// The file of the recipe: the one that is given, or that of the run to go on with.
  private func recipePath() throws -> String {
    if let recipe {
      guard !isFolder(recipe) else {
        let hint = RunDirectory(recipe).hasRecipe ? "; to go on with its run, use --resume" : ""
        throw CommandFailure(message: "\(recipe) is a folder, not a recipe\(hint)", status: 2)
      }
      return recipe
    }
    let directory = RunDirectory(resume ?? "")
    guard directory.hasRecipe else { throw RunDirectoryError.noRun(path: directory.path) }
    return directory.recipePath
  }
}
