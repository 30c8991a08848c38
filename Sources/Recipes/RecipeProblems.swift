/// Everything that is wrong with a recipe, in the order it is written.
public struct RecipeProblems: Error, Hashable, Sendable {
  /// The problems: those in the file by position, then those of overrides.
  public let problems: [RecipeProblem]

  /// Sorts problems by location and drops repeated ones.
  init(_ problems: [RecipeProblem]) {
    var seen: Set<String> = []
    self.problems =
      problems.enumerated()
      .sorted { left, right in
        if left.element.location.precedes(right.element.location) { return true }
        if right.element.location.precedes(left.element.location) { return false }
        return left.offset < right.offset
      }
      .map(\.element)
      // A value that is used twice through an alias has the same problem twice.
      .filter { seen.insert($0.description).inserted }
  }
}

extension RecipeProblems: CustomStringConvertible {
  /// One line for each problem.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}
