import ArgumentParser
import MessagePassing
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
      killed process last saved, with the same losses as a run that was never stopped. It is \
      refused if the recipe, the data or a file it builds on has changed, unless \
      --allow-changes is given.

      Started by mpirun, processes share every batch, and train what one would with the whole of it. \
      They read and write the same folder, and --resume goes on with any number of them.

      Examples:
        cleave train Recipes/salt/fashion-mnist.yaml
        cleave train Recipes/salt/shapes.yaml --set seed=2 --output runs/seed-2
        cleave train --resume runs/seed-2
        mpirun -n 4 cleave train recipe.yaml     (built with --traits MPI)
      """)

  @OptionGroup var options: RunOptions

  @Flag(
    help: """
      Go on with --resume though the recipe, the data or a file it builds on is not what the run was \
      saved with.
      """)
  var allowChanges = false

  @OptionGroup var shared: SharedOptions

  func run() throws {
    try reporting {
      let processes = try MessagePassing.join()
      try together(processes) { try run(processes) }
    }
  }

  private func run(_ processes: any ProcessGroup) throws {
    let (recipe, folder) = try processes.beginning { try options.open() }
    let console = processes.isFirst ? ConsoleObserver() : nil
    // Also before an error is printed.
    defer { console?.finish() }
    Interruption.watch()
    let report = try shared.withThreads {
      try Experiment.train(
        recipe, in: folder, resumes: options.resume != nil, allowsChanges: allowChanges,
        with: processes, observer: console ?? QuietObserver(),
        isInterrupted: { Interruption.isRequested },
        willMeasure: {
          Interruption.endsAtOnce(
            saying: "interrupted; training is done and saved, --resume \(folder) measures it")
        })
    }
    console?.finish()
    guard let report else { return }
    if shared.json {
      try Output.json(report)
    } else {
      ReportText.write(report, to: FileSink.standardError)
      FileSink.standardError.write(
        "\nThe run is in \(folder); \(folder)/report.html shows it.\n")
    }
  }
}
