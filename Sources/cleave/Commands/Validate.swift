import ArgumentParser
import Recipes
import Terminal

struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a recipe without running it.",
    discussion: """
      Reports everything that is wrong at once, each as file:line:column: message. Data sets and \
      checkpoints are not read; `cleave train` does that before its first step.

      Example:
        cleave validate Recipes/salt/fashion-mnist.yaml --set train.epochs=3
      """)

  @Argument(help: "The recipe, a YAML file.")
  var recipe: String

  @OptionGroup var overrides: OverrideOptions

  @OptionGroup var shared: OutputOptions

  private struct Answer: Encodable {
    let recipe: String
    let method: String
    let isValid = true

    enum CodingKeys: String, CodingKey {
      case recipe, method
      case isValid = "valid"
    }
  }

  func run() throws {
    try reporting {
      let checked = try Recipe(RecipeDocument(contentsOf: recipe, overrides: overrides.values))
      if shared.json {
        try Output.json(Answer(recipe: recipe, method: checked.methodName))
      } else {
        FileSink.standardOutput.write("\(recipe) is a valid recipe for \(checked.methodName).\n")
      }
    }
  }
}
