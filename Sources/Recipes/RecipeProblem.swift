/// One thing that is wrong with a recipe.
public struct RecipeProblem: Hashable, Sendable {
  /// Where it was written.
  public let location: RecipeLocation
  /// What is wrong and what was expected.
  public let message: String
  /// The name that was probably meant.
  public let suggestion: String?
  /// The keys that the node knows, if the problem is a key it does not know; else empty.
  public let knownKeys: [String]

  /// The keys and indices that lead to the value.
  package let path: RecipeKeyPath

  package init(
    _ message: String, at location: RecipeLocation, path: RecipeKeyPath = RecipeKeyPath(),
    suggestion: String? = nil, knownKeys: [String] = []
  ) {
    self.location = location
    self.message = message
    self.suggestion = suggestion
    self.knownKeys = knownKeys
    self.path = path
  }

  /// The keys and indices that lead to the value, such as `train.stages[1].epochs`; empty for the
  /// recipe as a whole.
  public var keyPath: String { path.description }

  /// The name of the file; nil for a problem of an override.
  public var file: String? {
    switch location {
    case .file(let file), .position(let file, _, _): file
    case .override: nil
    }
  }

  /// The line, counted from 1; nil for a problem of an override or of the file as a whole.
  public var line: Int? {
    if case .position(_, let line, _) = location { line } else { nil }
  }

  /// The column, counted from 1; nil for a problem of an override or of the file as a whole.
  public var column: Int? {
    if case .position(_, _, let column) = location { column } else { nil }
  }
}

extension RecipeProblem: CustomStringConvertible {
  /// `file:line:column: message (did you mean 'name'?); known keys: name, path`.
  public var description: String {
    let question = suggestion.map { " (did you mean '\($0)'?)" } ?? ""
    let list = knownKeys.isEmpty ? "" : "; known keys: \(knownKeys.joined(separator: ", "))"
    return "\(location): \(message)\(question)\(list)"
  }
}
