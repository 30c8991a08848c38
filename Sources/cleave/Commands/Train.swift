import ArgumentParser
import Recipes
import Terminal
import Training

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a recipe and measure the result.",
    discussion: """
      Writes a folder with the resolved recipe, metrics, the last and the best checkpoint and the
      report of the test images. Ctrl-C saves the state and ends with status 130; --resume goes on
      exactly there, with the same losses as a run that was never stopped.

        cleave train Recipes/salt/fashion-mnist.yaml
        cleave train Recipes/salt/fashion-mnist.yaml --set seed=2 --output runs/seed-2
        cleave train --resume runs/seed-2
      """)

  @Argument(help: "The recipe, a YAML file; that of the run when resuming.")
  var recipe: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Override a value of the recipe, such as train.epochs=3; repeatable.",
      valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(help: ArgumentHelp("The folder of the run.", valueName: "dir"))
  var output: String?

  @Option(help: ArgumentHelp("Go on with the run in this folder.", valueName: "dir"))
  var resume: String?

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if recipe == nil, resume == nil {
      throw ValidationError("expected a recipe, or --resume with the folder of a run")
    }
    if output != nil, resume != nil {
      throw ValidationError("--output and --resume cannot stand together: a run stays in its folder")
    }
  }

  func run() throws {
    try reporting {
      let path = recipe ?? resume.map { RunDirectory($0).recipePath } ?? ""
      let recipe = try Recipe(RecipeDocument(contentsOf: path, overrides: overrides))
      let folder = resume ?? output ?? recipe.defaultDirectory
      let observer = ConsoleObserver()
      Interruption.watch()
      let report = try shared.withThreads {
        try Experiment.train(
          recipe, in: folder, resumes: resume != nil, observer: observer,
          isInterrupted: { Interruption.isRequested })
      }
      observer.finish()
      if shared.json {
        print(try Experiment.json(report))
      } else {
        ReportText.write(report, to: FileSink.standardError)
        FileSink.standardError.write("\nThe run is in \(folder).\n")
      }
    }
  }
}
