package import Tensors

/// The architectures a search chooses from: every combination of one option per dimension.
///
/// For NASC that is one dimension per layer and one for the split point; source: "NASC: neural
/// architecture search for split computing", https://arxiv.org/abs/2208.13968.
public struct ChoiceSpace: Hashable, Sendable {
  /// The decisions, in the order the indices of a ``Choice`` have.
  public let dimensions: [ChoiceDimension]

  /// Creates the space of the combinations of some dimensions.
  ///
  /// - Throws: ``ArchitectureSearchError`` for no dimensions, names of dimensions that repeat or
  ///   are not in snake_case, fewer than 2 options, and option names that repeat or are empty.
  public init(_ dimensions: [ChoiceDimension]) throws(ArchitectureSearchError) {
    if dimensions.isEmpty { throw .emptySpace }
    var names: Set<String> = []
    for dimension in dimensions {
      guard ChoiceSpace.isSnakeCase(dimension.name) else { throw .dimensionName(dimension.name) }
      guard names.insert(dimension.name).inserted else { throw .repeatedDimension(dimension.name) }
      guard dimension.options.count >= 2 else {
        throw .tooFewOptions(dimension: dimension.name, count: dimension.options.count)
      }
      var options: Set<String> = []
      for (index, option) in dimension.options.enumerated() {
        if option.isEmpty { throw .unnamedOption(dimension: dimension.name, index: index) }
        guard options.insert(option).inserted else {
          throw .repeatedOption(dimension: dimension.name, option: option)
        }
      }
    }
    self.dimensions = dimensions
  }

  /// How many options every dimension has, C_i.
  public var optionCounts: [Int] { dimensions.map(\.options.count) }

  /// How many numbers say a distribution over the space: N = Σ(C_i − 1).
  public var degreesOfFreedom: Int { optionCounts.reduce(0) { $0 + $1 - 1 } }

  /// Whether a choice has an option of this space for every dimension.
  public func contains(_ choice: Choice) -> Bool {
    choice.options.count == dimensions.count
      && zip(choice.options, dimensions).allSatisfy { $1.options.indices.contains($0) }
  }

  /// The names of the chosen options, in the order of the dimensions.
  ///
  /// - Precondition: the choice is one of this space.
  public func names(of choice: Choice) -> [String] {
    precondition(contains(choice), "\(choice) is no choice of this space")
    return zip(choice.options, dimensions).map { $1.options[$0] }
  }

  /// The choice that options given by name make, the inverse of ``names(of:)``.
  ///
  /// - Parameter names: the name of the option for the name of every dimension.
  /// - Throws: ``ArchitectureSearchError`` for dimensions or options that are unknown and
  ///   dimensions that are missing.
  public func choice(
    named names: [String: String]
  ) throws(ArchitectureSearchError) -> Choice {
    let known = dimensions.map(\.name)
    for name in names.keys.sorted() where !known.contains(name) {
      throw .unknownDimension(name, known: known)
    }
    var options: [Int] = []
    for dimension in dimensions {
      guard let name = names[dimension.name] else { throw .missingDimension(dimension.name) }
      guard let option = dimension.options.firstIndex(of: name) else {
        throw .unknownOption(dimension: dimension.name, option: name, known: dimension.options)
      }
      options.append(option)
    }
    return Choice(options)
  }

  /// A choice drawn uniformly.
  package func uniformChoice(using random: inout RandomSource) -> Choice {
    Choice(dimensions.map { random.index(below: $0.options.count) })
  }

  /// Whether words of lower-case letters and digits are joined by single underscores, a letter
  /// first.
  private static func isSnakeCase(_ name: String) -> Bool {
    guard let first = name.utf8.first, isLetter(first) else { return false }
    return name.utf8.split(separator: underscore, omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && $0.allSatisfy { isLetter($0) || isDigit($0) }
    }
  }

  private static let underscore = UInt8(ascii: "_")

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

extension ChoiceSpace: Codable {
  /// Reads the list of dimensions.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let dimensions = try container.decode([ChoiceDimension].self)
    do throws(ArchitectureSearchError) {
      try self.init(dimensions)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  /// Writes the list of dimensions.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(dimensions)
  }
}
