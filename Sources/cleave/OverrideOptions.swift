import ArgumentParser

/// The option of commands that read a recipe.
struct OverrideOptions: ParsableArguments {
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A value to use instead of the recipe's, such as train.epochs=3. May be repeated.",
      valueName: "key.path=value"))
  var values: [String] = []
}
