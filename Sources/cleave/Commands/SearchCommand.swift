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

  @OptionGroup var options: RunOptions

  @Flag(help: "Only search; do not train what is found.")
  var noTraining = false

  @OptionGroup var shared: SharedOptions

  func run() throws {
    try reporting {
      let (recipe, folder) = try options.open(part: "search")
      let observer = ConsoleObserver()
      // Also before an error is printed.
      defer { observer.finish() }
      Interruption.watch()
      let outcome = try shared.withThreads {
        try Experiment.search(
          recipe, in: folder, resumes: options.resume != nil, retrains: !noTraining,
          observer: observer,
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
}
