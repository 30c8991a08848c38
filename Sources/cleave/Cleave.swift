import ArgumentParser
import Recipes
import Suggestions
import Tensors
import Terminal

@main
struct Cleave: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cleave",
    abstract: "Cut a neural network in two and train what sits on the cut.",
    discussion: """
      The first part of the network, the head, runs on a weak device; the rest, the tail, on a \
      server; what crosses the cut is sent over a link. A recipe (a YAML file) says what is \
      trained, on which data and for which link. A run is the folder that training a recipe makes. \
      `cleave help recipe` explains the keys of recipes.

      Results are printed on standard output, progress and messages on standard error. The exit \
      status is 0 if all went well, 1 if not, 2 for unusable arguments or recipes, and 130 after \
      an interruption.
      """,
    version: Experiment.version,
    subcommands: [
      Train.self, SearchCommand.self, Evaluate.self, Predict.self, ExportCommand.self, Inspect.self,
      Split.self,
      Validate.self,
      DataCommand.self, Bench.self, CodecCommand.self, Fly.self, Sweep.self,
      Compare.self, Serve.self, OffloadCommand.self,
    ])

  /// Exit status: 0 done, 1 failed, 2 unusable arguments or recipe, 130 interrupted.
  static func main() {
    FastKernels.choose()
    FreedMemory.keep()
    do {
      if CommandLine.arguments.dropFirst().starts(with: ["help", "recipe"]) {
        var help = try RecipeHelp.parseAsRoot(Array(CommandLine.arguments.dropFirst(3)))
        return try help.run()
      }
      try checkCommandNames(CommandLine.arguments.dropFirst())
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as CommandFailure {
      failure.report()
      endProcess(status: failure.status)
    } catch {
      if exitCode(for: error).isSuccess { exit(withError: error) }
      CommandFailure.reportUsage(fullMessage(for: error))
      endProcess(status: 2)
    }
  }

  /// Refuses a command that does not exist, naming the nearest one; the parser's own message
  /// speaks of unexpected arguments.
  private static func checkCommandNames(_ arguments: some Sequence<String>) throws {
    var command: any ParsableCommand.Type = Cleave.self
    var name = "cleave"
    for argument in arguments {
      let known = command.configuration.subcommands
      if known.isEmpty || argument.hasPrefix("-") { return }
      if name == "cleave", argument == "help" { continue }
      guard let next = known.first(where: { $0._commandName == argument }) else {
        let names = known.map { $0._commandName }
        let hint = NearestName.of(argument, among: names).map { "; did you mean '\($0)'?" }
        throw CommandFailure(
          message: "\(name) has no command '\(argument)'"
            + (hint ?? "; its commands are \(names.joined(separator: ", "))"), status: 2)
      }
      command = next
      name += " \(argument)"
    }
  }
}
