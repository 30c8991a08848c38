import ArgumentParser
import Recipes
import Terminal
import Training

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a recipe and measure the result.",
    discussion: """
      Makes a folder with recipe.yaml (the recipe with all overrides), metrics.jsonl (a line for \
      each epoch), best.h5 and last.h5 (the best epoch, and the state to go on from), \
      report.json (what was measured on the test images) and report.html (all of it on one page, \
      with pictures).

      Ctrl-C saves the state and ends with status 130. --resume goes on exactly there, or where a \
      killed process last saved, with the same losses as a run that was never stopped.

      Examples:
        cleave train Recipes/salt/fashion-mnist.yaml
        cleave train Recipes/salt/shapes.yaml --set seed=2 --output runs/seed-2
        cleave train --resume runs/seed-2
      """)

  @OptionGroup var options: RunOptions

  @OptionGroup var shared: SharedOptions

  func run() throws {
    try reporting {
      let (recipe, folder) = try options.open()
      let observer = ConsoleObserver()
      // Also before an error is printed.
      defer { observer.finish() }
      Interruption.watch()
      let report = try shared.withThreads {
        try Experiment.train(
          recipe, in: folder, resumes: options.resume != nil, observer: observer,
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
        FileSink.standardError.write(
          "\nThe run is in \(folder); \(folder)/report.html shows it.\n")
      }
    }
  }
}
