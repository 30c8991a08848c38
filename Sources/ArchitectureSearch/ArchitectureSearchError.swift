/// Why a space, a state or a record cannot be used, or a search has no answer.
public enum ArchitectureSearchError: Error, Equatable, Sendable {
  /// The space has no dimensions.
  case emptySpace
  /// The name of a dimension is not in snake_case.
  case dimensionName(String)
  /// Two dimensions have the same name.
  case repeatedDimension(String)
  /// A dimension leaves nothing to choose.
  case tooFewOptions(dimension: String, count: Int)
  /// Two options of a dimension have the same name.
  case repeatedOption(dimension: String, option: String)
  /// An option of a dimension has an empty name.
  case unnamedOption(dimension: String, index: Int)
  /// No dimension has this name.
  case unknownDimension(String, known: [String])
  /// A dimension has no option of this name.
  case unknownOption(dimension: String, option: String, known: [String])
  /// Nothing was chosen for a dimension.
  case missingDimension(String)
  /// The probabilities of a dimension are not a distribution over its options.
  case notADistribution(dimension: String, probabilities: [Double])
  /// The probabilities are of another number of dimensions than the space.
  case distributionDimensions(expected: Int, found: Int)
  /// The space has more points than are to be enumerated; nil where not even `Int` counts them.
  case spaceTooLarge(points: Int?, limit: Int)
  /// No point of the space fulfils the constraint; every one was looked at.
  case noFeasiblePoint(points: Int, nearest: Choice, violation: Double)
  /// None of the tries fulfils the constraint; the space is too large to try all points.
  case noFeasiblePointFound(tries: Int, nearest: Choice, violation: Double)
  /// The state to resume belongs to another search.
  case stateMismatch(String)
}

extension ArchitectureSearchError: CustomStringConvertible {
  /// What is wrong and what was expected.
  public var description: String {
    switch self {
    case .emptySpace: "the search space has no dimensions, expected at least 1"
    case .dimensionName(let name):
      "'\(name)' is no name of a dimension, expected snake_case such as layer_3"
    case .repeatedDimension(let name): "two dimensions are named '\(name)'"
    case .tooFewOptions(let dimension, let count):
      "dimension '\(dimension)' has \(count) options, expected at least 2"
    case .repeatedOption(let dimension, let option):
      "dimension '\(dimension)' has two options named '\(option)'"
    case .unnamedOption(let dimension, let index):
      "option \(index) of dimension '\(dimension)' has an empty name"
    case .unknownDimension(let name, let known):
      "no dimension is named '\(name)'; known: \(known.joined(separator: ", "))"
    case .unknownOption(let dimension, let option, let known):
      "dimension '\(dimension)' has no option '\(option)'; known: "
        + known.joined(separator: ", ")
    case .missingDimension(let name): "nothing is chosen for dimension '\(name)'"
    case .notADistribution(let dimension, let probabilities):
      "\(probabilities) is no distribution over the options of dimension '\(dimension)'"
    case .distributionDimensions(let expected, let found):
      "the probabilities are of \(found) dimensions, expected \(expected)"
    case .spaceTooLarge(let points, let limit):
      "the space has \(points.map(String.init) ?? "more than \(Int.max)") points, enumerated are "
        + "at most \(limit)"
    case .noFeasiblePoint(let points, let nearest, let violation):
      "none of the \(points) points fulfils the constraint; \(nearest) exceeds it least, by "
        + "\(violation) of the limit"
    case .noFeasiblePointFound(let tries, let nearest, let violation):
      "none of \(tries) tries fulfils the constraint; \(nearest) exceeds it least, by "
        + "\(violation) of the limit"
    case .stateMismatch(let what): "the state belongs to another search: \(what)"
    }
  }
}
