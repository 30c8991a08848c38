internal import RealModule
public import Tensors

/// A distribution θ over the points of a space: independent categoricals, one per dimension.
///
/// Source: Akimoto et al., "Adaptive stochastic natural gradient method for one-shot neural
/// architecture search", ICML 2019, https://arxiv.org/abs/1905.08537.
public struct CategoricalDistribution: Hashable, Sendable {
  /// The space the points are of.
  public let space: ChoiceSpace

  /// The probability θ_ij of every option j of every dimension i.
  public private(set) var probabilities: [[Double]]

  /// Creates the uniform distribution, θ_ij = 1/C_i.
  public init(uniform space: ChoiceSpace) {
    self.space = space
    probabilities = space.optionCounts.map { Array(repeating: 1 / Double($0), count: $0) }
  }

  /// Creates a distribution from the probability of every option of every dimension.
  ///
  /// - Throws: ``ArchitectureSearchError`` if the numbers do not fit the space, are negative or
  ///   not finite, or do not add up to 1 in a dimension to within 1e-9.
  public init(
    space: ChoiceSpace, probabilities: [[Double]]
  ) throws(ArchitectureSearchError) {
    guard probabilities.count == space.dimensions.count else {
      throw .distributionDimensions(
        expected: space.dimensions.count, found: probabilities.count)
    }
    for (dimension, row) in zip(space.dimensions, probabilities) {
      guard row.count == dimension.options.count, row.allSatisfy({ $0 >= 0 && $0 <= 2 }),
        abs(row.reduce(0, +) - 1) <= 1e-9
      else { throw .notADistribution(dimension: dimension.name, probabilities: row) }
    }
    self.space = space
    self.probabilities = probabilities
  }

  /// A point drawn from the distribution.
  public func sample(using random: inout RandomSource) -> Choice {
    Choice(probabilities.map { CategoricalDistribution.option(at: random.uniform(), of: $0) })
  }

  /// The option whose part of the cumulative distribution a number from `[0, 1)` falls into.
  private static func option(at place: Double, of row: [Double]) -> Int {
    var cumulative = 0.0
    var last = 0
    for (option, probability) in row.enumerated() where probability > 0 {
      cumulative += probability
      if place < cumulative { return option }
      last = option
    }
    // Rounding can leave the sum a little below 1; an option that cannot be must not be drawn.
    return last
  }

  /// The most probable point; among options as probable as each other the first.
  public var mode: Choice {
    Choice(
      probabilities.map { row in
        row.indices.dropFirst().reduce(0) { row[$1] > row[$0] ? $1 : $0 }
      })
  }

  /// The entropy of every dimension, in bits, in order.
  public var entropyBits: [Double] {
    probabilities.map { row in
      row.reduce(0) { $1 > 0 ? $0 - $1 * Double.log2($1) : $0 }
    }
  }

  /// The entropy of the whole distribution, in bits.
  public var entropy: Double { entropyBits.reduce(0, +) }

  /// The natural logarithm of the probability of a point, in nats.
  ///
  /// - Precondition: the choice is one of the space.
  public func logProbability(of choice: Choice) -> Double {
    precondition(space.contains(choice), "\(choice) is no choice of this space")
    return zip(probabilities, choice.options).reduce(0) { $0 + Double.log($1.0[$1.1]) }
  }

  /// The probability of every option by the names of its dimension and its own.
  public var probabilitiesByName: [String: [String: Double]] {
    var result: [String: [String: Double]] = [:]
    for (dimension, row) in zip(space.dimensions, probabilities) {
      result[dimension.name] = Dictionary(
        zip(dimension.options, row), uniquingKeysWith: { first, _ in first })
    }
    return result
  }

  /// Replaces the probabilities of a dimension by the nearest ones that are a distribution with a
  /// lower bound: raised to the bound, and what lies above it scaled to add up to 1.
  ///
  /// - Parameters:
  ///   - values: any finite numbers, one per option.
  ///   - bound: the least probability, below 1/C.
  mutating func setProbabilities(
    of dimension: Int, to values: [Double], atLeast bound: Double
  ) {
    let excess = values.map { max($0 - bound, 0) }
    let total = excess.reduce(0, +)
    let available = 1 - Double(values.count) * bound
    precondition(
      values.count == probabilities[dimension].count && available > 0 && total.isFinite,
      "no distribution over \(values.count) options can be at least \(bound)")
    // Adding a number that is not negative to the bound never rounds to below it, whereas
    // dividing by the sum would.
    probabilities[dimension] =
      total > 0
      ? excess.map { bound + $0 / total * available }
      : values.map { _ in 1 / Double(values.count) }
  }
}

extension CategoricalDistribution: Codable {
  enum CodingKeys: String, CodingKey {
    case space
    case probabilities
  }

  /// Reads the space and the probabilities, which stay as they were written.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let space = try container.decode(ChoiceSpace.self, forKey: .space)
    let probabilities = try container.decode([[Double]].self, forKey: .probabilities)
    do throws(ArchitectureSearchError) {
      try self.init(space: space, probabilities: probabilities)
    } catch {
      throw DecodingError.dataCorruptedError(
        forKey: .probabilities, in: container, debugDescription: error.description)
    }
  }
}
