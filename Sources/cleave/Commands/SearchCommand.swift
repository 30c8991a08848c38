import ArgumentParser
import Recipes
import Terminal
import Training

struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Search a network and its split, and train what is found.",
    discussion: """
      Takes a recipe of nasc. Makes a folder with the search (search: every candidate in \
      candidates.jsonl, the times of all blocks in latency_table.json), the recipe of what was found \
      (found.yaml), its run, trained from the beginning (network), and a plot of accuracy \
      against latency (pareto.svg, pareto.png).

      Ctrl-C saves the state and ends with status 130. --resume goes on exactly there.

      Examples:
        cleave search Recipes/nasc/fashion-mnist.yaml
        cleave search Recipes/nasc/fashion-mnist.yaml --set seed=2 --output runs/2
        cleave search --resume runs/fashion-mnist
      """)

  @Argument(help: "The recipe, a YAML file. Not needed with --resume.")
  var recipe: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A value to use instead of the recipe's, such as seed=3. May be repeated.",
      valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(
    help: ArgumentHelp(
      "The folder to make. (default: the recipe's, or runs/ and its name)", valueName: "dir"))
  var output: String?

  @Option(help: ArgumentHelp("The folder of a search to go on with.", valueName: "dir"))
  var resume: String?

  @Flag(help: "Only search; do not train what is found.")
  var noTraining = false

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if recipe == nil, resume == nil {
      throw ValidationError("expected a recipe, or --resume with the folder of a search")
    }
    if output != nil, resume != nil {
      throw ValidationError(
        "--output and --resume cannot stand together: a search stays in its folder")
    }
  }

  func run() throws {
    try reporting {
      let recipe = try Recipe(RecipeDocument(contentsOf: recipePath(), overrides: overrides))
      let folder = resume ?? output ?? recipe.defaultDirectory
      let observer = ConsoleObserver()
      // Also before an error is printed.
      defer { observer.finish() }
      Interruption.watch()
      let outcome = try shared.withThreads {
        try Experiment.search(
          recipe, in: folder, resumes: resume != nil, retrains: !noTraining, observer: observer,
          isInterrupted: { Interruption.isRequested },
          begins: { phase in
            observer.finish()
            let sink = FileSink.standardError
            switch phase {
            case .search: sink.write("searching\n")
            case .network: sink.write("training what was found, from the beginning\n")
            }
          },
          willMeasure: {
            Interruption.endsAtOnce(
              saying: "interrupted; training is done and saved, --resume \(folder) goes on")
          })
      }
      observer.finish()
      if shared.json {
        try Output.json(outcome)
      } else {
        ReportText.write(outcome.search, to: FileSink.standardError)
        if let network = outcome.network { ReportText.write(network, to: FileSink.standardError) }
        FileSink.standardError.write("\nThe search is in \(folder).\n")
      }
    }
  }

  /// The file of the recipe: the one that is given, or that of the search to go on with.
  private func recipePath() throws -> String {
    if let recipe {
      guard !isFolder(recipe) else {
        throw CommandFailure(message: "\(recipe) is a folder, not a recipe", status: 2)
      }
      return recipe
    }
    let directory = RunDirectory("\(resume ?? "")/search")
    guard directory.hasRecipe else { throw RunDirectoryError.noRun(path: directory.path) }
    return directory.recipePath
  }
}
