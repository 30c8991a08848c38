/// One point of a ``ChoiceSpace``: the index of the chosen option for every dimension, in order.
public struct Choice: Hashable, Sendable {
  /// The index of the chosen option of every dimension.
  public let options: [Int]

  /// Creates a choice from the index of the option of every dimension.
  public init(_ options: [Int]) { self.options = options }

  /// The index of the chosen option of a dimension.
  public subscript(dimension: Int) -> Int { options[dimension] }

  /// This choice with another option in one dimension.
  public func replacing(_ dimension: Int, with option: Int) -> Choice {
    var options = options
    options[dimension] = option
    return Choice(options)
  }
}

extension Choice: ExpressibleByArrayLiteral {
  /// Creates a choice from the indices written out.
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Choice: CustomStringConvertible {
  /// The indices in brackets, such as `[0, 2, 1]`.
  public var description: String { options.description }
}

extension Choice: Codable {
  /// Reads the list of indices.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([Int].self))
  }

  /// Writes the list of indices.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(options)
  }
}
