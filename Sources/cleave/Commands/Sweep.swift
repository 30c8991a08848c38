import ArgumentParser
import Files
import Foundation
import MessagePassing
import Plots
import Recipes
import Reports
import Sweeps
import Terminal
import Training

struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a recipe with many settings and seeds, and compare the results.",
    discussion: """
      The sweep file names a recipe, seeds, variants (named lists of changes), a grid (key paths and \
      their values) and the figures to read from each run's report.json; controls are rows for what the \
      runs report of something else, such as the network without what was trained. Every setting is \
      run with every seed, or with those that its variant names, several runs at a time, each in a \
      process of its own and a folder of its own, with its messages in a .log file beside it.

      What has its report is not run again, and what was begun goes on where it was: after Ctrl-C \
      or a crash, the same command goes on. Several sweeps of one folder, also from several machines \
      that share it, divide its runs; so do processes that mpirun starts, one run at a time in each.

      The folder gets sweep.json (all values, means, deviations, 95 % intervals, differences to the \
      baseline paired by seed), sweep.md (the tables), a picture for each of the sweep's plots, and \
      sweep.html (all of it on one page).

      Examples:
        cleave sweep Recipes/salt/fashion-mnist.sweep.yaml
        cleave sweep Recipes/salt/fashion-mnist.sweep.yaml --jobs 2 --list
        cleave sweep Recipes/salt/fashion-mnist.sweep.yaml --table
        mpirun -n 4 cleave sweep Recipes/salt/fashion-mnist.sweep.yaml --threads 1
      """)

  @Argument(help: "The sweep, a YAML file.")
  var sweep: String

  @OptionGroup var overrides: OverrideOptions

  @Option(
    help: ArgumentHelp(
      "The folder of the runs. (default: the sweep's, or runs/ and its name)", valueName: "dir"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "How many runs at a time. (default: one for each processor)", valueName: "n"))
  var jobs: Int?

  @Flag(help: "Run nothing; only make the tables of what is there.")
  var table = false

  @Flag(help: "List the runs and how far they are, and do nothing.")
  var list = false

  @Option(
    help: ArgumentHelp(
      "Threads each run computes on. (default: the processors divided among the runs)",
      valueName: "n"))
  var threads: Int?

  @OptionGroup var shared: OutputOptions

  func validate() throws {
    for (name, value) in [("--jobs", jobs), ("--threads", threads)] {
      if let value, !(1...1024).contains(value) {
        throw ValidationError("\(name) expects 1 to 1024, found \(value)")
      }
    }
    if table, list { throw ValidationError("--table and --list cannot stand together") }
  }

  private struct ListedRun: Encodable {
    let folder: String
    let setting: String
    let seed: UInt64
    let state: String
  }

  func run() throws {
    try reporting {
      let processes = try MessagePassing.join()
      try together(processes) {
        let (document, plan) = try processes.beginning {
          let document = try RecipeDocument(contentsOf: sweep)
          let configuration = try SweepConfiguration(document)
          let folder = output ?? configuration.output ?? "runs/\(stem)"
          return (
            document,
            try SweepPlan(
              configuration, overrides: overrides.values, folder: folder, isRunnable: !table)
          )
        }
        if !list, !table { try run(plan, processes) }
        processes.wait()
        guard processes.isFirst else { return }
        if list { try show(plan) } else { try report(plan, document) }
      }
    }
  }

  /// The file's name without its folder and ending; other dots become hyphens, so that the runs of
  /// `a.sweep.yaml` do not stand where that of `a.yaml` does.
  private var stem: String {
    let file = sweep.split(separator: "/").last ?? "sweep"
    let parts = file.split(separator: ".")
    return (parts.count > 1 ? parts.dropLast() : parts).joined(separator: "-")
  }

  private func show(_ plan: SweepPlan) throws {
    let runs = try plan.runs.map { run in
      ListedRun(
        folder: run.folder, setting: plan.settings[run.setting].label, seed: run.seed,
        state: "\(try plan.state(of: run))")
    }
    if shared.json { return try Output.json(runs) }
    var text = TextTable(header: ["run", "setting", "seed", "state"])
    for run in runs { text.append([run.folder, run.setting, "\(run.seed)", run.state]) }
    text.write(to: FileSink.standardOutput)
  }

  // MARK: - Running

  private func run(_ plan: SweepPlan, _ processes: any ProcessGroup) throws {
    let processors = max(1, ProcessInfo.processInfo.activeProcessorCount)
    // Of several processes each does one run at a time: how many there are was said to mpirun.
    let jobs = min(self.jobs ?? (processes.count > 1 ? 1 : processors), plan.runs.count)
    let threads = self.threads ?? max(1, processors / (jobs * processes.count))
    Interruption.watch()
    Interruption.savesFirst()
    var bar = ProgressBar("sweep", total: plan.runs.count, unit: .count("runs"))
    defer { bar.clear() }
    var count = 0
    let outcome = try SweepRunner(
      plan, executable: Sweep.executable, jobs: jobs, threads: threads,
      environment: MessagePassing.environmentForOthers,
      share: (processes.rank, processes.count)
    ).run(isInterrupted: { Interruption.isRequested }) { event in
      guard processes.isFirst else { return }
      switch event {
      case .planned(let already):
        count = already
        bar = ProgressBar("sweep", total: plan.runs.count, done: already, unit: .count("runs"))
        bar.update(done: already)
      case .began(let run, let goesOn):
        bar.write(line: "\(run.folder): \(goesOn ? "goes on" : "begins")")
      case .finished(let run, let seconds):
        count += 1
        let time = seconds.map { "done in \(rounded($0, 1)) s" } ?? "done by another sweep"
        bar.write(line: "\(run.folder): \(time)")
        bar.update(done: count)
      case .failed(let run, let message):
        bar.write(line: "\(run.folder): \(message)")
      case .waiting(let left):
        bar.write(line: "waiting for \(left) run\(left == 1 ? "" : "s") of another sweep")
      }
    }
    bar.clear()
    if outcome.isInterrupted {
      throw CommandFailure(
        message: "interrupted; every run is saved, the same command goes on", status: 130)
    }
    guard outcome.failed.isEmpty else {
      throw CommandFailure(
        message: "\(outcome.failed.count) of \(plan.runs.count) runs failed, see "
          + outcome.failed.prefix(3).map { "\($0).log" }.joined(separator: ", ")
          + (outcome.failed.count > 3 ? ", …" : "") + "; --table shows what is there",
        status: 1)
    }
  }

  /// This program.
  private static var executable: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
  }

  // MARK: - The result

  private func report(_ plan: SweepPlan, _ document: RecipeDocument) throws {
    let report = try SweepReport(plan)
    let tables = report.tables(plan.configuration.measures)
    let folder = plan.folder
    if FileManager.default.fileExists(atPath: folder) {
      try AtomicFile.write(
        (try Experiment.json(report) + "\n").utf8, to: "\(folder)/sweep.json")
      try AtomicFile.write(
        tables.map(\.markdown).joined(separator: "\n").utf8, to: "\(folder)/sweep.md")
      let page = report.page(plan.configuration, text: try document.yaml)
      try AtomicFile.write(page.text.utf8, to: "\(folder)/sweep.html")
      for (index, plot) in report.plots(plan.configuration).enumerated() {
        let drawing = plot.drawing()
        let name = "\(folder)/sweep\(index == 0 ? "" : "-\(index + 1)")"
        try AtomicFile.write(drawing.svg(isStandalone: true).utf8, to: name + ".svg")
        try AtomicFile.write(try drawing.png(), to: name + ".png")
      }
    }
    if shared.json { return try Output.json(report) }
    Output.tables(tables)
    let settings = report.rows.filter { !$0.isControl }
    let missing = plan.runs.count - settings.reduce(0) { $0 + $1.runs }
    if missing > 0 {
      Diagnostic(.note, "\(missing) of \(plan.runs.count) runs have no report yet")
        .write(to: FileSink.standardError)
    }
  }
}
