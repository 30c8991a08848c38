import ArgumentParser
import Recipes
import Training

/// The arguments of commands that make the folder of a run, or go on with one.
struct RunOptions: ParsableArguments {
  @Argument(help: "The recipe, a YAML file. Not needed with --resume.")
  var recipe: String?

  @OptionGroup var overrides: OverrideOptions

  @Option(
    help: ArgumentHelp(
      "The folder to make for the run. (default: the recipe's, or runs/ and its name)",
      valueName: "dir"))
  var output: String?

  @Option(help: ArgumentHelp("The folder of a run to go on with.", valueName: "dir"))
  var resume: String?

  func validate() throws {
    if recipe == nil, resume == nil {
      throw ValidationError("expected a recipe, or --resume with the folder of a run")
    }
    if output != nil, resume != nil {
      throw ValidationError(
        "--output and --resume cannot stand together: a run stays in its folder")
    }
  }

  /// The recipe that is given, or that of the run to go on with, and the run's folder.
  ///
  /// - Parameter part: the folder in that of the run which has its recipe; the same one if nil.
  func open(part: String? = nil) throws -> (recipe: Recipe, folder: String) {
    let recipe = try Recipe(
      RecipeDocument(contentsOf: recipePath(part: part), overrides: overrides.values))
    return (recipe, resume ?? output ?? recipe.defaultDirectory)
  }

  private func recipePath(part: String?) throws -> String {
    func directory(_ folder: String) -> RunDirectory {
      RunDirectory(part.map { "\(folder)/\($0)" } ?? folder)
    }
    if let recipe {
      guard !isFolder(recipe) else {
        let hint = directory(recipe).hasRecipe ? "; to go on with its run, use --resume" : ""
        throw CommandFailure(message: "\(recipe) is a folder, not a recipe\(hint)", status: 2)
      }
      return recipe
    }
    let run = directory(resume ?? "")
    guard run.hasRecipe else { throw RunDirectoryError.noRun(path: run.path) }
    return run.recipePath
  }
}
