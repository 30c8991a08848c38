import ArgumentParser
import Networks
import Suggestions

/// The options of commands that read classes from a checkpoint's outputs.
struct OutputChoiceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The output that tells the classes. (default: the one that fits them)", valueName: "name"))
  var measuredOutput: String?

  @Option(
    help: ArgumentHelp(
      "What its numbers are: logits, probabilities or independent_probabilities. "
        + "(default: what its layers show)", valueName: "meaning"),
    transform: OutputChoiceOptions.meaning)
  var outputMeaning: OutputMeaning?

  /// The choice as a recipe would have it.
  var choice: OutputChoice { OutputChoice(measured: measuredOutput, meaning: outputMeaning) }

  /// The options by their names, and whether each is given.
  var given: [(name: String, isGiven: Bool)] {
    [("--measured-output", measuredOutput != nil), ("--output-meaning", outputMeaning != nil)]
  }

  /// The meaning of a name.
  private static func meaning(_ name: String) throws -> OutputMeaning {
    let meanings = OutputMeaning.allCases.filter { $0 != .values }
    if let meaning = meanings.first(where: { $0.rawValue == name }) { return meaning }
    let known = meanings.map(\.rawValue)
    let hint = NearestName.of(name, among: known).map { "; did you mean '\($0)'?" }
    throw ValidationError(
      "an output's numbers are no '\(name)'\(hint ?? "; expected \(known.joined(separator: ", "))")"
    )
  }
}
