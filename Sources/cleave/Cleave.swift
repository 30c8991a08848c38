import ArgumentParser
import Recipes

@main
struct Cleave: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cleave",
    abstract: "Cut a neural network in two and train what sits on the cut.",
    discussion: """
      The head runs on a weak device, the tail on a server; what crosses the cut is small.
      A recipe (a YAML file) says what to train on which data; a run is the folder it makes.
      """,
    version: Experiment.version,
    subcommands: [
      Train.self, Evaluate.self, ExportCommand.self, Inspect.self, Split.self, Validate.self,
      DataCommand.self,
    ])

  /// Exit status: 0 done, 1 failed, 2 unusable arguments or recipe, 130 interrupted.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as CommandFailure {
      failure.report()
      endProcess(status: failure.status)
    } catch {
      let code = exitCode(for: error)
      if code.isSuccess { exit(withError: error) }
      let message = fullMessage(for: error)
      CommandFailure.print(message)
      endProcess(status: 2)
    }
  }
}
