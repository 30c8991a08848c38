import ArgumentParser
import Recipes
import Sweeps
import Terminal

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Set runs beside each other: recipes and results.",
    discussion: """
      Prints the values of the recipes that are not the same in all runs, and the figures of their \
      reports with the difference to the first run. Figures inside of lists, such as those of each \
      class, are left out unless --all is given.

      Examples:
        cleave compare runs/seed-1 runs/seed-2
        cleave compare runs/* --all --json
      """)

  @Argument(help: "The folders of two runs or more.")
  var runs: [String]

  @Flag(help: "Compare the figures inside of lists as well.")
  var all = false

  @OptionGroup var shared: OutputOptions

  func validate() throws {
    if runs.count < 2 { throw ValidationError("expected two runs or more, found \(runs.count)") }
  }

  func run() throws {
    try reporting {
      let comparison = try RunComparison(runs, withLists: all)
      if shared.json { return try Output.json(comparison) }
      Output.tables(comparison.tables)
      for run in comparison.unfinished {
        Diagnostic(.note, "\(run) has no report yet").write(to: FileSink.standardError)
      }
    }
  }
}
