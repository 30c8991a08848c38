/// One decision of an architecture: a name and the options to choose from.
public struct ChoiceDimension: Codable, Hashable, Sendable {
  /// What is decided, in snake_case, such as `layer_3` or `split`.
  public let name: String

  /// The names of the options, in the order their indices count.
  public let options: [String]

  /// Creates a dimension; ``ChoiceSpace`` checks it.
  public init(_ name: String, options: [String]) {
    self.name = name
    self.options = options
  }
}
